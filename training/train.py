"""Trains one fast-tier detector and writes its weights.

    python3 -m venv VENV && VENV/bin/pip install -r requirements.lock     # VENV outside the repository
    VENV/bin/python public_rows.py --data ../../shared/data               # for injection: rows of public packages
    VENV/bin/python train.py --task injection --data ../../shared/data    # some minutes on one core
    VENV/bin/python train.py --task toxicity  --data ../../shared/data

The same data and seed give the same file. Logistic regression by AdaGrad on the buckets of `features.py`, scored in
training as in use: a long text is represented by its worst window under the weights so far. A span of each window's
n-grams is dropped at random, so that no single phrase decides. The last epochs are averaged, quantised to int8, and
calibrated (Platt) on a tenth of the training data that was kept out. The development files are never read here
except to drop training texts that stand in them, and to calibrate refusals, whose training data is of one kind;
`evaluate.py` measures on them.
"""

import argparse
import math
import pathlib
import random
import time

import numba
import numpy as np

import data
import features
import label_data
from fold import fold
from model import Model

OUT = data.HERE.parent / "crates" / "llm-shield-models" / "weights"
CODES_MAX = 24_000  # longer training texts are cut: their windows repeat
THRESHOLD = {"injection": 0.7, "refusal": 0.75, "toxicity": 0.5, "code": 0.9}


class Corpus:
    """All samples, flat: buckets in the order of the text, and windows as ranges of them."""

    def __init__(self, samples):
        words, chars, ranges, first = [], [], [], [0]
        n_words = n_chars = 0
        for text, _, _ in samples:
            w, c, blocks = features.features(fold(text[:CODES_MAX]))
            for w0, w1, c0, c1 in features.windows(blocks):
                ranges.append((w0 + n_words, w1 + n_words, c0 + n_chars, c1 + n_chars))
            first.append(len(ranges))
            words.append(w)
            chars.append(c)
            n_words += len(w)
            n_chars += len(c)
        self.words, self.chars = np.concatenate(words), np.concatenate(chars)
        self.ranges, self.first = np.array(ranges, np.int64), np.array(first, np.int64)
        self.labels = np.array([label for _, label, _ in samples], np.float64)


@numba.njit(cache=True)
def window_logit(weights, bias, words, chars, r):
    total = bias
    if r[1] > r[0]:
        s = 0.0
        for i in range(r[0], r[1]):
            s += weights[words[i]]
        total += s / math.sqrt(r[1] - r[0])
    if r[3] > r[2]:
        s = 0.0
        for i in range(r[2], r[3]):
            s += weights[chars[i]]
        total += s / math.sqrt(r[3] - r[2])
    return total


@numba.njit(cache=True)
def worst(weights, bias, words, chars, ranges, begin, end):
    best, at = -1e30, begin
    for k in range(begin, end):
        z = window_logit(weights, bias, words, chars, ranges[k])
        if z > best:
            best, at = z, k
    return best, at


@numba.njit(cache=True)
def keep_outside(begin, end, lo, hi, buckets, weights):
    """Sum of weights of the buckets outside the dropped share lo..hi of begin..end, and their number."""
    a, b = begin + int(lo * (end - begin)), begin + int(hi * (end - begin))
    s = 0.0
    for i in range(begin, a):
        s += weights[buckets[i]]
    for i in range(b, end):
        s += weights[buckets[i]]
    return s, (end - begin) - (b - a), a, b


@numba.njit(cache=True)
def update(begin, end, a, b, buckets, weights, squares, gradient, rate, l2):
    for i in range(begin, end):
        if a <= i < b:
            continue
        j = buckets[i]
        g = gradient + l2 * weights[j]
        squares[j] += g * g
        weights[j] -= rate * g / math.sqrt(squares[j] + 1e-3)


@numba.njit(cache=True)
def epoch(order, weights, squares, bias, words, chars, ranges, first, labels, importance, rate, l2, drop, explore, seed):
    np.random.seed(seed)
    loss = 0.0
    for doc in order:
        begin, end = first[doc], first[doc + 1]
        if end - begin > 1 and np.random.random() < explore:
            at = begin + np.random.randint(end - begin)
        elif end - begin > 1:
            _, at = worst(weights, bias, words, chars, ranges, begin, end)
        else:
            at = begin
        r = ranges[at]
        lo = hi = 0.0
        if r[1] - r[0] > 12 and np.random.random() < drop:
            share = 0.1 + 0.4 * np.random.random()
            lo = np.random.random() * (1.0 - share)
            hi = lo + share
        ws, wn, wa, wb = keep_outside(r[0], r[1], lo, hi, words, weights)
        cs, cn, ca, cb = keep_outside(r[2], r[3], lo, hi, chars, weights)
        wv = 1.0 / math.sqrt(wn) if wn > 0 else 0.0
        cv = 1.0 / math.sqrt(cn) if cn > 0 else 0.0
        z = bias + ws * wv + cs * cv
        p = 1.0 / (1.0 + math.exp(-min(max(z, -30.0), 30.0)))
        loss += importance[doc] * -math.log(max(p if labels[doc] > 0 else 1.0 - p, 1e-12))
        g = importance[doc] * (p - labels[doc])
        bias -= 0.002 * g
        update(r[0], r[1], wa, wb, words, weights, squares, g * wv, rate, l2)
        update(r[2], r[3], ca, cb, chars, weights, squares, g * cv, rate, l2)
    return bias, loss / importance.sum()


