"""Measures the fast tier on what it was not trained on: a whole source held out, then a whole technique.

    VENV/bin/python leave_one_out.py --data ../../shared/data                         # sources
    VENV/bin/python leave_one_out.py --data ../../shared/data --corpus ../corpus      # sources, and the corpus' writers
    VENV/bin/python leave_one_out.py --public ...                                     # and what public_rows.py wrote trains too
    VENV/bin/python leave_one_out.py --by technique --corpus ../corpus                # techniques of the corpus
    VENV/bin/python leave_one_out.py --only bipia --only deepset                      # some groups

A source's own test rows flatter: they come from the same hands as its training rows. Here each group of sources that
belong together is left out of training and measured alone, with the trainer, the weights by source and the calibration
of `train.py`. Groups are cut to --most rows a label; training rows that equal a held-out row but for case, spaces and
punctuation are dropped. Sources in no group always train. The shipped weights leave some of these sources out for
their licence: nothing that is trained here ships.

With --by technique, the attacks of one technique are held out, with their twins; the harmless rows against which they
are measured are of a fifth of the corpus that no fold trains on, neither on them nor on their twins.

Recall at 1 % and 0.1 % false alarms is at the lowest threshold of the group's own that keeps them: with fewer than
1,000 harmless rows, 0.1 % means none. Calibration error is over ten bins of equal width. Intervals are 95 %: of a
group and of the worst, by 400 bootstrap samples of each group's attacks and harmless rows; of the mean, of the groups
and of the rows inside each.
"""

import argparse
import contextlib
import io
import json
import pathlib
import random
import re
import sys
import time
import zlib

import numpy as np

import data
from evaluate import auc, calibration_error, recall_at
from model import Model
from train import Corpus, fit, logits, platt, quantise

GROUPS = {
    "s-labs": ("s-labs",),
    "neuralchemy": ("neuralchemy",),
    "safe-guard": ("safe-guard-train",),
    "yanis+xquad": ("yanismiraoui", "xquad"),
    "satml+alpaca": ("prompt-armor:satml-ctf-2024", "alpaca-eval", "alpaca-seed"),
    "llmail+t0": ("prompt-armor:llmail-inject", "t0-templates"),
    "bipia": ("bipia-train",),
    "jailbreak_llms+gpteacher": ("jailbreak_llms", "gpteacher-roleplay", "gptfuzzer-seeds"),
    "deepset": ("deepset-train",),
    "gandalf+user": ("prompt-armor:lakera/gandalf", "user-oriented", "arena-hard"),
    "pyrit+wizard+mt": ("pyrit-templates", "wizardlm-test", "mt-bench"),
    # Rows for development only, which stand beside one another: prompts full of trigger words and a mixed handful.
    "piguard-valid": ("piguard-valid:PINT_chat", "piguard-valid:PINT_documents", "piguard-valid:PINT_hard_negatives",
                      "piguard-valid:PINT_internal_prompt_injection", "piguard-valid:PINT_jailbreak",
                      "piguard-valid:PINT_public_prompt_injection", "notinject-one"),
}  # fmt: skip
METRICS = {"auc": "AUC", "recall_1": "recall at 1 %", "recall_01": "recall at 0.1 %", "ece": "calibration error"}
RESAMPLES = 400


def key(text: str) -> str:
    return "".join(re.findall(r"[^\W_]+", text.lower()))


def is_kept_aside(row: dict) -> bool:
    """A fifth of the corpus by family: a pair stays together."""
    return zlib.crc32((row["pair"] or row["id"]).encode()) % 5 == 0


