"""Writes testdata/features/labels.jsonl: our own strings with the hashes of both readings, and each label model's logits.

    VENV/bin/python make_label_cases.py        # after the weights or the features change

The Rust tests compare with it; `test_label_models.py` recomputes it.
"""

import json
import pathlib

from label_features import LETTERS, TOKENS, features
from label_model import load
from make_cases import TEXTS, WEIGHTS

HERE = pathlib.Path(__file__).resolve().parent
CASES = HERE.parent / "testdata" / "features" / "labels.jsonl"
MODELS = ("code_language", "gibberish", "language")

CODE = [
    "def total(rows):\n    return sum(row.price for row in rows)\n",
    "int main(void)\r\n{\r\n\tprintf(\"%d\\n\", 0x1F);\r\n}\r\n",
    "\n\n  \t\nlet x=1;\n\n\n  y", "SELECT a.b, 12.5e3 FROM t WHERE c = 'é'", "x\x7f\x00y\n\x7f\nz", "a1_2 9z _", "→ λ = 你好(x)",
    "ÀÞ ΑΩ АЯ ЀЏ Āā Ĺĺ Źź Ạạ ŸŸ", "x" * 30 + " " + "y" * 24, "٣ ۵ । ، 、。『』・ﷺ ！ｗ｛ 𝒳 🙂 \U000e0041",
]  # fmt: skip


def cases():
    models = {name: load(WEIGHTS / f"{name}.bin") for name in MODELS}
    for text in TEXTS + CODE:
        case = {"text": text}
        for name, reading in (("letters", LETTERS), ("tokens", TOKENS)):
            case[name] = [hashes.tolist() for hashes in features(text, reading)]
        for name, model in models.items():
            # The three highest logits are enough to hold the sides equal.
            logits = model.logits(text)
            best = logits.argsort()[::-1][:3]
            empty = not len(features(text, model.reading)[0])
            case[name] = {} if empty else {model.labels[at]: round(float(logits[at]), 9) for at in best}
        yield json.dumps(case, separators=(",", ":")) + "\n"


if __name__ == "__main__":
    CASES.write_text("".join(cases()), encoding="ascii")
    print(f"{CASES}: {len(TEXTS + CODE)} cases, {CASES.stat().st_size} bytes")
