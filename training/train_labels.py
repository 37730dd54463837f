"""Trains one detector with several labels and writes its weights.

    VENV/bin/python train_labels.py --task language --data ../../shared/data    # a minute on one core

The same data and seed give the same file. The development files are never read here except to drop training texts that stand in
them; `evaluate_labels.py` measures on them.
"""

import argparse
import collections
import pathlib

import data
import label_data
from label_features import LETTERS, TOKENS
from label_model import fit
from train import OUT

# reading, log2 of the number of buckets, epochs
SHAPE = {"language": (LETTERS, 13, 8), "gibberish": (LETTERS, 16, 6), "code_language": (TOKENS, 14, 10)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--task", choices=list(label_data.TASKS), required=True)
    parser.add_argument("--data", help="the data folder (default: ../../shared/data)")
    parser.add_argument("--out", type=pathlib.Path, help="the weights file (default: in llm-shield-models)")
    parser.add_argument("--packages", type=pathlib.Path, help="for all but language: what code_corpus.py wrote")
    parser.add_argument("--bits", type=int, help="log2 of the number of buckets")
    parser.add_argument("--seed", type=int, default=7)
    a = parser.parse_args()
    reading, bits, epochs = SHAPE[a.task]
    more = {"packages": a.packages} if a.task != "language" else {}
    rows = list(label_data.TASKS[a.task][0](data.folder(a.data), a.seed, **more))
    names = sorted({label for _, label, _ in rows})
    counts = collections.Counter(label for _, label, _ in rows)
    print(f"{len(rows)} texts, {len(names)} labels: {dict(counts.most_common())}")
    print(dict(collections.Counter(source for *_, source in rows)))
    # A label of n texts weighs as if it had n ** 0.5 times the mean of the roots.
    importance = [counts[label] ** -0.5 for _, label, _ in rows]
    mean = sum(importance) / len(importance)
    model = fit([text for text, *_ in rows], [names.index(label) for _, label, _ in rows], names, reading, a.bits or bits,
                importance=[weight / mean for weight in importance], epochs=epochs, seed=a.seed)  # fmt: skip
    path = a.out or OUT / f"{a.task}.bin"
    model.save(path)
    print(f"{path}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
