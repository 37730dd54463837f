"""Runs inside matplotlib's environment: draws results.json as an SVG of bar charts, one panel a question."""

import json
import sys

import matplotlib

matplotlib.use("svg")
# Text stays text, and the same figures give the same file.
matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "llm-shield", "font.size": 9})
import matplotlib.pyplot as plot  # noqa: E402

OURS, PEER = "#d1495b", "#6b7a8f"
# File stem -> (measure, metric, title, whether the axis is logarithmic).
PANELS = {
    "secrets": [
        ("creddata", "f1", "F1, CredData lines (95 %)", False),
        ("mixed", "mb_per_cpu_s", "MB a CPU second, prose and code", True),
        ("mixed", "recall_provider", "Recall, planted provider tokens", False),
        ("code", "findings_per_mb", "Findings a MB of clean code", False),
        ("prose", "findings_per_mb", "Findings a MB of clean prose", False),
        ("examples", "valid_found", "Published valid examples found", False),
    ],
    "pii": [
        ("rows", "precision", "Precision", False),
        ("rows", "recall", "Recall", False),
        ("rows", "f1", "F1", False),
        ("rows", "us_a_text", "µs a text", True),
    ],
}


def draw(results, panels):
    measured = [panel for panel in panels if values_of(results, *panel[:2])] or panels[:1]
    columns = 2
    lines = (len(measured) + columns - 1) // columns
    names = len(results["tools"])
    sheet, axes = plot.subplots(lines, columns, figsize=(9.5, lines * (0.9 + 0.25 * names)), squeeze=False)
    for axis in list(axes.flat)[len(measured):]:
        axis.set_visible(False)
    for axis, (measure, metric, title, logarithmic) in zip(axes.flat, measured):
        values = values_of(results, measure, metric)[::-1]
        axis.barh([name for name, _ in values], [figure["value"] for _, figure in values],
                  color=[OURS if name == "llm-shield" else PEER for name, _ in values])
        for place, (_, figure) in enumerate(values):
            if figure["low"] is not None and figure["high"] is not None:
                axis.plot([figure["low"], figure["high"]], [place, place], color="black", linewidth=1)
            axis.annotate(f" {figure['value']:.3g}", (max(figure["value"], figure["high"] or 0), place), va="center", fontsize=8)
        if logarithmic:
            axis.set_xscale("log")
        axis.margins(x=0.15)
        axis.set_title(title, fontsize=10, loc="left")
        axis.spines[["top", "right"]].set_visible(False)
    note = "SAMPLE, not a result. " if results["sample"] else ""
    sheet.text(0.01, 0.005, f"{note}{results['started']} UTC, {results['machine']['processor']}", fontsize=7)
    sheet.tight_layout(rect=(0, 0.02, 1, 1))
    return sheet


def values_of(results, measure, metric):
    found = [(name, result["measures"].get(measure, {}).get("figures", {}).get(metric)) for name, result in results["tools"].items()]
    return [(name, figure) for name, figure in found if figure and figure["value"] is not None]


if __name__ == "__main__":
    source, target = sys.argv[1:]
    with open(source, encoding="utf-8") as file:
        measured = json.load(file)
    kind = source.rsplit("/", 1)[-1].split(".")[0]
    draw(measured, PANELS[kind]).savefig(target, metadata={"Date": None, "Creator": None})
