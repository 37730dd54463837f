#!/usr/bin/env python3
"""LLM Shield's secret scanner beside its peers, on the same rows and files, in one run.

Peers are real programs from PyPI at pinned versions, each in its own virtual environment outside the repository, with
their look-ups over the network switched off. Needs Python 3.9 or later on Linux or macOS, and ours built for release
(`cargo build --release`). A tool that fails gives a row that says why. Results are written after each tool.

measures:
  creddata    labelled lines of CredData as files: precision, recall, F1, 95 % interval over repositories
  examples    published examples of two rule sets: share of valid and of invalid ones with a finding
  mixed       50 MB of prose and code from packages on this machine, with planted random tokens: MB a CPU second,
              recall, findings elsewhere
  prose, code 10 MB each with nothing planted: findings a MB, MB a CPU second
  start       CPU milliseconds for a file of a few words
  in_process  microseconds for one text of 60 B, 1 KB, 100 KB, where the tool has a library

examples:
  python3 benchmarks/scripts/secret_peers.py --yes                     # everything, about half an hour
  python3 benchmarks/scripts/secret_peers.py --sample 300 --tools llm-shield,gitleaks
  python3 benchmarks/scripts/secret_peers.py --measures creddata --out /tmp/peers
"""

import argparse
import datetime
import shlex
import shutil
import sys
import tempfile
import time
from pathlib import Path

from peers import corpus, installed, report, secret_measures, secret_table
from peers.running import Failed, as_script
from peers.secret_tools import ROOT, TOOLS, Context

MEASURES = ["start", "creddata", "examples", "mixed", "prose", "code", "in_process"]
# What a corpus holds; a sample of N rows takes N / 10,000 of it.
MIXED_BYTES, CLEAN_BYTES, FULL_ROWS = 50e6, 10e6, 10_000


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = [tool.name for tool in TOOLS]
    parser.add_argument("--tools", metavar="A,B", default=",".join(names), help=f"some of: {', '.join(names)}")
    parser.add_argument("--measures", metavar="A,B", default=",".join(MEASURES), help=f"some of: {', '.join(MEASURES)}")
    parser.add_argument("--sample", metavar="N", type=int, help="N rows and corpora to match: a trial, not a result")
    parser.add_argument("--repeats", metavar="N", type=int, default=3, help="timed runs, of which the median counts (3)")
    parser.add_argument("--seed", metavar="N", type=int, default=4, help="draws the planted tokens (4)")
    parser.add_argument("--timeout", metavar="S", type=float, default=1800, help="seconds for one run of a tool (1800)")
    parser.add_argument("--core", metavar="N", type=int, help="run the tools on this core alone; else on all")
    parser.add_argument("--binary", metavar="FILE", type=Path, default=ROOT / "target/release/llm-shield", help="ours")
    parser.add_argument("--data", metavar="FOLDER", type=Path, default=ROOT.parent / "shared/data",
                        help="where creddata_dev.jsonl.gz and secret_examples.jsonl.gz are")
    parser.add_argument("--out", metavar="FOLDER", type=Path, help="results; default benchmarks/results/peers, for a "
                        "sample a temporary folder")
    parser.add_argument("--home", metavar="FOLDER", type=Path, default=installed.HOME, help="environments and corpora")
    parser.add_argument("--yes", action="store_true", help="install what is missing without asking")
    chosen = parser.parse_args()
    chosen.tools = pick(parser, "--tools", chosen.tools, names)
    chosen.measures = pick(parser, "--measures", chosen.measures, MEASURES)
    if chosen.repeats < 1 or (chosen.sample is not None and chosen.sample < 1):
        parser.error("--repeats and --sample must be at least 1")
    return chosen


def pick(parser, option, text, names):
    chosen = [name.strip() for name in text.split(",") if name.strip()]
    unknown = [name for name in chosen if name not in names]
    if unknown or not chosen:
        parser.error(f"{option}: {unknown[0] if unknown else 'nothing'} is none of {', '.join(names)}")
    return chosen


