"""The figures of `llm-shield eval --json`, in Python: of labelled rows and the scores of the fast tier, or of other scores.

    VENV/bin/python figures.py --task injection ../corpus/*.jsonl
    VENV/bin/python figures.py --task injection --scores scores.jsonl ../corpus/*.jsonl   # as `eval --scores` writes them

The keys are those of `eval --json`; None where a figure is not defined. Intervals are the command's alone.
"""

import argparse
import gzip
import json
import math
import pathlib

import numpy as np

from evaluate import auc, calibration_error, recall_at
from model import load

OUT = pathlib.Path(__file__).resolve().parent.parent / "crates/llm-shield-models/weights"
# A value that fewer rows have stands under `others`.
ROWS_MIN = 10
LENGTHS = ((60, "1: to 60 characters"), (300, "2: 61 to 300"), (1000, "3: 301 to 1,000"), (3000, "4: 1,001 to 3,000"), (math.inf, "5: over 3,000"))  # fmt: skip
TRIGGERS = ("ignore", "disregard", "instructions", "system prompt", "jailbreak", "pretend", "you are now", "bypass")


def read(files) -> list[dict]:
    out = []
    for file in files:
        with (gzip.open if file.suffix == ".gz" else open)(file, "rt", encoding="utf-8") as lines:
            out += [json.loads(line) for line in lines if line.strip()]
    return out


def source(row: dict) -> str:
    return row.get("source") or (f"writer {row['writer']}" if row.get("writer") else "all")


def length(row: dict) -> str:
    return next(name for most, name in LENGTHS if len(row["text"]) <= most)


def ratio(part: float, of: float) -> float | None:
    return float(part / of) if of else None


def metrics(scores, labels, threshold, others=None) -> dict:
    """Of these rows; with `others`, (scores, labels) of the rows of the other label, ranked against those."""
    flagged, positive = scores > threshold, labels > 0
    found, alarms = int((flagged & positive).sum()), int((flagged & ~positive).sum())
    n, positives = len(labels), int(positive.sum())
    apart = others is not None
    ranked, truth = (np.concatenate([scores, others[0]]), np.concatenate([labels, others[1]])) if apart else (scores, labels)
    defined = lambda value: None if math.isnan(value) else value  # noqa: E731
    return {
        "n": n, "positives": positives,
        "precision": None if apart else ratio(found, found + alarms), "recall": ratio(found, positives),
        "f1": None if apart else ratio(2 * found, found + alarms + positives), "auc": defined(auc(ranked, truth)),
        "fpr": ratio(alarms, n - positives), "accuracy": None if apart else ratio(found + n - positives - alarms, n),
        "recall_at_1pct_fpr": defined(recall_at(ranked, truth, 0.01)),
        "recall_at_01pct_fpr": defined(recall_at(ranked, truth, 0.001)),
        "calibration_error": calibration_error(scores, labels),
    }  # fmt: skip


def slices(names, of) -> dict:
    """`of` the rows of each name, those of rare ones together."""
    places: dict[str, list[int]] = {}
    for place, name in enumerate(names):
        if name is not None:
            places.setdefault(name, []).append(place)
    rare = [place for rows in places.values() if len(rows) < ROWS_MIN for place in rows]
    out = {name: of(rows) for name, rows in places.items() if len(rows) >= ROWS_MIN}
    return out | ({"others": of(rare)} if rare else {})


def pairs(rows, scores, labels, threshold) -> dict | None:
    places: dict[str, list[int]] = {}
    for place, row in enumerate(rows):
        if row.get("pair"):
            places.setdefault(row["pair"], []).append(place)
    groups = [(scores[rows], labels[rows] > 0) for rows in map(np.array, places.values()) if 0 < labels[rows].sum() < len(rows)]
    if not groups:
        return None
    right = sum(bool(((of > threshold) == positive).all()) for of, positive in groups)
    ordered = sum(bool(of[positive].min() > of[~positive].max()) for of, positive in groups)
    return {name: {"found": count, "of": len(groups), "rate": count / len(groups)} for name, count in (("both_right", right), ("ordered", ordered))}


def figures(rows: list[dict], scores, threshold: float, triggers: bool = True) -> dict:
    scores, labels = np.asarray(scores, float), np.array([row["label"] for row in rows])
    part = lambda places: metrics(scores[places], labels[places], threshold)  # noqa: E731
    opposite = {label: (scores[labels != label], labels[labels != label]) for label in (0, 1)}
    against = lambda label: lambda places: metrics(scores[places], labels[places], threshold, opposite[label])  # noqa: E731
    technique = lambda label: [row.get("technique") if row["label"] == label else None for row in rows]  # noqa: E731
    out = metrics(scores, labels, threshold)
    sources = [source(row) for row in rows]
    out["by_source"] = {name: part([n for n, of in enumerate(sources) if of == name]) for name in set(sources)}
    parts = {
        "by_language": slices([row.get("lang") for row in rows], part), "by_channel": slices([row.get("channel") for row in rows], part),
        "by_length": slices(map(length, rows), part), "by_technique": slices(technique(1), against(1)),
        "by_benign_kind": slices(technique(0), against(0)),
    }  # fmt: skip
    out |= {name: of for name, of in parts.items() if of}
    if of := pairs(rows, scores, labels, threshold):
        out["pairs"] = of
    trivial = {"all_allow": np.zeros(len(rows)), "all_block": np.ones(len(rows))}
    if triggers:
        size = np.array([len(row["text"].encode()) for row in rows], float)
        trivial["length"] = size / (size + 200)
        trivial["trigger_words"] = np.array([float(any(word in row["text"].lower() for word in TRIGGERS)) for row in rows])
    out["baselines"] = {name: metrics(of, labels, 0.5) for name, of in trivial.items()}
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=pathlib.Path, metavar="FILE", help="rows as `llm-shield eval` reads them")
    parser.add_argument("--task", choices=("injection", "toxicity", "refusal", "code"), required=True)
    parser.add_argument("--scores", type=pathlib.Path, help="scores of the rows in their order, as `eval --scores` writes them")
    parser.add_argument("--threshold", type=float)
    a = parser.parse_args()
    rows, model = read(a.files), load(OUT / f"{a.task}.bin")
    scores = [row["score"] for row in read([a.scores])] if a.scores else [model.score(row["text"]) for row in rows]
    if len(scores) != len(rows):
        parser.error(f"{a.scores} holds {len(scores)} scores, there are {len(rows)} rows")
    threshold = model.threshold if a.threshold is None else a.threshold
    print(json.dumps(figures(rows, scores, threshold, a.task == "injection"), indent=1, sort_keys=True))


if __name__ == "__main__":
    main()
