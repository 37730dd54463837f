#!/usr/bin/env python3
"""LLM Shield's recognisers of personal data beside Presidio's, on the same rows, in one run.

Rows come from training/pii_rows.py or from a file: JSON Lines, plain or gzip, {"text": ..., "entities": [{"start": ...,
"end": ..., "kind": ...}]}, bytes, end exclusive, kinds by Presidio's names. A value is found when a finding of its kind overlaps it; a finding that overlaps no
span of its kind is false. Both are asked for the kinds that occur in the rows and that they know. Presidio comes from
PyPI, at a pinned version, with spaCy's small English model for names; it runs without network.

examples:
  python3 benchmarks/scripts/pii_peers.py --yes                         # 4,000 rows, about four minutes
  python3 benchmarks/scripts/pii_peers.py --rows rows.jsonl --sample 200 --tools llm-shield,presidio
"""

import argparse
import datetime
import shlex
import shutil
import sys
import tempfile
from pathlib import Path

from peers import installed, pii_measures, pii_table, report
from peers.running import Failed, as_script
from peers.secret_tools import ROOT, Context, ours_version


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = list(pii_measures.TOOLS)
    parser.add_argument("--rows", metavar="FILE", type=Path, help="labelled rows; without it they are generated")
    parser.add_argument("--generate", metavar="N", type=int, default=4000, help="how many rows to generate (4000)")
    parser.add_argument("--seed", metavar="N", type=int, default=7, help="seed of the generated rows (7)")
    parser.add_argument("--tools", metavar="A,B", default=",".join(names), help=f"some of: {', '.join(names)}")
    parser.add_argument("--sample", metavar="N", type=int, help="the first N rows: a trial, not a result")
    parser.add_argument("--threshold", metavar="X", type=float, default=0.5, help="scores from it on count (0.5, llm-guard's)")
    parser.add_argument("--timeout", metavar="S", type=float, default=1800, help="seconds for one run of a tool (1800)")
    parser.add_argument("--core", metavar="N", type=int, help="run the tools on this core alone; else on all")
    parser.add_argument("--binary", metavar="FILE", type=Path, default=ROOT / "target/release/llm-shield", help="ours")
    parser.add_argument("--out", metavar="FOLDER", type=Path, help="results; default benchmarks/results/peers, for a "
                        "sample a folder beside the environments")
    parser.add_argument("--home", metavar="FOLDER", type=Path, default=installed.HOME, help="environments")
    parser.add_argument("--yes", action="store_true", help="install what is missing without asking")
    chosen = parser.parse_args()
    chosen.tools = [name.strip() for name in chosen.tools.split(",") if name.strip()]
    unknown = [name for name in chosen.tools if name not in names]
    if unknown or not chosen.tools:
        parser.error(f"--tools: {unknown[0] if unknown else 'nothing'} is none of {', '.join(names)}")
    if chosen.sample is not None and chosen.sample < 1:
        parser.error("--sample must be at least 1")
    if not 0 <= chosen.threshold <= 1:
        parser.error("--threshold is from 0 to 1")
    return chosen


def measure_tool(tool, rows, chosen, shared, context, unavailable):
    """(version, measures) of one tool."""
    if unavailable:
        return None, {"failed": unavailable}
    try:
        version, measures = pii_measures.measure(tool, rows, chosen.threshold, shared, context)
        return version or ours_version(context), measures
    except Failed as error:
        return None, {"failed": str(error)}
    except (KeyError, IndexError, TypeError, ValueError, OSError) as error:
        return None, {"failed": f"its output was not understood: {type(error).__name__}: {error}"[:300]}


def main():
    chosen = arguments()
    peers = [tool for tool in chosen.tools if pii_measures.TOOLS[tool] is not None]
    if len(peers) < len(chosen.tools) and not chosen.binary.is_file():
        sys.exit(f"{chosen.binary} is not there: cargo build --release, or name it with --binary")
    packages = (["presidio"] if peers else []) + ([] if chosen.rows else ["rows"]) + ["charts"]
    failures = installed.ask_and_install(packages, chosen.home, chosen.yes)
    if "rows" in failures:
        raise Failed(f"no rows: {failures['rows']}")
    scratch = Path(tempfile.mkdtemp(prefix="llm-shield-peers-"))
    out = chosen.out or (report.RESULTS if chosen.sample is None else chosen.home / "sample-results")
    try:
        context = Context(chosen.home, scratch, chosen.binary.resolve(), chosen.timeout, chosen.core)
        rows = pii_measures.read_rows(chosen.rows or pii_measures.generate(chosen.generate, chosen.seed, context), chosen.sample)
        kinds = pii_measures.kinds_of(rows)
        results = {
            "command": f"python3 benchmarks/scripts/pii_peers.py {shlex.join(sys.argv[1:])}",
            "started": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M"),
            "machine": report.machine(), "sample": chosen.sample, "threshold": chosen.threshold,
            "inputs": {"rows": len(rows), "spans": sum(len(spans) for _, spans in rows), "kinds": kinds},
            "tools": {},
        }
        # Presidio with its defaults first: the kinds that it knows are those on which all can be compared alike.
        shared = set(kinds)
        for tool in sorted(chosen.tools, key=lambda tool: pii_measures.TOOLS[tool] is None):
            print(f"{tool} …", flush=True)
            version, measures = measure_tool(tool, rows, chosen, shared, context, tool in peers and failures.get("presidio"))
            results["tools"][tool] = {"version": version, "note": pii_measures.NOTES[tool], "measures": {"rows": measures}}
            report.write(results, out, "pii", pii_table.table)
            print(f"  {pii_table.short(measures)}", flush=True)
        print(report.chart(out, "pii", chosen.home))
        print((out / "PII.md").read_text(encoding="utf-8"))
        print(f"results: {out}")
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    as_script(main, "pii_peers.py")