def fit(corpus, importance, epochs, rate, l2, drop, seed):
    generator = np.random.default_rng(seed)
    weights, squares, bias = np.zeros(1 << features.BITS), np.zeros(1 << features.BITS), 0.0
    total, total_bias, kept = np.zeros_like(weights), 0.0, 0
    for number in range(epochs):
        began = time.time()
        order = generator.permutation(len(corpus.labels))
        explore = 1.0 if number == 0 else 0.25
        bias, loss = epoch(order, weights, squares, bias, corpus.words, corpus.chars, corpus.ranges, corpus.first,
                           corpus.labels, importance, rate, l2, drop, explore, seed + number)  # fmt: skip
        if number >= epochs - 3:
            total, total_bias, kept = total + weights, total_bias + bias, kept + 1
        print(f"epoch {number + 1}: loss {loss:.4f}, {time.time() - began:.1f} s", flush=True)
    return total / kept, total_bias / kept


def quantise(weights: np.ndarray) -> tuple[np.ndarray, float]:
    used = np.abs(weights[weights != 0])
    scale = float(np.quantile(used, 0.9995)) / 127
    return np.clip(np.rint(weights / scale), -127, 127).astype(np.int8), scale


def logits(model: Model, corpus: Corpus) -> np.ndarray:
    weights = model.weights.astype(np.float64) * model.scale
    return np.array([worst(weights, model.bias, corpus.words, corpus.chars, corpus.ranges, corpus.first[i], corpus.first[i + 1])[0]
                     for i in range(len(corpus.labels))])  # fmt: skip


def platt(z: np.ndarray, labels: np.ndarray, importance: np.ndarray) -> tuple[float, float]:
    """Slope and intercept by Newton's method (Platt 1999, with his smoothed targets)."""
    positive, negative = labels.sum(), (1 - labels).sum()
    target = np.where(labels > 0, (positive + 1) / (positive + 2), 1 / (negative + 2))
    x = np.stack([z, np.ones_like(z)])
    theta = np.array([1.0, 0.0])
    for _ in range(50):
        p = 1 / (1 + np.exp(-theta @ x))
        gradient = x @ (importance * (p - target))
        hessian = (x * (importance * p * (1 - p))) @ x.T + 1e-9 * np.eye(2)
        theta -= np.linalg.solve(hessian, gradient)
    return float(theta[0]), float(theta[1])


def human_labels(folder) -> tuple[Corpus, np.ndarray]:
    """The development rows whose labels say by a person's word whether the answer refuses; both labels weigh the same."""
    held = Corpus([row for row in data.dev_set(folder, "refusal") if row[2].startswith("xstest")])
    share = held.labels.mean()
    return held, np.where(held.labels > 0, 0.5 / share, 0.5 / (1 - share))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--task", choices=list(THRESHOLD), required=True)
    parser.add_argument("--data", help="the data folder (default: ../../shared/data)")
    parser.add_argument("--out", type=pathlib.Path, help="the weights file (default: in llm-shield-models)")
    parser.add_argument("--packages", type=pathlib.Path, help="for code: what code_corpus.py wrote")
    parser.add_argument("--public", type=pathlib.Path, default=data.PUBLIC, help="for injection: what public_rows.py wrote")
    parser.add_argument("--without", help="leave this source out, to measure on it")
    parser.add_argument("--epochs", type=int, default=14)
    parser.add_argument("--rate", type=float, default=0.05)
    parser.add_argument("--l2", type=float, default=3e-5)
    parser.add_argument("--drop", type=float, default=0.8)
    parser.add_argument("--seed", type=int, default=7)
    a = parser.parse_args()
    if a.task == "code":
        samples = label_data.code(data.folder(a.data), a.seed, a.packages)
    else:
        samples = data.training_set(data.folder(a.data), a.task, a.seed, a.without, a.public)
    random.Random(a.seed).shuffle(samples)
    importance = np.array(data.weights(samples))
    corpus, held = Corpus(samples[len(samples) // 10 :]), Corpus(samples[: len(samples) // 10])
    split = len(samples) // 10
    print(f"{len(corpus.labels)} to fit, {len(held.labels)} to calibrate, {len(corpus.chars)} character n-grams")
    weights, bias = fit(corpus, importance[split:], a.epochs, a.rate, a.l2, a.drop, a.seed)
    quantised, scale = quantise(weights)
    model = Model(scale, bias, 1.0, 0.0, THRESHOLD[a.task], quantised)
    weight = importance[:split]
    if a.task == "refusal":
        held, weight = human_labels(data.folder(a.data))
    model.slope, model.intercept = platt(logits(model, held), held.labels, weight)
    path = a.out or OUT / f"{a.task}.bin"
    model.save(path)
    print(f"{path}: scale {scale:.5f}, bias {bias:.3f}, slope {model.slope:.3f}, intercept {model.intercept:.3f}, "
          f"{(quantised != 0).mean():.1%} of the buckets used")  # fmt: skip


if __name__ == "__main__":
    main()
