"""Tests of the label detectors' training side that need no data: VENV/bin/python -m pytest test_label_models.py"""

import random

import numpy as np

import gibberish
import make_label_cases
from label_features import LETTERS, TOKENS, features
from label_model import LabelModel, fit, load


def test_the_committed_cases_are_what_python_computes():
    committed = make_label_cases.CASES.read_text(encoding="ascii").splitlines(keepends=True)
    assert committed == list(make_label_cases.cases())


def test_readings_count_what_they_say():
    first, second = features("Ab c", LETTERS)
    # " ab ": 2 single, 3 pairs, 2 triples, 1 of four; " c ": 1, 2, 1; two chunks
    assert len(first) == 8 + 4 and len(second) == 2
    first, second = features("a = 12\n  b", TOKENS)
    assert len(first) == 5 and len(second) == 4 + 3
    assert not len(features("12 !? 🙂", LETTERS)[0]) and not len(features(" \t", TOKENS)[0])


def test_capitals_count_in_code_and_not_in_language():
    assert features("STRASSE ÉTÉ", LETTERS)[0].tolist() == features("strasse été", LETTERS)[0].tolist()
    assert features("If", TOKENS)[0].tolist() != features("if", TOKENS)[0].tolist()


def test_a_model_is_what_it_was_when_it_is_read_back(tmp_path):
    model = LabelModel(LETTERS, 3, ["a", "b"], 0.5, np.array([0.25, -1], "f4"), np.arange(-8, 8, dtype=np.int8).reshape(8, 2))
    model.save(tmp_path / "m")
    back = load(tmp_path / "m")
    assert back.labels == model.labels and back.scale == 0.5 and (back.weights == model.weights).all()
    assert np.allclose(back.logits("ab cd"), model.logits("ab cd"))
    assert abs(back.probabilities("ab").sum() - 1) < 1e-12


def test_training_separates_what_can_be_separated():
    texts = [f"the garden number {i} lies by the river" for i in range(60)] + [f"der garten {i} liegt am fluss" for i in range(60)]
    model = fit(texts, [0] * 60 + [1] * 60, ["en", "de"], LETTERS, 10, epochs=4)
    assert model.probabilities("the river garden").argmax() == 0 and model.probabilities("am fluss liegt").argmax() == 1


def test_gibberish_is_made_the_same_every_time_and_is_no_copy():
    text = "The quick brown fox jumps over the lazy dog and sleeps in the green garden."
    for make in (gibberish.noise, gibberish.mild):
        out = [make(text, random.Random(seed)) for seed in range(30)]
        assert out == [make(text, random.Random(seed)) for seed in range(30)] and text not in out
