"""Runs inside an interpreter that has llm_shield on its path and, for single texts, llm-guard installed.

    inside_python_peer.py single TEXTS.json TURNS     microseconds a scan of both packages, turn by turn
    inside_python_peer.py batch TEXTS.jsonl THREADS   texts a second of a list and, with pyarrow, of a column
"""

import importlib
import json
import sys
import time
from pathlib import Path

BANNED = ["ransomware", "a keylogger", "privilege escalation", "a rootkit", "cryptojacking"]
PATTERNS = [r"ORD-[0-9]{6}"]
#: Seconds that a measurement takes at least.
ENOUGH = 0.25


def scanners(package):
    """The same three of either package."""
    found = importlib.import_module(f"{package}.input_scanners")
    return [found.BanSubstrings(BANNED), found.Secrets(), found.Regex(PATTERNS)]


def single(path, turns):
    texts = json.loads(Path(path).read_text("utf-8"))
    importlib.import_module("llm_guard.util").configure_logger("ERROR")
    packages = {}
    for package in ("llm_guard", "llm_shield"):
        scan_prompt = importlib.import_module(package).scan_prompt
        packages[package] = (scan_prompt, scanners(package))
    results = [[scan(list_, text)[:2] for text in texts] for scan, list_ in packages.values()]
    rows = {"texts": len(texts), "equal": sum(one == other for one, other in zip(*results))}
    for _ in range(turns):
        for package, (scan, list_) in packages.items():
            rows.setdefault(f"{package}_us", []).append(microseconds(scan, list_, texts))
    return rows


def microseconds(scan, list_, texts):
    """For one text, on average over whole rounds."""
    rounds = 0
    started = time.perf_counter()
    while True:
        for text in texts:
            scan(list_, text)
        rounds += 1
        taken = time.perf_counter() - started
        if taken > ENOUGH:
            return taken / rounds / len(texts) * 1e6


def batch(path, threads):
    from llm_shield import scan_prompt_batch

    texts = [json.loads(line) for line in Path(path).read_text("utf-8").splitlines()]
    list_ = scanners("llm_shield")
    rows = {"scan_prompt_batch": rate(lambda: scan_prompt_batch(list_, texts, workers=threads), len(texts))}
    try:
        import pyarrow
    except ImportError:
        return rows
    from llm_shield import arrow

    column = pyarrow.array(texts)
    rows["arrow.scan_prompts"] = rate(lambda: arrow.scan_prompts(list_, column, workers=threads), len(texts))
    return rows


def rate(scan, count):
    scan()
    rounds = 0
    started = time.perf_counter()
    while time.perf_counter() - started < 4 * ENOUGH:
        scan()
        rounds += 1
    return rounds * count / (time.perf_counter() - started)


if __name__ == "__main__":
    mode, file, number = sys.argv[1:]
    json.dump({"single": single, "batch": batch}[mode](file, int(number)), sys.stdout)
