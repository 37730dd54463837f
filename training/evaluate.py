"""Measures a fast-tier model on a development file: AUC, operating points, and every source by itself.

    VENV/bin/python evaluate.py --task injection --data ../../shared/data [--threshold 0.5] [--json]

Intervals are 95 % by 1,000 bootstrap samples of the rows.
"""

import argparse
import json
import pathlib

import numpy as np

import data
import label_data
from model import load
from train import OUT, THRESHOLD, Corpus, logits


def auc(scores: np.ndarray, labels: np.ndarray) -> float:
    """Area under the ROC curve: the Mann-Whitney statistic, ties counted half."""
    values, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    positive = labels.sum()
    negative = len(labels) - positive
    if not positive or not negative:
        return float("nan")
    return float((ranks[labels > 0].sum() - positive * (positive + 1) / 2) / (positive * negative))


def point(scores, labels, threshold) -> dict[str, float]:
    refused = scores > threshold
    tp, fp = int((refused & (labels > 0)).sum()), int((refused & (labels == 0)).sum())
    positive, negative = int((labels > 0).sum()), int((labels == 0).sum())
    precision, recall = tp / max(tp + fp, 1), tp / max(positive, 1)
    return {
        "precision": precision, "recall": recall, "f1": 2 * tp / max(2 * tp + fp + positive - tp, 1),
        "fpr": fp / max(negative, 1), "accuracy": (tp + negative - fp) / max(len(labels), 1),
    }  # fmt: skip


def recall_at(scores: np.ndarray, labels: np.ndarray, false_alarms: float) -> float:
    """Recall at the lowest threshold over which at most this share of the harmless rows scores."""
    calm = np.sort(scores[labels == 0])[::-1]
    if not len(calm) or not labels.any():
        return float("nan")
    return float((scores[labels > 0] > calm[int(false_alarms * len(calm))]).mean())


def intervals(scores, labels, threshold, rounds=1000):
    generator = np.random.default_rng(7)
    drawn = []
    for _ in range(rounds):
        rows = generator.integers(0, len(labels), len(labels))
        drawn.append({"auc": auc(scores[rows], labels[rows])} | point(scores[rows], labels[rows], threshold))
    return {key: [round(float(np.quantile([d[key] for d in drawn], q)), 4) for q in (0.025, 0.975)] for key in drawn[0]}


def calibration_error(scores, labels) -> float:
    bins = np.minimum((scores * 10).astype(int), 9)
    return float(sum(abs(scores[bins == b].mean() - labels[bins == b].mean()) * (bins == b).mean() for b in set(bins)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--task", choices=list(THRESHOLD), required=True)
    parser.add_argument("--data")
    parser.add_argument("--model", type=pathlib.Path)
    parser.add_argument("--threshold", type=float)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--no-intervals", action="store_true")
    a = parser.parse_args()
    model = load(a.model or OUT / f"{a.task}.bin")
    threshold = a.threshold or model.threshold
    folder = data.folder(a.data)
    rows = list(label_data.code_dev(folder)) if a.task == "code" else data.dev_set(folder, a.task)
    labels = np.array([label for _, label, _ in rows])
    sources = np.array([source for _, _, source in rows])
    z = logits(model, Corpus(rows))
    scores = 1 / (1 + np.exp(-(model.slope * z + model.intercept)))
    out = {"n": len(rows), "positives": int(labels.sum()), "threshold": threshold, "auc": auc(scores, labels)}
    out |= point(scores, labels, threshold) | {"calibration_error": calibration_error(scores, labels)}
    out |= {"recall_at_1pct_fpr": recall_at(scores, labels, 0.01), "recall_at_01pct_fpr": recall_at(scores, labels, 0.001)}
    if not a.no_intervals:
        out["intervals"] = intervals(scores, labels, threshold)
    out["baselines"] = {"allow_all": point(np.zeros(len(labels)), labels, 0.5), "block_all": point(np.ones(len(labels)), labels, 0.5)}
    out["points"] = {str(t): point(scores, labels, t) for t in (0.3, 0.5, 0.7, 0.8, 0.92)}
    out["sources"] = {}
    for source in sorted(set(sources)):
        of = sources == source
        p = point(scores[of], labels[of], threshold)
        out["sources"][str(source)] = {
            "n": int(of.sum()), "positives": int(labels[of].sum()), "auc": auc(scores[of], labels[of]),
            "recall": p["recall"] if labels[of].any() else None, "fpr": p["fpr"] if (labels[of] == 0).any() else None,
        }  # fmt: skip
    if a.json:
        print(json.dumps(out, indent=1))
        return
    print({k: round(v, 4) if isinstance(v, float) else v for k, v in out.items() if k not in ("sources", "points", "baselines")})
    for name, p in (out["points"] | out["baselines"]).items():
        print(f"at {name:10}", {k: round(v, 3) for k, v in p.items()})
    for source, s in out["sources"].items():
        show = lambda v: "    -" if v is None or v != v else f"{v:5.3f}"  # noqa: E731
        print(f"{source:45} n {s['n']:5} pos {s['positives']:5} auc {show(s['auc'])} recall {show(s['recall'])} fpr {show(s['fpr'])}")


if __name__ == "__main__":
    main()
