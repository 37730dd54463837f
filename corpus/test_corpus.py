"""Every row of the corpus has the form that README.md describes, and stands in no held-out test."""

import collections
import json
import pathlib
import re
import sys

import pytest

HERE = pathlib.Path(__file__).parent
KEYS = ["id", "text", "label", "technique", "goal", "channel", "lang", "pair", "span", "writer"]
HEAD_KEYS = ["id", "text", "label", "kind", "context", "spans", "lang", "pair", "writer"]
LABELS = {
    "bias": {"biased", "neutral"},
    "claim": {"supported", "contradicted", "not-given"},
    "competitor": {True, False},
    "gibberish": {0, 1, 2, 3},
    "refusal": {"refusal", "partial", "answer"},
    "toxicity": {"toxic", "fine"},
}


def read(file):
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


ROWS = [row for file in sorted(HERE.glob("*.jsonl")) for row in read(file)]
HEADS = {file.stem: read(file) for file in sorted((HERE / "heads").glob("*.jsonl"))}


def test_rows_have_the_form():
    assert len(ROWS) > 7500
    for row in ROWS:
        assert list(row) == KEYS, row["id"]
        attack = row["label"] == 1
        assert attack or row["label"] == 0, row["id"]
        assert row["technique"].startswith("benign-") != attack, row["id"]
        assert (row["span"] is not None) == attack and bool(row["goal"]) == attack, row["id"]
        if attack:
            start, end = row["span"]
            assert 0 <= start < end <= len(row["text"]), row["id"]


def test_rows_of_the_other_heads_have_the_form():
    assert set(HEADS) == {*LABELS, "names", "topic"}
    for head, rows in HEADS.items():
        for row in rows:
            assert list(row) == HEAD_KEYS, row["id"]
            if head in LABELS:
                assert row["label"] in LABELS[head], row["id"]
            if head == "names":
                assert row["label"] == len(row["spans"]), row["id"]
            if head in ("claim", "competitor", "refusal", "topic"):
                assert row["context"], row["id"]
            for start, end, kind in row["spans"]:
                assert 0 <= start < end <= len(row["text"]) and kind.isupper(), row["id"]


def key(text):
    return "".join(re.findall(r"[^\W_]+", text.lower())) or text


def repeated(keys):
    return [key for key, count in collections.Counter(keys).items() if count > 1]


def test_ids_and_texts_are_single_and_pairs_have_more_than_one_label():
    everything = [*ROWS, *(row for rows in HEADS.values() for row in rows)]
    assert repeated(row["id"] for row in everything) == []
    assert repeated(key(row["text"]) for row in ROWS) == []
    for rows in HEADS.values():
        assert repeated((key(row["text"]), row["context"]) for row in rows) == []
    pairs = collections.defaultdict(set)
    for row in everything:
        if row["pair"]:
            pairs[row["pair"]].add(row["label"])
    assert [pair for pair, labels in pairs.items() if len(labels) < 2] == []


def test_no_row_stands_in_a_held_out_test():
    data = HERE.parent.parent / "shared" / "data"
    if not (data / "heldout.u64").exists():
        pytest.skip("no ../shared/data beside this checkout")
    sys.path.insert(0, str(data))
    from heldout import Heldout

    heldout = Heldout()
    texts = [*ROWS, *(row for rows in HEADS.values() for row in rows)]
    assert [row["id"] for row in texts if heldout.hit(row["text"])] == []
