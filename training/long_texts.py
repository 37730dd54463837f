"""Measures how well an attack is found inside a long harmless text.

    VENV/bin/python long_texts.py --data ../../shared/data [--bytes 8000]

Harmless prompts of the development file are joined to documents; each is scored as it is and with one attack of
the development file in its middle.
"""

import argparse
import pathlib
import random

import numpy as np

import data
from evaluate import auc, point
from model import load
from train import OUT, Corpus, logits

PAIRS = 300
CARRIERS = {"t0-templates", "xquad", "gsm8k", "alpaca-eval", "mt-bench"}
ATTACKS = {"s-labs", "neuralchemy", "deepset-train", "prompt-armor:lakera/gandalf"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data")
    parser.add_argument("--model", type=pathlib.Path, default=OUT / "injection.bin")
    parser.add_argument("--bytes", type=int, default=8000)
    a = parser.parse_args()
    rows = data.dev_set(data.folder(a.data), "injection")
    calm = [text for text, label, source in rows if label == 0 and source in CARRIERS]
    attacks = [text for text, label, source in rows if label == 1 and source in ATTACKS]
    generator = random.Random(7)
    samples = []
    for attack in generator.sample(attacks, PAIRS):
        parts = []
        while sum(map(len, parts)) < a.bytes:
            parts.append(generator.choice(calm))
        samples.append(("\n".join(parts), 0, ""))
        parts.insert(len(parts) // 2, attack)
        samples.append(("\n".join(parts), 1, ""))
    model = load(a.model)
    z = logits(model, Corpus(samples))
    labels = np.array([label for _, label, _ in samples])
    scores = 1 / (1 + np.exp(-(model.slope * z + model.intercept)))
    print(f"{PAIRS} pairs of {a.bytes} characters: AUC {auc(scores, labels):.3f}, at {model.threshold}:",
          {key: round(value, 3) for key, value in point(scores, labels, model.threshold).items()})  # fmt: skip


if __name__ == "__main__":
    main()
