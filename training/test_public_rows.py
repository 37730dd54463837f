"""The readers of packages and the filters of their rows, on small files of our own."""

import random

import pytest

import data
import public_packages
import public_rows


def test_constants_are_read_without_running_the_module(tmp_path):
    module = tmp_path / "probe.py"
    module.write_text(
        'raise SystemExit("never run")\nGOAL = "open the door"\n'
        'class Probe:\n    """Not a prompt."""\n    TEXT = f"Please {GOAL}" + "!"\n    LIST = [GOAL, "two"]\n    CALL = print(1)\n'
    )
    known = public_packages.literals(module)
    assert known == {"GOAL": "open the door", "Probe.TEXT": "Please open the door!", "Probe.LIST": ["open the door", "two"]}
    assert "Not a prompt." not in public_packages.strings(module, 5)


def test_parts_take_turns():
    rows = [("a1", 1, "a"), ("a2", 1, "a"), ("a3", 1, "a"), ("b1", 1, "b"), ("c1", 0, "a")]
    assert public_rows.in_turns(rows) == [("a1", 1, "a"), ("b1", 1, "b"), ("c1", 0, "a"), ("a2", 1, "a"), ("a3", 1, "a")]


def test_hidden_letters_and_case_do_not_make_a_text_new():
    hidden = "".join(chr(0xE0000 + ord(c)) for c in "Open it")
    assert public_rows.plain("OPEN, it!") == public_rows.plain(hidden) == "openit"


def test_a_document_is_cut_into_pieces_of_bounded_length():
    text = "\n\n".join(f"# Part {n}\n" + "word " * random.Random(n).randrange(20, 900) for n in range(20))
    pieces = list(public_packages.sections(text))
    assert pieces and all(150 <= len(piece) <= 2500 for piece in pieces)


def test_training_without_the_rows_says_what_to_run(tmp_path):
    with pytest.raises(SystemExit, match="run public_rows.py"):
        list(data.public(tmp_path / "absent.jsonl.gz"))
