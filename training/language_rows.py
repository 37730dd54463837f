"""Writes the rows that `Language` is measured on as JSON Lines, for `llm-shield eval --task language` and tools/language-detectors.

    VENV/bin/python language_rows.py [--data FOLDER] > rows.jsonl
    VENV/bin/python language_rows.py --answers > ours.tsv      # what our detector says of them
"""

import argparse
import json

import data
import label_data
from label_model import load
from train import OUT


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data")
    parser.add_argument("--answers", action="store_true")
    a = parser.parse_args()
    model = load(OUT / "language.bin") if a.answers else None
    for text, label, source in label_data.language_dev(data.folder(a.data)):
        if model:
            print(f"{label}\t{model.labels[model.probabilities(text).argmax()]}")
        else:
            print(json.dumps({"text": text, "label": label, "source": source}))


if __name__ == "__main__":
    main()
