"""Writes what was measured: JSON with everything, CSV with one figure a line, a Markdown table, and a chart.

All of it comes from the measured results; nothing is typed.
"""

import csv
import json
import os
import platform
import subprocess
from pathlib import Path

from . import installed

HERE = Path(__file__).resolve().parent
RESULTS = HERE.parents[1] / "results" / "peers"
FIELDS = ["tool", "version", "measure", "metric", "value", "low", "high", "unit", "of"]


def machine():
    """What the figures were measured on."""
    name = platform.processor() or platform.machine()
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            name = next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), name)
    except OSError:
        pass
    return {"processor": name, "cores": os.cpu_count(), "system": f"{platform.system()} {platform.release()}"}


def write(results, out, stem, table):
    """Writes the results so far; called after each tool, so that a crash loses nothing."""
    out.mkdir(parents=True, exist_ok=True)
    replace(out / f"{stem}.json", json.dumps(results, indent=1, ensure_ascii=False) + "\n")
    lines = [FIELDS] + [[row.get(name) for name in FIELDS] for row in figures(results)]
    partial = out / f"{stem}.csv.partial"
    with open(partial, "w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(lines)
    os.replace(partial, out / f"{stem}.csv")
    replace(out / f"{stem.upper()}.md", table(results))


def replace(path, text):
    partial = path.with_suffix(path.suffix + ".partial")
    partial.write_text(text, encoding="utf-8")
    os.replace(partial, path)


def figures(results):
    """One row a figure."""
    for tool, result in results["tools"].items():
        for measure, metrics in result["measures"].items():
            if "failed" in metrics:
                yield {"tool": tool, "version": result["version"], "measure": measure, "metric": "failed", "unit": metrics["failed"]}
                continue
            for metric, figure in metrics["figures"].items():
                yield {"tool": tool, "version": result["version"], "measure": measure, "metric": metric, **figure}


def figure(value, unit, low=None, high=None, of=None):
    """A figure; `of` says how many things it was counted on."""
    rounded = lambda number: None if number is None else float(f"{number:.6g}")
    return {"value": rounded(value), "unit": unit, "low": rounded(low), "high": rounded(high), "of": of}


def cell(result, measure, metric, digits=3, scale=1.0):
    """A figure of the table: value [low, high]; a dash where it was not measured; `failed` where it failed."""
    metrics = result["measures"].get(measure)
    if metrics is None:
        return "–"
    if "failed" in metrics:
        return "failed"
    found = metrics["figures"].get(metric)
    if found is None or found["value"] is None:
        return "–"
    show = lambda number: f"{number * scale:,.{digits}f}"
    if found["low"] is None or found["low"] == found["high"]:
        return show(found["value"])
    return f"{show(found['value'])} [{show(found['low'])}, {show(found['high'])}]"


def markdown_table(header, rows):
    lines = [header, ["---"] * len(header)] + rows
    return "\n".join("| " + " | ".join(str(text).replace("|", "\\|") for text in line) + " |" for line in lines) + "\n"


def failures(results):
    lines = [
        f"- {tool}, {measure}: {metrics['failed']}"
        for tool, result in results["tools"].items()
        for measure, metrics in result["measures"].items()
        if "failed" in metrics
    ]
    return "\nFailed:\n" + "\n".join(lines) + "\n" if lines else ""


def heading(results, title):
    where = results["machine"]
    sample = "**A sample, to try the script out; not a result.**\n\n" if results["sample"] else ""
    return (
        f"# {title}\n\n{sample}Written by `{results['command']}` at {results['started']} (UTC), on {where['processor']}, {where['cores']} "
        f"cores, {where['system']}.\n"
    )


def chart(out, stem, home):
    """Draws the chart with matplotlib in its own environment; says why when it cannot."""
    measured = json.loads((out / f"{stem}.json").read_text(encoding="utf-8"))
    if not any("figures" in metrics for tool in measured["tools"].values() for metrics in tool["measures"].values()):
        return "no chart: nothing was measured"
    command = [installed.python("charts", home), HERE / "inside_charts.py", out / f"{stem}.json", out / f"{stem}.svg"]
    if not installed.is_ready("charts", home):
        return "no chart: matplotlib is not installed (run with --yes)"
    try:
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=300)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"no chart: {error}"
    return f"chart: {out / (stem + '.svg')}" if done.returncode == 0 else f"no chart: {done.stderr.strip()[-200:]}"
