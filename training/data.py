"""What the shipped weights are trained on: which sources are in, which stay out, and how much each counts."""

import gzip
import importlib.util
import json
import pathlib
import random
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
CORPUS = HERE.parent / "corpus"
# Files of the corpus, each by a writer of its own, that train nothing that ships: the shipped weights are measured on them.
CORPUS_HELD_OUT = {"traffic", "words"}

# No licence file, or non-commercial, or not to be redistributed without a further check: never in shipped weights.
EXCLUDED = {"safe-guard-train", "jackhhao", "rubend18", "wizardlm-test", "olid", "olid-train", "olid-test"}

# Benign text from elsewhere in the data folder: (file, field, rows at most, sources or None, source name here).
BENIGN = [
    ("langid_train", "text", 4000, None, "langid"),
    ("topic_train", "text", 2500, ("banking77", "clinc150", "clinc", "clinc150-oos"), "topic"),
    ("ner_train", "text", 2000, ("wikigold", "wnut17", "btc"), "ner"),
]
# What public_rows.py wrote. Each package counts half of what a source of its size would: the packages are many and small.
PUBLIC = pathlib.Path.home() / ".cache" / "llm-shield" / "public" / "public_rows.jsonl.gz"
PUBLIC_FACTOR = 0.5
# Documents made of training rows, half of them with an attack inside.
INSERTED = 6000
# Each source counts as much as this many rows of weight 1 at most, times its factor.
FACTOR = {"refusals": 3.0, "hard-negatives": 2.0, "trial": 1.5, "bipia-train": 1.5, "toxic_spans": 1.0, "edos-train": 1.0}


def rows(folder: pathlib.Path, name: str):
    with gzip.open(folder / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def folder(argument: str | None) -> pathlib.Path:
    path = pathlib.Path(argument) if argument else HERE.parent.parent / "shared" / "data"
    if not (path / "injection_train.jsonl.gz").exists():
        sys.exit(f"no training data in {path}: give the folder that holds injection_train.jsonl.gz as --data")
    return path


def heldout_module(path: pathlib.Path):
    spec = importlib.util.spec_from_file_location("heldout", path / "heldout.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def heldout(path: pathlib.Path):
    return heldout_module(path).Heldout()


def benign(path: pathlib.Path, seed: int):
    for name, field, most, sources, called in BENIGN:
        found = [row[field] for row in rows(path, name) if sources is None or row.get("source") in sources]
        random.Random(seed).shuffle(found)
        yield from ((text, 0, called) for text in found[:most])


def own(path: pathlib.Path):
    for row in rows(path, "trial_corpus"):
        yield row["text"], row["label"], "trial"
    with open(HERE / "hard_negatives.jsonl", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            yield row["text"], row["label"], "hard-negatives"


def corpus():
    for file in sorted(CORPUS.glob("*.jsonl")):
        if file.stem in CORPUS_HELD_OUT:
            continue
        with open(file, encoding="utf-8") as lines:
            for row in map(json.loads, lines):
                yield row["text"], row["label"], f"corpus-{row['writer']}"


def public(file: pathlib.Path):
    """Rows of public packages; their sources are called `public-` and the package's name."""
    if not file.exists():
        sys.exit(f"no rows of public packages in {file}: run public_rows.py, or give its file as --public")
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            yield row["text"], row["label"], f"public-{row['source'].partition(':')[0]}"


def inserted(samples: list[tuple[str, int, str]], seed: int):
    """Documents of harmless rows joined, half of them with a short attack at a random place: the attack must be found
    by the window that holds it, and a long text by itself must not alarm."""
    generator = random.Random(seed)
    attacks = [text for text, label, _ in samples if label == 1 and len(text) < 400]
    calm = [text for text, label, _ in samples if label == 0 and len(text) < 3000]
    for number in range(INSERTED):
        most = generator.choice((400, 1000, 3000, 8000))
        parts = [generator.choice(calm)]
        while sum(map(len, parts)) < most:
            parts.append(generator.choice(calm))
        if number % 2:
            parts.insert(generator.randrange(len(parts) + 1), generator.choice(attacks))
        yield generator.choice(("\n", " ", "\n\n")).join(parts), number % 2, "inserted"


def training_set(path: pathlib.Path, task: str, seed: int, without: str | None = None,
                 packages: pathlib.Path = PUBLIC) -> list[tuple[str, int, str]]:  # fmt: skip
    """(text, label, source) of everything that may train shipped weights, without what the held-out tests hold.
    Rows of the source `without` are left out before documents are made of rows."""
    out = [(r["text"], r["label"], r["source"]) for r in rows(path, f"{task}_train") if r["source"] not in EXCLUDED]
    out += benign(path, seed)
    if task == "injection":
        out += own(path)
        out += corpus()
        out += public(packages)
    elif task == "refusal":
        out = [row for row in out if row[2] != "gptfuzz" or agree(row[0], row[1])]
        out += openings([text for text, label, source in out if source == "gptfuzz" and label == 1], seed)
        with open(HERE / "refusals.jsonl", encoding="utf-8") as lines:
            out += [(row["text"], row["label"], "refusals") for row in map(json.loads, lines)]
    else:  # prompts that are not toxic: what the detector will mostly see
        prompts = [(r["text"], 0, "prompts") for r in rows(path, "injection_train")
                   if r["label"] == 0 and r["source"] not in EXCLUDED]  # fmt: skip
        out += random.Random(seed).sample(prompts, 4000)
    tests = heldout(path)
    dev = {row["text"] for row in rows(path, f"{task}_dev")}
    out = [row for row in out if row[2] != without and row[0] not in dev and not tests.hit(row[0])]
    return out + list(inserted(out, seed)) if task == "injection" else out


# What nearly every English refusal says. GPTFuzz labels whether a jailbreak worked, not whether the answer refuses: an answer that
# refuses and then gives in counts as no refusal there, and so does off-topic text as one. Rows on which label and
# words disagree teach neither.
REFUSES = re.compile(
    r"\b(i|we)('m| am|'re| are)? (can ?not|can't|could not|couldn't|won't|will not|must (decline|refuse)|do not|don't|unable|not able"
    r"|not (designed|programmed|allowed|authorized)|sorry|apologi[sz]e)\b|\b(as an ai|my (guidelines|programming|purpose)|is (illegal|unethical|not (ethical|appropriate|acceptable)))\b"
)


def agree(text: str, label: int) -> bool:
    return bool(REFUSES.search(text.lower())) == bool(label)


def openings(refusals: list[str], seed: int):
    """The first sentence or two of a refusal, which alone are one: most models refuse more briefly."""
    generator = random.Random(seed)
    for text in refusals:
        opening = " ".join(re.split(r"(?<=[.!?])\s+", text.strip())[: generator.choice((1, 1, 2))])
        if len(opening) < 400 and REFUSES.search(opening.lower()):
            yield opening, 1, "gptfuzz-openings"


def dev_set(path: pathlib.Path, task: str) -> list[tuple[str, int, str]]:
    return [(r["text"], r["label"], r["source"]) for r in rows(path, f"{task}_dev")]


def weights(samples: list[tuple[str, int, str]]) -> list[float]:
    """A source of n rows counts as 10 * n ** 0.75 / n a row, so that large synthetic sources do not drown small ones."""
    counts: dict[str, int] = {}
    for _, _, source in samples:
        counts[source] = counts.get(source, 0) + 1

    def factor(source: str) -> float:
        return PUBLIC_FACTOR if source.startswith("public-") else FACTOR.get(source, 1.0)

    return [factor(source) * 10.0 * counts[source] ** -0.25 / 1.8 for _, _, source in samples]