def prepare(chosen, folder):
    """The measures, each with its files written; a measure whose input is missing is left out, aloud."""
    share = 1.0 if chosen.sample is None else min(1.0, chosen.sample / FULL_ROWS)
    texts = {"mixed", "prose", "code", "in_process"}.intersection(chosen.measures)
    prose = code = []
    if texts:
        say("gathering text from packages on this machine …")
        gathered = {kind: corpus.gather(kind, MIXED_BYTES * share / 2) for kind in ("prose", "code")}
        for kind, (files, origins) in gathered.items():
            say(f"  {kind}: {sum(origins.values()):,} bytes, {len(files)} files, sha256 {corpus.digest_of(files)[:16]}")
            for origin, size in sorted(origins.items()):
                say(f"    {size:>12,} {origin}")
        prose, code = gathered["prose"][0], gathered["code"][0]
    makers = {
        "start": lambda: secret_measures.Start(folder / "start", chosen.repeats),
        "creddata": lambda: secret_measures.Creddata(chosen.data / "creddata_dev.jsonl.gz", folder / "creddata", chosen.sample),
        "examples": lambda: secret_measures.Examples(chosen.data / "secret_examples.jsonl.gz", folder / "examples", chosen.sample),
        "mixed": lambda: secret_measures.Mixed(prose, code, folder / "mixed", chosen.seed, chosen.repeats),
        "prose": lambda: secret_measures.Clean("prose", head(prose, CLEAN_BYTES * share), folder / "prose", chosen.repeats),
        "code": lambda: secret_measures.Clean("code", head(code, CLEAN_BYTES * share), folder / "code", chosen.repeats),
        "in_process": lambda: secret_measures.InProcess(prose, folder / "texts"),
    }
    measures = []
    for name in MEASURES:
        if name in chosen.measures:
            try:
                measures.append(makers[name]())
            except Failed as error:
                say(f"left out: {name}: {error}")
    return measures


def head(files, bytes_max):
    taken, size = [], 0
    for file in files:
        if size >= bytes_max:
            break
        taken.append(file)
        size += len(file[1])
    return taken


def say(text):
    print(text, flush=True)


def measure_tool(tool, measures, context, unavailable):
    if unavailable:
        return {"version": None, "note": tool.note, "measures": {measure.name: {"failed": unavailable} for measure in measures}}
    try:
        version = tool.version(context)
    except Failed as error:
        return {"version": None, "note": tool.note, "measures": {measure.name: {"failed": str(error)} for measure in measures}}
    say(f"{tool.name} {version}")
    done = {}
    for measure in measures:
        started = time.monotonic()
        try:
            result = measure.measure(tool, context)
        except Failed as error:
            result = {"failed": str(error)}
        except (KeyError, TypeError, ValueError, OSError) as error:
            # What a tool printed is not what its adapter knows; the others can still be measured.
            result = {"failed": f"its output was not understood: {type(error).__name__}: {error}"[:300]}
        if result is not None:
            done[measure.name] = result
        say(f"  {measure.name}: {time.monotonic() - started:.1f} s {secret_table.short(result)}")
    return {"version": version, "note": tool.note, "measures": done}


def main():
    chosen = arguments()
    tools = [tool for tool in TOOLS if tool.name in chosen.tools]
    if any(tool.package is None for tool in tools) and not chosen.binary.is_file():
        sys.exit(f"{chosen.binary} is not there: cargo build --release, or name it with --binary")
    packages = sorted({tool.package for tool in tools if tool.package}) + ["charts"]
    unavailable = installed.ask_and_install(packages, chosen.home, chosen.yes)
    scratch = Path(tempfile.mkdtemp(prefix="llm-shield-peers-"))
    out = chosen.out or (report.RESULTS if chosen.sample is None else chosen.home / "sample-results")
    try:
        context = Context(chosen.home, scratch, chosen.binary.resolve(), chosen.timeout, chosen.core)
        measures = prepare(chosen, scratch)
        if not measures:
            raise Failed("nothing to measure")
        results = {
            "command": f"python3 benchmarks/scripts/secret_peers.py {shlex.join(sys.argv[1:])}".strip(),
            "started": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M"),
            "machine": report.machine(), "sample": chosen.sample, "repeats": chosen.repeats,
            "inputs": {measure.name: measure.about for measure in measures}, "tools": {},
        }
        for tool in tools:
            results["tools"][tool.name] = measure_tool(tool, measures, context, unavailable.get(tool.package))
            report.write(results, out, "secrets", secret_table.table)
        say(report.chart(out, "secrets", chosen.home))
        say((out / "SECRETS.md").read_text(encoding="utf-8"))
        say(f"results: {out}")
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    as_script(main, "secret_peers.py")
