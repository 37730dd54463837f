"""The weights file of a detector with several labels, and its training: multinomial logistic regression by AdaGrad.

Little-endian: b"LSML", version u8 (1), reading u8 (0 letters, 1 tokens), bits u8, a zero byte, u16 number of labels, u16 bytes
of their names, then f64 scale, then the names joined by line breaks, f32 bias a label, and 2 ** bits rows of one byte a
label, its weight and 128, each row of more than 16 labels filled up to a multiple of 16 bytes. With S1, S2 the sums (a label) of the rows of the buckets of each list and n1, n2 their numbers,
logit = scale * (S1 / sqrt(n1) + S2 / sqrt(n2)) + bias; probabilities are the softmax. The temperature of the calibration is
inside scale and bias.
"""

import dataclasses
import math
import pathlib
import struct

import numba
import numpy as np

from label_features import features

HEADER = "<4sBBBxHHd"  # 20 bytes


@dataclasses.dataclass
class LabelModel:
    reading: int
    bits: int
    labels: list[str]
    scale: float
    bias: np.ndarray  # f32
    weights: np.ndarray  # int8, buckets x labels

    def logits(self, text: str) -> np.ndarray:
        total = np.zeros(len(self.labels))
        for hashes in features(text, self.reading):
            if len(hashes):
                rows = self.weights[hashes >> np.uint32(32 - self.bits)]
                total += rows.sum(axis=0, dtype=np.int64) / math.sqrt(len(hashes))
        return self.scale * total + self.bias.astype(np.float64)

    def probabilities(self, text: str) -> np.ndarray:
        z = self.logits(text)
        e = np.exp(z - z.max())
        return e / e.sum()

    def save(self, path: pathlib.Path) -> None:
        names = "\n".join(self.labels).encode()
        head = struct.pack(HEADER, b"LSML", 1, self.reading, self.bits, len(self.labels), len(names), self.scale)
        path.write_bytes(head + names + self.bias.astype("<f4").tobytes() + self.rows().tobytes())

    def rows(self) -> np.ndarray:
        """As they stand in the file."""
        rows = np.full((1 << self.bits, stride(len(self.labels))), 128, np.uint8)
        rows[:, : len(self.labels)] = self.weights.astype(np.int16) + 128
        return rows


