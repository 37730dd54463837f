"""Tests of the training side that need no data: VENV/bin/python -m pytest test_fast_tier.py"""

import json
import sys
import unicodedata

import numpy as np
import pytest

import features
import make_cases
import make_fold_table
from evaluate import auc, calibration_error, recall_at
from fold import fold, table
from model import Model


def test_the_committed_cases_are_what_python_computes():
    committed = make_cases.CASES.read_text(encoding="ascii").splitlines(keepends=True)
    assert committed == list(make_cases.cases())


def test_the_table_is_what_its_script_writes():
    if unicodedata.unidata_version != "14.0.0":
        pytest.skip(f"the table was made with Unicode 14, this Python has {unicodedata.unidata_version}")
    rows = {code: make_fold_table.reads_as(chr(code)) for code in range(0x80, 0x110000) if not 0xD800 <= code <= 0xDFFF}
    assert {code: text for code, text in rows.items() if text != chr(code)} == {c: t for c, t in table().items() if c > 0x7F}


def test_folding_is_idempotent():
    text = "".join(map(chr, [*range(0xD800), *range(0xE000, 0x30000), *range(0xE0000, 0xE0200)]))
    assert fold(fold(text)) == fold(text)


def test_blocks_end_with_the_lists_and_windows_cover_all():
    for text in make_cases.TEXTS:
        words, chars, blocks = features.features(fold(text))
        assert tuple(blocks[-1]) == (len(words), len(chars))
        windows = features.windows(blocks)
        assert windows[0][0] == windows[0][2] == 0
        assert (windows[-1][1], windows[-1][3]) == (len(words), len(chars))


def test_a_window_is_weighed_as_documented():
    weights = np.zeros(1 << features.BITS, np.int8)
    weights[3], weights[4] = 10, -6
    model = Model(0.5, 1.0, 2.0, 0.25, 0.5, weights)
    words, chars = np.array([3, 3, 3, 4]), np.array([4])
    assert model.window(words, chars) == 0.5 * (24 / 2 - 6) + 1.0
    assert model.window(words[:0], chars[:0]) == 1.0
    assert model.probability(-0.125) == 0.5


def test_auc_counts_ties_half():
    assert auc(np.array([0.1, 0.9, 0.5, 0.5]), np.array([0, 1, 0, 1])) == 0.875


def test_recall_at_a_share_of_false_alarms_is_that_worked_out_by_hand():
    scores, labels = np.array([0.9, 0.4, 0.6, 0.4, 0.1]), np.array([1, 1, 0, 0, 0])
    assert recall_at(scores, labels, 0.01) == 0.5  # over 0.6
    assert recall_at(scores, labels, 0.4) == 0.5  # one may alarm; the tie at 0.4 does not count
    assert recall_at(scores, labels, 0.7) == 1.0


def test_calibration_error_is_that_worked_out_by_hand():
    scores, labels = np.array([0.9, 0.4, 0.6, 0.4, 0.1]), np.array([1, 1, 0, 0, 0])
    assert calibration_error(scores, labels) == pytest.approx((0.1 + 2 * 0.1 + 0.6 + 0.1) / 5)


if __name__ == "__main__":
    sys.exit(pytest.main([__file__]))
