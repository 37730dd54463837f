"""Every row of the corpus has the form that README.md describes, and stands in no held-out test."""

import collections
import json
import pathlib
import re
import sys

import pytest

HERE = pathlib.Path(__file__).parent
KEYS = ["id", "text", "label", "technique", "goal", "channel", "lang", "pair", "span", "writer"]
ROWS = [
    json.loads(line)
    for file in sorted(HERE.glob("*.jsonl"))
    for line in file.read_text(encoding="utf-8").splitlines()
]


def test_rows_have_the_form():
    assert len(ROWS) > 1500
    for row in ROWS:
        assert list(row) == KEYS, row["id"]
        attack = row["label"] == 1
        assert attack or row["label"] == 0, row["id"]
        assert row["technique"].startswith("benign-") != attack, row["id"]
        assert (row["span"] is not None) == attack and bool(row["goal"]) == attack, row["id"]
        if attack:
            start, end = row["span"]
            assert 0 <= start < end <= len(row["text"]), row["id"]


def test_ids_and_texts_are_single_and_pairs_have_both_labels():
    assert len({row["id"] for row in ROWS}) == len(ROWS)
    keys = collections.Counter("".join(re.findall(r"[^\W_]+", row["text"].lower())) for row in ROWS)
    assert [key for key, count in keys.items() if count > 1] == []
    pairs = collections.defaultdict(set)
    for row in ROWS:
        if row["pair"]:
            pairs[row["pair"]].add(row["label"])
    assert [pair for pair, labels in pairs.items() if labels != {0, 1}] == []


def test_no_row_stands_in_a_held_out_test():
    data = HERE.parent.parent / "shared" / "data"
    if not (data / "heldout.u64").exists():
        pytest.skip("no ../shared/data beside this checkout")
    sys.path.insert(0, str(data))
    from heldout import Heldout

    heldout = Heldout()
    assert [row["id"] for row in ROWS if heldout.hit(row["text"])] == []