def stride(labels: int) -> int:
    return labels if labels <= 16 else -(-labels // 16) * 16


def load(path: pathlib.Path) -> LabelModel:
    raw = path.read_bytes()
    magic, version, reading, bits, count, length, scale = struct.unpack_from(HEADER, raw)
    at = struct.calcsize(HEADER)
    labels = raw[at : at + length].decode().split("\n")
    at += length
    bias = np.frombuffer(raw, "<f4", count, at)
    rows = np.frombuffer(raw, np.uint8, offset=at + 4 * count)
    if (magic, version) != (b"LSML", 1) or len(labels) != count or len(rows) != stride(count) << bits:
        raise ValueError(f"{path}: not a label model of this version")
    weights = (rows.reshape(1 << bits, stride(count))[:, :count].astype(np.int16) - 128).astype(np.int8)
    return LabelModel(reading, bits, labels, scale, bias, weights)


@numba.njit(cache=True)
def softmax_of(weights, bias, first, second, z):
    for k in range(len(bias)):
        z[k] = bias[k]
    if len(first):
        v = 1.0 / math.sqrt(len(first))
        for j in first:
            for k in range(len(bias)):
                z[k] += v * weights[j, k]
    if len(second):
        v = 1.0 / math.sqrt(len(second))
        for j in second:
            for k in range(len(bias)):
                z[k] += v * weights[j, k]
    best = z.max()
    total = 0.0
    for k in range(len(bias)):
        z[k] = math.exp(z[k] - best)
        total += z[k]
    for k in range(len(bias)):
        z[k] /= total


@numba.njit(cache=True)
def epoch(order, weights, squares, bias, first, f_at, second, s_at, labels, importance, rate, l2, drop, cut, seed):
    np.random.seed(seed)
    loss = 0.0
    z = np.empty(len(bias))
    for doc in order:
        a, b = f_at[doc], f_at[doc + 1]
        c, d = s_at[doc], s_at[doc + 1]
        # A random stretch of the text, so that short texts are learned too.
        if np.random.random() < cut:
            share = 0.1 + 0.9 * np.random.random()
            lo = np.random.random() * (1.0 - share)
            a, b = a + int(lo * (b - a)), a + int((lo + share) * (b - a)) + 1 if b > a else b
            c, d = c + int(lo * (d - c)), c + int((lo + share) * (d - c)) + 1 if d > c else d
            b, d = min(b, f_at[doc + 1]), min(d, s_at[doc + 1])
        f, s = first[a:b], second[c:d]
        if drop > 0.0:
            f = f[np.random.random(len(f)) >= drop]
            s = s[np.random.random(len(s)) >= drop]
        softmax_of(weights, bias, f, s, z)
        label = labels[doc]
        loss += importance[doc] * -math.log(max(z[label], 1e-12))
        z[label] -= 1.0
        for k in range(len(bias)):
            z[k] *= importance[doc]
            bias[k] -= 0.002 * z[k]
        for part in (f, s):
            if len(part) == 0:
                continue
            v = 1.0 / math.sqrt(len(part))
            for j in part:
                for k in range(len(bias)):
                    if abs(z[k]) < 1e-4:
                        continue
                    g = z[k] * v + l2 * weights[j, k]
                    squares[j, k] += g * g
                    weights[j, k] -= rate * g / math.sqrt(squares[j, k] + 1e-3)
    return loss / importance.sum()


def flat(texts, reading, bits, most=None):
    lists = [features(text[:most] if most else text, reading) for text in texts]
    out = []
    for part in (0, 1):
        at = np.zeros(len(texts) + 1, np.int64)
        at[1:] = np.cumsum([len(pair[part]) for pair in lists])
        joined = np.concatenate([pair[part] for pair in lists]) if lists else np.zeros(0, np.uint32)
        out += [(joined >> np.uint32(32 - bits)).astype(np.int64), at]
    return out


def fit(texts, labels, names, reading, bits, importance=None, epochs=8, rate=0.05, l2=1e-5, drop=0.1, cut=0.7, seed=7, hold=0.1, most=4000):
    """A quantised, calibrated model of (text, index of its label)."""
    generator = np.random.default_rng(seed)
    shuffled = generator.permutation(len(texts))
    held, kept = shuffled[: int(hold * len(texts))], shuffled[int(hold * len(texts)) :]
    labels = np.asarray(labels, np.int64)
    importance = np.ones(len(texts)) if importance is None else np.asarray(importance, float)
    train = flat([texts[i] for i in kept], reading, bits, most)
    weights = np.zeros((1 << bits, len(names)), np.float32)
    squares = np.zeros_like(weights)
    bias = np.zeros(len(names))
    total, total_bias, averaged = np.zeros_like(weights), np.zeros_like(bias), 0
    for number in range(epochs):
        loss = epoch(generator.permutation(len(kept)), weights, squares, bias, *train, labels[kept], importance[kept],
                     rate, l2, drop, cut, seed + number)  # fmt: skip
        print(f"epoch {number + 1}: loss {loss:.4f}", flush=True)
        if number >= epochs - 3:
            total, total_bias, averaged = total + weights, total_bias + bias, averaged + 1
    weights, bias = total / averaged, total_bias / averaged
    scale = float(np.quantile(np.abs(weights[weights != 0]), 0.9995)) / 127
    quantised = np.clip(np.rint(weights / scale), -127, 127).astype(np.int8)
    model = LabelModel(reading, bits, list(names), scale, bias.astype(np.float32), quantised)
    temper(model, [texts[i][:most] for i in held], labels[held], importance[held])
    return model


def temper(model, texts, labels, importance) -> None:
    """Divides scale and bias by the temperature that makes the held-out texts likeliest."""
    z = np.array([model.logits(text) for text in texts])

    def loss(t):
        y = z / t
        y = y - y.max(axis=1, keepdims=True)
        return float((importance * (np.log(np.exp(y).sum(axis=1)) - y[np.arange(len(labels)), labels])).sum())

    best = min(np.geomspace(0.2, 5.0, 81), key=loss)
    accuracy = float((z.argmax(axis=1) == labels).mean())
    print(f"held out {len(labels)}: accuracy {accuracy:.4f}, temperature {best:.3f}", flush=True)
    model.scale /= float(best)
    model.bias = (model.bias / np.float32(best)).astype(np.float32)
