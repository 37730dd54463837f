"""Patterns of Python: on the linear engine where it takes them, on Python's own where it does not."""

import pickle
import re

import pytest

from llm_shield import scan_output, scan_prompt, scan_prompt_batch
from llm_shield.input_scanners import Regex
from llm_shield.input_scanners.regex import MatchType
from llm_shield.output_scanners import Regex as OutputRegex

LOOKS_AROUND = [
    ([r"(?<=key=)\w+"], "key=abc, key=def", "key=[REDACTED], key=[REDACTED]"),
    ([r"(\w)\1"], "aab bbc", "[REDACTED]b [REDACTED]c"),
    ([r"foo(?!bar)"], "foobar foo", "foobar [REDACTED]"),
    ([r"zzz", r"b(?=c)"], "abc", "a[REDACTED]c"),
]


@pytest.mark.parametrize("patterns, text, expected", LOOKS_AROUND)
def test_look_around_and_back_references(patterns, text, expected):
    with pytest.warns(RuntimeWarning, match="cannot be compiled.*Python's own engine") as warned:
        scanner = Regex(patterns)
    assert [warning.filename for warning in warned] == [__file__]
    assert scan_prompt([scanner], text) == (expected, {"Regex": False}, {"Regex": 1.0})
    assert scanner.scan("-") == ("-", True, -1.0)
    assert scan_prompt_batch([scanner], [text])[0][0] == expected
    assert pickle.loads(pickle.dumps(scanner)).scan(text)[0] == expected
    with pytest.warns(RuntimeWarning):
        output = OutputRegex(patterns, match_type="all")
    assert scan_output([output], "", text)[0] == expected
    assert pickle.loads(pickle.dumps(output)).scan("", text)[0] == expected


@pytest.mark.parametrize("match_type", list(MatchType))
@pytest.mark.parametrize("is_blocked", [True, False])
@pytest.mark.parametrize("redact", [True, False])
@pytest.mark.parametrize("text", ["", "12", "a 12 b 345", "ab"])
@pytest.mark.filterwarnings("ignore:Regex")
def test_both_engines_agree(match_type, is_blocked, redact, text):
    options = {"match_type": match_type, "is_blocked": is_blocked, "redact": redact}
    native = Regex(["[0-9]+", "a"], **options)
    python = Regex(["[0-9]+", "a", "(?=zzz)zzz"], **options)
    assert native.available and native.scan(text) == python.scan(text)


def test_a_wrong_pattern_is_a_re_error():
    with pytest.raises(re.error):
        Regex(["("])
    with pytest.raises(re.error):
        OutputRegex(["*"])
