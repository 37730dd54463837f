"""Measures a detector with several labels on its development rows: accuracy, each source and label, the commonest confusions.

    VENV/bin/python evaluate_labels.py --task language --data ../../shared/data [--json]

Intervals are 95 % by 1,000 bootstrap samples of the rows.
"""

import argparse
import collections
import json
import pathlib

import numpy as np

import data
import label_data
from label_model import load
from train import OUT


def interval(right: np.ndarray, rounds: int = 1000) -> list[float]:
    generator = np.random.default_rng(7)
    drawn = [right[generator.integers(0, len(right), len(right))].mean() for _ in range(rounds)]
    return [round(float(np.quantile(drawn, q)), 4) for q in (0.025, 0.975)]


def accuracy(right: np.ndarray) -> dict:
    return {"n": len(right), "accuracy": round(float(right.mean()), 4), "interval": interval(right)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--task", choices=list(label_data.TASKS), required=True)
    parser.add_argument("--data")
    parser.add_argument("--model", type=pathlib.Path)
    parser.add_argument("--json", action="store_true")
    a = parser.parse_args()
    model = load(a.model or OUT / f"{a.task}.bin")
    rows = list(label_data.TASKS[a.task][1](data.folder(a.data)))
    scores = np.array([model.probabilities(text) for text, *_ in rows])
    truth = np.array([label for _, label, _ in rows])
    sources = np.array([source for *_, source in rows])
    said = np.array(model.labels)[scores.argmax(axis=1)]
    right = said == truth
    out = {"all": accuracy(right), "mean_confidence": round(float(scores.max(axis=1).mean()), 4), "sources": {}, "labels": {}}
    commonest = collections.Counter(truth).most_common(1)[0]
    out["baseline"] = {"always": commonest[0], "accuracy": round(commonest[1] / len(rows), 4)}
    for source in sorted(set(sources)):
        out["sources"][str(source)] = accuracy(right[sources == source])
    for label in sorted(set(truth)):
        of, as_ = truth == label, said == label
        precision = float((right & as_).sum() / max(as_.sum(), 1))
        out["labels"][str(label)] = {"n": int(of.sum()), "recall": round(float(right[of].mean()), 4), "precision": round(precision, 4)}
    confused = collections.Counter((str(t), str(s)) for t, s in zip(truth, said) if t != s)
    out["confused"] = [[*pair, count] for pair, count in confused.most_common(20)]
    if a.json:
        print(json.dumps(out, indent=1))
        return
    for key in ("all", "mean_confidence", "baseline"):
        print(key, out[key])
    for key in ("sources", "labels"):
        for name, figures in out[key].items():
            print(f"{key[:-1]} {name:24}", figures)
    print("confused", out["confused"])


if __name__ == "__main__":
    main()