class Rows:
    """All rows, with the group that holds each out, or nothing."""

    def __init__(self, path: pathlib.Path, corpus: pathlib.Path | None, most: int, own: bool, seed: int,
                 packages: pathlib.Path | None = None):  # fmt: skip
        self.samples: list[tuple[str, int, str]] = []
        self.groups: list[str | None] = []
        self.facts: list[dict | None] = []  # of corpus rows
        by_source = {source: group for group, sources in GROUPS.items() for source in sources}
        public = [row for name in ("injection_train", "injection_dev") for row in data.rows(path, name)]
        random.Random(seed).shuffle(public)
        taken: dict[tuple[str, int], int] = {}
        for row in public:
            group = by_source.get(row["source"])
            of = (group or row["source"], row["label"])
            taken[of] = taken.get(of, 0) + 1
            if taken[of] <= most:
                self.add(row["text"], row["label"], row["source"], group)
        if own:
            for text, label, source in data.own(path):
                self.add(text, label, source, None)
        if packages:
            for text, label, source in data.public(packages):
                self.add(text, label, source, None)
        if corpus:
            files = sorted(corpus.glob("*.jsonl"))
            if not files:
                sys.exit(f"no corpus in {corpus}: it holds no .jsonl file")
            for file in files:
                for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
                    try:
                        row = json.loads(line)
                        facts = {name: row[name] for name in ("id", "technique", "pair", "writer")}
                        self.add(row["text"], row["label"], f"corpus-{row['writer']}", f"corpus-{row['writer']}", facts)
                    except (ValueError, KeyError) as error:
                        sys.exit(f"{file}, line {number}: {error!r}")
        self.labels = np.array([label for _, label, _ in self.samples])
        self.keys = [key(text) for text, _, _ in self.samples]

    def add(self, text, label, source, group, facts=None):
        self.samples.append((text, label, source))
        self.groups.append(group)
        self.facts.append(facts)

    def folds(self, by: str, least: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """Name: (rows to measure on, rows that must not train)."""
        if by == "source":
            groups = np.array([group or "" for group in self.groups])
            names = list(GROUPS) + sorted({group for group in self.groups if group} - set(GROUPS))
            return {name: (held, held) for name in names if len(held := np.flatnonzero(groups == name))}
        aside = np.array([facts is not None and is_kept_aside(facts) for facts in self.facts])
        aside, calm = np.flatnonzero(aside), np.flatnonzero(aside & (self.labels == 0))
        if not len(calm):
            sys.exit("--by technique measures on the corpus: give its folder as --corpus")
        technique = np.array([facts["technique"] if facts else "" for facts in self.facts])
        pair = np.array([facts["pair"] or "" if facts else "" for facts in self.facts])
        out = {}
        for name in sorted({t for t, label in zip(technique, self.labels) if label == 1 and t}):
            attacks = np.flatnonzero((technique == name) & (self.labels == 1))
            if len(attacks) < least:
                continue
            twins = np.flatnonzero(np.isin(pair, list(set(pair[attacks]) - {""})))
            out[name] = np.concatenate([attacks, calm]), np.unique(np.concatenate([attacks, aside, twins]))
        return out

    def others(self, held: np.ndarray) -> np.ndarray:
        """Rows that may train when `held` must not: none of them, and none that equals one of them."""
        banned = {self.keys[row] for row in held}
        without = np.ones(len(self.samples), bool)
        without[held] = False
        return np.array([row for row in np.flatnonzero(without) if self.keys[row] not in banned])


class Part:
    """Some documents of a `Corpus`, in the form that `fit` and `logits` read; the buckets are shared."""

    def __init__(self, corpus: Corpus, rows: np.ndarray):
        begin, end = corpus.first[rows], corpus.first[rows + 1]
        self.words, self.chars, self.labels = corpus.words, corpus.chars, corpus.labels[rows]
        self.ranges = np.concatenate([corpus.ranges[b:e] for b, e in zip(begin, end)])
        self.first = np.concatenate([[0], np.cumsum(end - begin)])


def train(rows: Rows, corpus: Corpus, chosen: np.ndarray, epochs: int, seed: int) -> Model:
    """As `train.py`: a tenth calibrates, the rest fits."""
    chosen = np.random.default_rng(seed).permutation(chosen)
    importance = np.array(data.weights([rows.samples[row] for row in chosen]))
    split = len(chosen) // 10
    fitted, held = Part(corpus, chosen[split:]), Part(corpus, chosen[:split])
    with contextlib.redirect_stdout(io.StringIO()):  # a line for each epoch
        weights, bias = fit(fitted, importance[split:], epochs, 0.05, 3e-5, 0.8, seed)
    quantised, scale = quantise(weights)
    model = Model(scale, bias, 1.0, 0.0, 0.5, quantised)
    model.slope, model.intercept = platt(logits(model, held), held.labels, importance[:split])
    return model


def measure(scores: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    return {"auc": auc(scores, labels), "recall_1": recall_at(scores, labels, 0.01),
            "recall_01": recall_at(scores, labels, 0.001), "ece": calibration_error(scores, labels)}  # fmt: skip


def resampled(scores, labels, generator) -> dict[str, float]:
    attacks, calm = np.flatnonzero(labels > 0), np.flatnonzero(labels == 0)
    drawn = np.concatenate([generator.choice(part, len(part)) for part in (attacks, calm)])
    return measure(scores[drawn], labels[drawn])


def interval(values) -> list[float]:
    return [float(np.quantile(values, q)) for q in (0.025, 0.975)]


def report(results: dict[str, tuple[np.ndarray, np.ndarray]], seed: int = 7) -> dict:
    """Figures of each group with their intervals, and the mean and worst of the public ones and of the corpus' writers."""
    generator = np.random.default_rng(seed)
    draws, groups = {}, {}
    for name, (scores, labels) in results.items():
        draws[name] = [resampled(scores, labels, generator) for _ in range(RESAMPLES)]
        groups[name] = {"rows": len(labels), "attacks": int(labels.sum()), **measure(scores, labels),
                        "intervals": {m: interval([d[m] for d in draws[name]]) for m in METRICS}}  # fmt: skip
    out = {"groups": groups}
    for title, names in (("", [name for name in results if not name.startswith("corpus-")]),
                         ("corpus ", [name for name in results if name.startswith("corpus-")])):  # fmt: skip
        if names:
            out |= {title + kind: overall(kind, {n: groups[n] for n in names}, draws, generator) for kind in ("mean", "worst")}
    return out


def overall(kind: str, groups: dict[str, dict], draws: dict[str, list[dict]], generator) -> dict:
    """Mean or worst of the groups with their intervals."""
    out, names = {"intervals": {}}, list(groups)
    # Which sources there are is chance too, for the mean; the worst is that of these.
    picks = [generator.choice(names, len(names)) if kind == "mean" else names for _ in range(RESAMPLES)]
    for metric in METRICS:
        over = np.mean if kind == "mean" else np.max if metric == "ece" else np.min
        out[metric] = float(over([group[metric] for group in groups.values()]))
        drawn = [over([draws[name][n][metric] for name in pick]) for n, pick in enumerate(picks)]
        out["intervals"][metric] = interval(drawn)
    return out


def markdown(out: dict) -> str:
    lines = ["| held out | rows (attacks) | " + " | ".join(METRICS.values()) + " |", "|---|---|" + "---|" * len(METRICS)]
    summaries = [(f"**{name}**", figures) for name, figures in out.items() if name != "groups"]
    for name, group in [*out["groups"].items(), *summaries]:
        size = f"{group['rows']:,} ({group['attacks']:,})" if "rows" in group else ""
        cells = [f"{group[m]:.2f} [{group['intervals'][m][0]:.2f}, {group['intervals'][m][1]:.2f}]" for m in METRICS]
        lines.append(f"| {name} | {size} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="the data folder (default: ../../shared/data)")
    parser.add_argument("--corpus", type=pathlib.Path, help="a folder of corpus files, to train on and to hold out by writer")
    parser.add_argument("--by", choices=["source", "technique"], default="source")
    parser.add_argument("--only", action="append", help="hold out this group or technique only; may be repeated")
    parser.add_argument("--own", action="store_true", help="train on the trial corpus and the hard negatives too")
    parser.add_argument("--public", type=pathlib.Path, nargs="?", const=data.PUBLIC, help="train on what public_rows.py wrote too")
    parser.add_argument("--most", type=int, default=3000, help="rows a label and group at most")
    parser.add_argument("--least", type=int, default=30, help="attacks that a technique must have to be held out")
    parser.add_argument("--epochs", type=int, default=14)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--json", type=pathlib.Path, help="write the figures here, after each group")
    a = parser.parse_args()
    rows = Rows(data.folder(a.data), a.corpus, a.most, a.own, a.seed, a.public)
    folds = rows.folds(a.by, a.least)
    if unknown := set(a.only or ()) - set(folds):
        sys.exit(f"no group {', '.join(sorted(unknown))}; there are {', '.join(folds)}")
    corpus = Corpus(rows.samples)
    print(f"{len(rows.samples)} rows, {len(corpus.chars)} character n-grams", file=sys.stderr, flush=True)
    results = {}
    for name in a.only or folds:
        began = time.time()
        measured, held = folds[name]
        chosen = rows.others(held)
        model = train(rows, corpus, chosen, a.epochs, a.seed)
        z = logits(model, Part(corpus, measured))
        labels = rows.labels[measured]
        if not 0 < labels.sum() < len(labels):
            sys.exit(f"{name} holds rows of one label only")
        results[name] = 1 / (1 + np.exp(-(model.slope * z + model.intercept))), labels
        figures = {m: round(v, 3) for m, v in measure(*results[name]).items()}
        print(f"{name}: trained on {len(chosen)}, {figures}, {time.time() - began:.0f} s", file=sys.stderr, flush=True)
        if a.json:
            a.json.write_text(json.dumps({"by": a.by} | report(results), indent=1) + "\n")
    print(markdown(report(results)))


if __name__ == "__main__":
    main()
