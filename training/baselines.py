"""What a few lines without a model do on the development rows of the small detectors, beside the detectors.

    VENV/bin/python baselines.py --data ../../shared/data
"""

import argparse
import random
import re

import numpy as np

import data
import label_data
from evaluate import auc, intervals, point
from label_model import load as load_labels
from model import load
from train import OUT

# llm-guard's NoRefusalLight.
PHRASES = """i'm sorry|sorry|i am sorry|i apologize|as an|as an ai|i'm an|i'm just|as a language model|as an assistant|i cannot|i do not|hello!
is illegal and unethical|i'm really sorry|openai|unethical|not ethical|not legal|my apologies|but i cannot
if you have any other non-malicious requests|i'm not able to provide|i am really sorry|i cannot create|i cannot support|i can't provide
i can't assist""".replace("\n", "|").split("|")  # fmt: skip


def show(name: str, scores, labels, threshold: float) -> None:
    scores, labels = np.array(scores, float), np.array(labels)
    p, i = point(scores, labels, threshold), intervals(scores, labels, threshold, 400)
    cells = " ".join(f"{key} {p[key]:.3f} {i[key]}" for key in ("precision", "recall", "f1", "fpr"))
    print(f"{name:44} n {len(labels)} pos {int(labels.sum())} auc {auc(scores, labels):.3f} {cells}")


def refusal(folder) -> None:
    model = load(OUT / "refusal.bin")
    for keep in (("xstest-llama2orig", "xstest-mistralguard"), ("gptfuzz",)):
        rows = [row for row in data.dev_set(folder, "refusal") if row[2] in keep]
        labels = [label for _, label, _ in rows]
        scores = [model.score(text) for text, *_ in rows]
        for threshold in (0.5, 0.75, 0.9):
            show(f"refusal, {keep[0][:6]}, ours at {threshold}", scores, labels, threshold)
        phrases = [float(any(phrase in text.lower().replace("’", "'") for phrase in PHRASES)) for text, *_ in rows]
        show(f"refusal, {keep[0][:6]}, 28 phrases", phrases, labels, 0.5)


def code(folder) -> None:
    """Prose is here what no rule has sorted: news, answers, comments."""
    model = load(OUT / "code.bin")
    calm = [row["text"] for name in ("langid_dev", "ner_dev") for row in list(data.rows(folder, name))[:1500]]
    calm += [row["text"] for row in data.rows(folder, "refusal_dev")] + [row["text"] for row in list(data.rows(folder, "emotion_dev"))[:1000]]
    found = [(text, label, source) for text, label, source in label_data.code_dev(folder) if label == 1]
    for kind in ("whole", "3 lines", "between prose"):
        texts = [text for text, _, source in found if source == kind] + calm
        labels = [1] * (len(texts) - len(calm)) + [0] * len(calm)
        scores = [model.score(text) for text in texts]
        for threshold in (0.9, 0.97):
            show(f"code, {kind}, ours at {threshold}", scores, labels, threshold)
        show(f"code, {kind}, 1 in 30 characters is a mark", [marks(text) for text in texts], labels, 1 / 30)


def marks(text: str) -> float:
    return sum(text.count(mark) for mark in "{}[]();=<>$#&|\\") / max(len(text), 1)


def gibberish(folder) -> None:
    model = load_labels(OUT / "gibberish.bin")
    rows = list(label_data.gibberish_dev(folder))
    random.Random(7).shuffle(rows)
    for kind, keep in (("generated", ("generated",)), ("typed, clean of all kinds", ("typed", "corpus-traffic", "corpus-documents", "answers", "code"))):
        of = [row for row in rows if row[2] in keep]
        noise = [row for row in of if row[1] != "mild gibberish"]
        labels = [int(label != "clean") for _, label, _ in noise]
        scores = []
        for text, *_ in noise:
            scores.append(1 - model.probabilities(text)[model.labels.index("clean")])
        for threshold in (0.5, 0.7, 0.97):
            show(f"gibberish, {kind}, ours at {threshold}", scores, labels, threshold)
        show(f"gibberish, {kind}, half the words have no vowel", [vowelless(text) for text, *_ in noise], labels, 0.5)


def vowelless(text: str) -> float:
    """The share of the Latin words in which five consonants stand in a row or that hold no vowel."""
    words = re.findall(r"[a-z]{3,}", text.lower())
    odd = [word for word in words if re.search(r"[bcdfghjklmnpqrstvwxz]{5}", word) or not re.search(r"[aeiouy]", word)]
    return len(odd) / len(words) if words else 0.0


def code_language(folder) -> None:
    from pygments.lexers import guess_lexer
    from pygments.util import ClassNotFound

    names = {"Bash": "Shell", "Objective-C": "Objective-C", "Matlab": "MATLAB", "S": "R", "JSON": "JSON", "PowerShell": "PowerShell"}
    model = load_labels(OUT / "code_language.bin")
    rows = [row for row in label_data.code_language_dev(folder) if row[1] != "text"]
    for kind in ("whole", "12 lines"):
        of = [row for row in rows if (row[2] == "12 lines") == (kind == "12 lines")]
        ours = np.array([model.labels[model.probabilities(text).argmax()] == label for text, label, _ in of])
        theirs = []
        for text, label, _ in of:
            try:
                said = guess_lexer(text).name
            except ClassNotFound:
                said = ""
            theirs.append(names.get(said, said) == label)
        print(f"code language, {kind}: n {len(of)} ours {ours.mean():.3f} pygments.guess_lexer {np.mean(theirs):.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data")
    folder = data.folder(parser.parse_args().data)
    for task in (refusal, code, gibberish, code_language):
        task(folder)


if __name__ == "__main__":
    main()
