#!/usr/bin/env python3
"""The Python package beside llm-guard, in one process; its batches beside the engine itself; and what importing costs.

Needs a wheel (python3 -m pip wheel ./python --no-deps -w dist), the engine's example (cargo build --release -p llm-shield
--example batch_rate) and an interpreter with llm-guard 0.3.16, of which nothing is changed: the wheel is unpacked into a
temporary folder, which stands on that interpreter's path for the run.

Single texts: both packages scan the same texts with BanSubstrings, Secrets and Regex, in turns; a row is the median over
the turns, with its quartiles, and the quotient is taken within each turn. Batches: the same scanners over a list and over
an Arrow column, on all processors, in turns with the engine without Python.

example:
  python3 benchmarks/scripts/python_peer.py --wheel dist/llm_shield-*.whl --peer ~/.cache/llm-shield/peers/llm-guard-0.3.16/bin/python
"""

import argparse
import compileall
import datetime
import json
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
INSIDE = Path(__file__).parent / "peers" / "inside_python_peer.py"
WORDS = (
    "the a please could you explain how this report works for our team and why sales rose in march compare with last year "
    "write an answer about customer support returns invoices shipping delays summarise following meeting notes value of "
    "x = 17 def total(items): return sum(items) user_id: 48213 status=ok https://example.org/docs?page=2 Ada Berlin 2024-05-01"
).split()
SIZES = {"60 B": 60, "1 KB": 1024}
IMPORTS = {
    "llm_shield": "import llm_shield",
    "llm_shield and all scanners": "import llm_shield, llm_shield.input_scanners, llm_shield.output_scanners",
}


def texts(size, count, seed):
    """Texts of about `size` bytes; one in ten with a banned phrase, one in ten with a number to redact."""
    drawn = random.Random(seed)
    made = []
    for number in range(count):
        words = []
        if number % 10 == 3:
            words.append("ransomware")
        if number % 10 == 7:
            words.append(f"ORD-{drawn.randrange(10**6):06}")
        while sum(map(len, words)) + len(words) < size:
            words.append(drawn.choice(WORDS))
        made.append(" ".join(words)[:size])
    return made


def unpack(wheel, folder):
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    compileall.compile_dir(folder, quiet=2)


def run(command, folder=None):
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    if folder:
        environment["PYTHONPATH"] = str(folder)
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode:
        sys.exit(f"{command[0]} ended with {done.returncode}:\n{done.stderr[-2000:]}")
    return done.stdout


def spread(values):
    """Median and quartiles."""
    low, middle, high = statistics.quantiles(values, n=4) if len(values) > 1 else values * 3
    return f"{middle:.3g} ({low:.3g}–{high:.3g})"


def import_times(python, folder, repeats):
    """Milliseconds of CPU by statement, each in a process of its own, interpreter start not counted."""
    code = "import time; t = time.process_time(); {}; print((time.process_time() - t) * 1000)"
    return {
        name: [float(run([python, "-c", code.format(statement)], folder)) for _ in range(repeats)]
        for name, statement in IMPORTS.items()
    }


def batches(python, folder, rate, repeats, workers):
    """By size, texts a second of each way, turn by turn."""
    found = {}
    for size, length in SIZES.items():
        listed = texts(length, 40_000 if length < 100 else 8_000, seed=length)
        with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
            file.writelines(json.dumps(text) + "\n" for text in listed)
            file.flush()
            for _ in range(repeats):
                engine = json.loads(run([rate, file.name, "1.5", str(workers)]))[str(workers)]
                ours = json.loads(run([python, str(INSIDE), "batch", file.name, str(workers)], folder))
                for way, value in {"the engine": engine, **ours}.items():
                    found.setdefault(size, {}).setdefault(way, []).append(value)
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wheel", type=Path, required=True, help="the package, built with optimisation")
    parser.add_argument("--peer", type=Path, help="an interpreter with llm-guard; without it single texts are left out")
    parser.add_argument("--python", default=sys.executable, help="the interpreter for batches and imports; pyarrow adds a row")
    parser.add_argument("--rate", type=Path, default=ROOT / "target/release/examples/batch_rate", help="the engine's example")
    parser.add_argument("--repeats", type=int, default=9, help="turns (9)")
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)), help="threads of a batch (all)")
    parser.add_argument("--out", type=Path, help="where to write the rows, as JSON")
    chosen = parser.parse_args()
    rows = {
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "machine": f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}",
        "load": os.getloadavg(),
    }
    with tempfile.TemporaryDirectory() as folder:
        unpack(chosen.wheel, folder)
        print(f"{rows['date']}, {rows['machine']}, load {rows['load'][0]:.1f}; median (quartiles) of {chosen.repeats} turns")
        if chosen.peer:
            rows["single"] = {}
            for size, length in SIZES.items():
                with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
                    json.dump(texts(length, 40, seed=length), file)
                    file.flush()
                    turns = json.loads(run([chosen.peer, str(INSIDE), "single", file.name, str(chosen.repeats)], folder))
                rows["single"][size] = turns
                quotients = [theirs / ours for theirs, ours in zip(turns["llm_guard_us"], turns["llm_shield_us"])]
                print(
                    f"scan_prompt, {size}: llm_guard {spread(turns['llm_guard_us'])} us, llm_shield "
                    f"{spread(turns['llm_shield_us'])} us, {spread(quotients)} times faster; same verdicts and texts for "
                    f"{turns['equal']} of {turns['texts']}"
                )
        rows["batch"] = batches(chosen.python, folder, chosen.rate, chosen.repeats, chosen.workers)
        for size, ways in rows["batch"].items():
            for way, rates in ways.items():
                quotients = [rate / engine for rate, engine in zip(rates, ways["the engine"])]
                print(f"batch, {size}, {chosen.workers} threads, {way}: {spread(rates)} texts/s, {spread(quotients)} of the engine")
        rows["import_ms"] = import_times(chosen.python, folder, max(chosen.repeats, 9))
        for name, times in rows["import_ms"].items():
            print(f"import {name}: {spread(times)} ms of CPU")
    if chosen.out:
        chosen.out.write_text(json.dumps(rows, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
