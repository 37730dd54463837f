"""The export of the judge of generic secrets, and the texts it learns from."""

import struct

import lightgbm
import numpy as np

import secret_judge
import secret_judge_texts


def forest(trees=8):
    random = np.random.default_rng(3)
    features = random.integers(0, 256, (2000, 12)).astype(np.uint8)
    label = (features[:, 3] > 120) ^ (features[:, 7] < 40)
    data = lightgbm.Dataset(features.astype(np.float32), label)
    booster = lightgbm.train(secret_judge.PARAMETERS, data, trees)
    return booster, secret_judge.Forest(booster), features


def test_exported_trees_score_as_the_trainer_does():
    booster, exported, features = forest()
    expected = booster.predict(features.astype(np.float32), raw_score=True)
    # A leaf is rounded to a step of 1/4096.
    assert np.abs(exported.log_odds(features) - expected).max() <= 8 / 4096


def test_weights_have_the_length_that_their_head_promises():
    _, exported, _ = forest()
    exported.features = 12
    weights = exported.bytes(["a/b", "c/d"])
    features, trees, sources = struct.unpack_from("<3H", weights, 4)
    assert weights[:4] == b"LSJ1" and (features, trees, sources) == (12, 8, 2)
    assert len(weights) == 4 + 6 + 20 + 2 * 8 + 8 * (31 * 2 + 32 * 2)


def test_platt_finds_the_line_that_made_the_labels():
    random = np.random.default_rng(5)
    log_odds = random.normal(0, 3, 40_000)
    label = random.random(40_000) < 1 / (1 + np.exp(-(0.5 * log_odds + 1)))
    slope, intercept = secret_judge.platt(log_odds, label, np.ones(40_000))
    assert abs(slope - 0.5) < 0.05 and abs(intercept - 1) < 0.05


def test_no_repository_is_in_two_folds_and_own_texts_are_in_none():
    rows = [{"repo": repo, "label": label} for repo in ("a/a", "b/b", "own/x", "mined/y") for label in "TFF"]
    fold = secret_judge.folds(rows)
    assert set(fold) == {"a/a", "b/b", "mined/y"} and fold["a/a"] != fold["b/b"]


def test_own_texts_hold_their_values_where_they_say():
    rows = secret_judge_texts.rows(7, 300)
    assert rows == secret_judge_texts.rows(7, 300)
    for row in rows:
        assert (row["label"] == "T") == (row["value_start"] >= 0)
        if row["label"] == "T":
            assert 0 <= row["value_start"] < row["value_end"] <= len(row["text"])
