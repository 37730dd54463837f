"""The weights file: written here, read by the Rust crate.

Little-endian: b"LSFT", version u8 (1), bits u8, two zero bytes, then f64 scale, bias, slope, intercept, threshold, then
2 ** bits weights of one signed byte. With the sums and counts of `features`, logit = scale * (S_w / sqrt(n_w) +
S_c / sqrt(n_c)) + bias and probability = 1 / (1 + exp(-(slope * logit + intercept))).
"""

import dataclasses
import math
import pathlib
import struct

import numpy as np

import features
from fold import fold

HEADER = "<4sBBxx5d"


@dataclasses.dataclass
class Model:
    scale: float
    bias: float
    slope: float
    intercept: float
    threshold: float
    weights: np.ndarray

    def logit(self, folded: str) -> float:
        words, chars, blocks = features.features(folded)
        best = -math.inf
        for w0, w1, c0, c1 in features.windows(blocks):
            best = max(best, self.window(words[w0:w1], chars[c0:c1]))
        return best

    def window(self, words, chars) -> float:
        total = 0.0
        for buckets in (words, chars):
            if len(buckets):
                total += float(self.weights[buckets].sum(dtype=np.int64)) / math.sqrt(len(buckets))
        return self.scale * total + self.bias

    def probability(self, logit: float) -> float:
        return 1.0 / (1.0 + math.exp(-(self.slope * logit + self.intercept)))

    def score(self, text: str) -> float:
        return self.probability(self.logit(fold(text)))

    def save(self, path: pathlib.Path) -> None:
        head = (self.scale, self.bias, self.slope, self.intercept, self.threshold)
        path.write_bytes(struct.pack(HEADER, b"LSFT", 1, features.BITS, *head) + self.weights.tobytes())


def load(path: pathlib.Path) -> Model:
    raw = path.read_bytes()
    magic, version, bits, *head = struct.unpack_from(HEADER, raw)
    weights = np.frombuffer(raw, np.int8, offset=struct.calcsize(HEADER))
    if (magic, version, bits) != (b"LSFT", 1, features.BITS) or len(weights) != 1 << bits:
        raise ValueError(f"{path}: not a fast-tier model of this version")
    return Model(*head, weights)
