"""How scanners run one after the other: order, chaining, names, early ends, and scanners written in Python."""

import copy
import pickle
import threading
from unittest.mock import Mock

import pytest

from llm_shield import scan_output, scan_prompt, scan_prompt_batch
from llm_shield.exception import LLMGuardValidationError, ScanError, ScannerUnavailableError
from llm_shield.input_scanners import BanSubstrings, BanTopics, InvisibleText, Regex, Secrets, TokenLimit
from llm_shield.output_scanners import (
    BanSubstrings as OutputBanSubstrings,
    Deanonymize,
    Regex as OutputRegex,
    Relevance,
    Sensitive,
)
from llm_shield.vault import Vault


class Upper:
    """A scanner of prompts that inherits nothing."""

    def scan(self, prompt):
        return prompt.upper(), True, -1.0


class TooLong:
    """A scanner of outputs that compares with the prompt."""

    def scan(self, prompt, output):
        return output, len(output) <= 3 * len(prompt), 0.5


def test_each_scanner_gets_what_the_ones_before_it_left():
    scanners = [BanSubstrings(["a1"], redact=True), Regex([r"\[REDACTED\]"]), Upper(), BanSubstrings(["redacted"])]
    text, valid, risk = scan_prompt(scanners, "has a1 in it")
    assert text == "HAS [REDACTED] IN IT"
    assert valid == {"BanSubstrings": False, "Regex": False, "Upper": True}
    assert list(risk) == ["BanSubstrings", "Regex", "Upper"]


def test_of_two_scanners_of_one_class_the_worse_verdict_stands(monkeypatch):
    class Always(BanSubstrings):
        def scan(self, prompt):
            return prompt, True, 0.25

    Always.__name__ = "BanSubstrings"
    refuses, passes, always = BanSubstrings(["a"]), BanSubstrings(["zzz"]), Always(["zzz"])
    refused = ({"BanSubstrings": False}, {"BanSubstrings": 1.0})
    for scanners in ([refuses, passes], [passes, refuses], [refuses, always], [always, refuses], [refuses, passes, passes]):
        assert scan_prompt(scanners, "a")[1:] == refused
        assert scan_prompt_batch(scanners, ["a", "a"])[1][1:] == refused
    assert scan_prompt([passes, always], "a")[1:] == ({"BanSubstrings": True}, {"BanSubstrings": 0.25})
    monkeypatch.setenv("LLM_SHIELD_COMPAT", "exact")
    assert scan_prompt([refuses, passes], "a")[1:] == ({"BanSubstrings": True}, {"BanSubstrings": -1.0})


@pytest.mark.parametrize("fail_fast, expected", [(False, ["BanSubstrings", "Upper"]), (True, ["BanSubstrings"])])
def test_fail_fast_ends_with_the_first_refusal(fail_fast, expected):
    assert list(scan_prompt([BanSubstrings(["a"]), Upper()], "a", fail_fast)[1]) == expected


def test_fail_fast_within_native_scanners_and_after_one_in_python():
    class Refuse:
        def scan(self, prompt):
            return prompt, False, 1.0

    assert list(scan_prompt([InvisibleText(), BanSubstrings(["a"]), TokenLimit()], "a", fail_fast=True)[1]) == [
        "InvisibleText",
        "BanSubstrings",
    ]
    assert list(scan_prompt([Refuse(), TokenLimit()], "a", True)[1]) == ["Refuse"]


def test_an_output_is_scanned_beside_its_prompt():
    text, valid, risk = scan_output([TooLong(), OutputRegex([r"Bearer \S+"])], "hi", "token: Bearer abc")
    assert (text, valid) == ("token: [REDACTED]", {"TooLong": False, "Regex": False})
    assert risk["TooLong"] == 0.5


@pytest.mark.parametrize("text", ["", " \t\n", "\u2003\x1c"])
def test_a_blank_text_is_not_scanned(text):
    refuse = Mock()
    assert scan_prompt([refuse], text) == (text, {}, {})
    assert scan_output([refuse], "x", text) == (text, {}, {})
    assert not refuse.scan.called


def test_without_scanners_nothing_is_looked_at():
    assert scan_prompt([], None) == (None, {}, {})
    assert scan_output([], "x", "y") == ("y", {}, {})
    assert scan_output([OutputBanSubstrings(["a"])], "x", None) == (None, {}, {})


def test_what_is_no_text_is_an_error():
    with pytest.raises(AttributeError):
        scan_prompt([Upper()], None)
    with pytest.raises(TypeError, match="a text must be a str, not bytes"):
        scan_prompt([InvisibleText()], b"x")
    with pytest.raises(TypeError, match="a text must be a str, not int"):
        InvisibleText().scan(3)
    with pytest.raises(TypeError):
        scan_prompt([OutputBanSubstrings(["a"])], "x")


