"""The command and Python give the same figures of one set: VENV/bin/python -m pytest test_figures.py"""

import json
import pathlib
import subprocess

import pytest

import figures
from model import load

ROOT = pathlib.Path(__file__).resolve().parent.parent
BINARIES = [ROOT / "target" / profile / "llm-shield" for profile in ("debug", "release")]


def differences(ours, theirs, at=""):
    """Where figures of `ours` are not in `theirs`, or others; intervals and thresholds are the command's alone."""
    for key, value in ours.items():
        other, here = theirs.get(key, "absent"), f"{at} / {key}"
        if isinstance(value, dict):
            yield from differences(value, other if isinstance(other, dict) else {}, here)
        elif value is None or other is None or isinstance(other, str):
            if value != other:
                yield here, value, other
        elif abs(value - other) > 1e-9:
            yield here, value, other


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """Rows of every file of the corpus, what the command says of them, and its scores."""
    built = [path for path in BINARIES if path.exists()]
    if not built:
        pytest.skip("no llm-shield under target/: cargo build first")
    binary = max(built, key=lambda path: path.stat().st_mtime)
    folder = tmp_path_factory.mktemp("rows")
    files = sorted((ROOT / "corpus").glob("*.jsonl"))
    lines = [line for file in files for line in file.read_text(encoding="utf-8").splitlines()[:60]]
    (folder / "rows.jsonl").write_text("\n".join(lines), encoding="utf-8")
    command = [binary, "eval", "--task", "injection", "--json", "--scores", folder / "scores.jsonl", folder / "rows.jsonl"]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=600)
    if "unexpected argument '--scores'" in ran.stderr:
        pytest.skip(f"{binary} is older than this test: cargo build first")
    assert ran.returncode == 0, ran.stderr
    return figures.read([folder / "rows.jsonl"]), json.loads(ran.stdout), figures.read([folder / "scores.jsonl"])


def test_the_same_scores_give_the_same_figures(measured):
    rows, theirs, scores = measured
    ours = figures.figures(rows, [row["score"] for row in scores], theirs["threshold"])
    assert {"by_language", "by_channel", "by_length", "by_technique", "by_benign_kind", "pairs"} <= set(ours)
    assert list(differences(ours, theirs)) == []


def test_the_same_texts_give_the_same_scores(measured):
    rows, theirs, scores = measured
    model = load(figures.OUT / "injection.bin")
    assert theirs["threshold"] == pytest.approx(model.threshold)
    for row, score in list(zip(rows, scores))[::5]:
        assert model.score(row["text"]) == pytest.approx(score["score"], abs=1e-5), row["id"]