def test_exceptions_of_a_scanner_leave_the_function():
    class Broken:
        def scan(self, prompt):
            raise KeyError("x")

    with pytest.raises(KeyError):
        scan_prompt([InvisibleText(), Broken()], "a")


def test_a_subclass_and_a_patched_scanner_are_asked_themselves():
    class Own(BanSubstrings):
        def scan(self, prompt):
            text, valid, risk = super().scan(prompt)
            return text + "!", valid, risk

    class Renamed(BanSubstrings):
        pass

    text, valid, _ = scan_prompt([Own(["a"]), Renamed(["b"])], "abc")
    assert (text, valid) == ("abc!", {"Own": False, "Renamed": False})
    patched = BanSubstrings(["a"])
    patched.scan = Mock(return_value=("z", True, 0.25))
    assert scan_prompt([patched], "a") == ("z", {"BanSubstrings": True}, {"BanSubstrings": 0.25})


def test_a_subclass_that_forgets_to_build_is_told():
    class Forgets(BanSubstrings):
        def __init__(self):
            pass

    with pytest.raises(RuntimeError, match="super"):
        scan_prompt([Forgets()], "a")


def test_a_scanner_that_waits_for_the_encoder_never_lets_a_text_pass():
    waiting = BanTopics(["violence"])
    assert not waiting.available
    assert waiting.scan(" ") == (" ", True, -1.0)
    with pytest.raises(ScannerUnavailableError, match="BanTopics"):
        waiting.scan("x")
    with pytest.raises(ScannerUnavailableError):
        scan_prompt([InvisibleText(), waiting], "x")
    assert issubclass(ScannerUnavailableError, ScanError)
    with pytest.raises(ScannerUnavailableError):
        scan_output([Relevance()], "x", "y")
    refused_first = [OutputRegex(["a"]), Relevance()]
    assert scan_output(refused_first, "x", "a", fail_fast=True)[1] == {"Regex": False}


def test_lone_surrogates_are_scanned_and_stay():
    assert scan_prompt([InvisibleText(), Secrets()], "a\ud800b")[0] == "a\ud800b"
    assert BanSubstrings(["b"], redact=True).scan("a\ud800b")[1] is False


def test_the_same_object_comes_back_when_nothing_was_changed():
    text = "".join(["unchanged ", "é"])
    assert scan_prompt([InvisibleText(), Secrets()], text)[0] is text


def test_scanners_travel_to_other_processes():
    vault = Vault([("[REDACTED_PERSON_1]", "Ann")])
    for scanner, arguments in [
        (BanSubstrings(["a"], redact=True), ("xax",)),
        (Sensitive(redact=True), ("", "ann@mail.com")),
        (Deanonymize(vault), ("", "[REDACTED_PERSON_1]")),
        (OutputRegex([r"a(?!b)"][:0] or [r"a"]), ("", "a")),
    ]:
        for other in (pickle.loads(pickle.dumps(scanner)), copy.deepcopy(scanner)):
            assert type(other) is type(scanner)
            assert other.scan(*arguments) == scanner.scan(*arguments)
    assert repr(BanSubstrings(["a"])).startswith("BanSubstrings(substrings=['a'], match_type='str'")


def test_other_threads_run_while_a_text_is_scanned():
    long = "password = hunter2 and more words " * 10_000
    scanner = Secrets()
    scanner.scan("warm")
    ticks = 0
    done = threading.Event()
    started = threading.Event()

    def scan():
        started.set()
        scanner.scan(long)
        done.set()

    thread = threading.Thread(target=scan)
    thread.start()
    started.wait()
    while not done.wait(0.0005):
        ticks += 1
    thread.join()
    assert ticks > 2


def test_wrong_parameters_are_named():
    for build, error, text in [
        (lambda: BanSubstrings(["a"], match_type="zz"), ValueError, "'zz' is not a valid MatchType"),
        (lambda: BanSubstrings(["a"], substring="b"), TypeError, "unexpected keyword argument"),
        (lambda: Secrets(redact_mode="some"), ValueError, "redact mode wasn't recognized some"),
        (lambda: TokenLimit(limit=0), ValueError, "at least 1"),
        (lambda: Sensitive(language="de"), LLMGuardValidationError, "['en', 'zh']"),
        (lambda: Sensitive(entity_types=["EMAIL_ADRESS"]), ValueError, "did you mean `EMAIL_ADDRESS`"),
        (lambda: BanSubstrings([object()]), TypeError, "cannot be of type object"),
        (lambda: Sensitive(threshold=float("nan")), ValueError, "NaN"),
    ]:
        with pytest.raises(error) as raised:
            build()
        assert text in str(raised.value)
