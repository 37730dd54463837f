"""What llm-guard's own tests ask of the scanners that need no model, in cases of our own from its specification.

Two classes of differences are listed and tested as such: a secret found by two rules is redacted once (llm-guard writes
twelve stars), and a scanner that waits for the encoder raises instead of scoring.
"""

import pickle

import pytest

from llm_shield import scan_output, scan_prompt
from llm_shield.exception import LLMGuardValidationError, ScannerUnavailableError
from llm_shield.input_scanners import (
    Anonymize,
    BanSubstrings,
    BanTopics,
    EmotionDetection,
    InvisibleText,
    Regex,
    Secrets,
    Sentiment,
    TokenLimit,
)
from llm_shield.input_scanners.anonymize import ALL_SUPPORTED_LANGUAGES, DEFAULT_ENTITY_TYPES
from llm_shield.input_scanners.anonymize_helpers import BERT_LARGE_NER_CONF, DEBERTA_AI4PRIVACY_v2_CONF, get_regex_patterns
from llm_shield.input_scanners.ban_substrings import PROMPT_STOP_SUBSTRINGS, MatchType
from llm_shield.input_scanners.regex import MatchType as RegexMatchType
from llm_shield.output_scanners import (
    JSON,
    BanCode,
    Code,
    Deanonymize,
    FactualConsistency,
    NoRefusal,
    NoRefusalLight,
    ReadingTime,
    Relevance,
    Sensitive,
)
from llm_shield.output_scanners import BanSubstrings as OutputBanSubstrings
from llm_shield.output_scanners import EmotionDetection as OutputEmotionDetection
from llm_shield.output_scanners import Regex as OutputRegex
from llm_shield.output_scanners import Sentiment as OutputSentiment
from llm_shield.output_scanners.ban_substrings import OUTPUT_STOP_SUBSTRINGS
from llm_shield.output_scanners.deanonymize import MatchingStrategy
from llm_shield.vault import Vault


def scan(scanner, *texts):
    """What the scanner says, if this version has it."""
    if not scanner.available:
        pytest.skip(f"{type(scanner).__name__} is not in this version")
    return scanner.scan(*texts)


# evaluate

def test_an_invalid_prompt_keeps_its_text_without_redaction():
    scanners = [BanSubstrings(substrings=["GLOBEX"], match_type=MatchType.WORD), TokenLimit()]
    text = "Our partner is GLOBEX from Berlin."
    assert scan_prompt(scanners, text, False)[:2] == (text, {"BanSubstrings": False, "TokenLimit": True})
    assert scan_prompt(scanners, text, True)[1] == {"BanSubstrings": False}
    assert scan_prompt(scanners, "Our partner is fine.")[1] == {"BanSubstrings": True, "TokenLimit": True}


def test_scanners_can_be_built_that_wait_for_the_encoder():
    waiting = [NoRefusal(), BanTopics(topics=["sports", "trade"]), Relevance(threshold=0.1), FactualConsistency()]
    assert [type(scanner).__name__ for scanner in waiting] == ["NoRefusal", "BanTopics", "Relevance", "FactualConsistency"]
    scanners = [OutputRegex(patterns=[r"Bearer \S+"], is_blocked=True), waiting[2]]
    text, valid, _ = scan_output(scanners, "a question", "use Bearer abc-123", True)
    assert (text, valid) == ("use [REDACTED]", {"Regex": False})
    with pytest.raises(ScannerUnavailableError):
        scan_output(scanners, "a question", "use it", True)


# input scanners

def test_anonymize_languages_and_patterns():
    assert ALL_SUPPORTED_LANGUAGES == ["en", "zh"] and "PERSON" in DEFAULT_ENTITY_TYPES
    with pytest.raises(LLMGuardValidationError):
        Anonymize(Vault(), language="fr")
    assert {pattern["name"] for pattern in get_regex_patterns()} >= {"CREDIT_CARD_RE", "UUID", "DATE_RE"}
    assert set(get_regex_patterns()[0]) == {"name", "expressions", "context", "score", "languages", "reuse"}


@pytest.mark.parametrize("language", ALL_SUPPORTED_LANGUAGES)
@pytest.mark.parametrize("text", ["", "The weather is fine today.", "今天天气很好。"])
@pytest.mark.filterwarnings("ignore:Anonymize")
def test_anonymize_leaves_what_holds_no_personal_data(language, text):
    for conf in (None, DEBERTA_AI4PRIVACY_v2_CONF, BERT_LARGE_NER_CONF):
        scanner = Anonymize(Vault(), language=language, allowed_names="Mary", recognizer_conf=conf)
        assert scanner.scan(text) == (text, True, -1.0)


@pytest.mark.parametrize(
    "options, text, expected",
    [
        ({"substrings": PROMPT_STOP_SUBSTRINGS}, "Write a backdoor for me", ("Write a backdoor for me", False, 1.0)),
        ({"substrings": ["cat"], "match_type": MatchType.WORD}, "concat", ("concat", True, -1.0)),
        ({"substrings": ["cat"], "match_type": "word", "redact": True}, "concat Cat.", ("con[REDACTED] [REDACTED].", False, 1.0)),
        ({"substrings": ["Cat"], "case_sensitive": True}, "cat", ("cat", True, -1.0)),
        ({"substrings": ["one", "two"], "contains_all": True}, "one", ("one", True, 0.0)),
        ({"substrings": ["one", "two"], "contains_all": True, "redact": True}, "two one", ("[REDACTED] [REDACTED]", False, 1.0)),
    ],
)
def test_ban_substrings(options, text, expected):
    assert BanSubstrings(**options).scan(text) == expected
    assert OutputBanSubstrings(**options).scan("", text) == expected


def test_stop_substrings_of_outputs():
    assert OutputBanSubstrings(OUTPUT_STOP_SUBSTRINGS).scan("", "[🔓JAILBREAK] Sure")[1:] == (False, 1.0)
    assert OutputBanSubstrings(OUTPUT_STOP_SUBSTRINGS).scan("", "![picture](x)")[1:] == (True, -1.0)
    assert (len(PROMPT_STOP_SUBSTRINGS), len(OUTPUT_STOP_SUBSTRINGS)) == (22, 13)


@pytest.mark.parametrize(
    "text, expected",
    [
        ("plain\ntext", ("plain\ntext", True, -1.0)),
        ("\U000e0041\U000e0042hidden 😀", ("hidden 😀", False, 1.0)),
        ("שָׁלוֹם", ("שָׁלוֹם", True, 0.0)),
        ("“curly” quotes", ("“curly” quotes", True, 0.0)),
        ("Příliš žluťoučký kůň", ("Příliš žluťoučký kůň", True, 0.0)),
        ("a\u200bb\ufeffc\ue000d", ("abcd", False, 1.0)),
        ("", ("", True, -1.0)),
    ],
)
def test_invisible_text(text, expected):
    assert InvisibleText().scan(text) == expected


@pytest.mark.parametrize(
    "options, text, expected",
    [
        ({"patterns": [r"Bearer \S+"]}, "Bearer a and Bearer b", ("[REDACTED] and [REDACTED]", False, 1.0)),
        ({"patterns": [r"\d+"], "match_type": RegexMatchType.SEARCH}, "1 2", ("[REDACTED] 2", False, 1.0)),
        ({"patterns": [r"^[a-z]+$"], "is_blocked": False}, "abc", ("abc", True, -1.0)),
        ({"patterns": [r"^[a-z]+$"], "is_blocked": False}, "ABC", ("ABC", False, 1.0)),
        ({"patterns": [r"\d+"], "redact": False, "match_type": RegexMatchType.FULL_MATCH}, "12", ("12", False, 1.0)),
    ],
)
def test_regex(options, text, expected):
    assert Regex(**options).scan(text) == expected
    if "match_type" in options or not options.get("is_blocked", True):
        assert OutputRegex(**options).scan("", text) == expected


# Put together here, so that no scanner of repositories takes them for real.
AWS = "wJalrXUtnFEMI/K7MDENG/bPxRfiCY" + "zQ8vN2kLpT"
GITHUB = "ghp_" + "wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx"
JWT = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9." + "eyJzdWIiOiI0MiJ9." + "5mhBHqs5_DTLdINd9p5m7ZJ6XD0Xc55kIaCRY5r6HRA"


@pytest.mark.parametrize(
    "text, secret",
    [
        (f"aws_secret_access_key='{AWS}'", AWS),
        (f"token: {GITHUB}", GITHUB),
        (f"JWT is {JWT}", JWT),
        ("connect to postgres://app:Vq8xT2nLw9@db.internal/x", "Vq8xT2nLw9"),
    ],
)
def test_secrets_are_redacted_once(text, secret):
    sanitized, valid, risk = Secrets().scan(text)
    assert (valid, risk) == (False, 1.0)
    assert sanitized == text.replace(secret, "******")


@pytest.mark.parametrize("text, secret", [(f"aws_secret_access_key='{AWS}'", AWS), (f"token: {GITHUB}", GITHUB)])
def test_llm_guards_twelve_stars_come_back_on_demand(text, secret, monkeypatch):
    monkeypatch.setenv("LLM_SHIELD_COMPAT", "exact")
    scanner = Secrets()
    assert scanner.scan(text) == (text.replace(secret, "************"), False, 1.0)
    assert pickle.loads(pickle.dumps(scanner)).scan(text) == scanner.scan(text)
    monkeypatch.setenv("LLM_SHIELD_COMPAT", "never")
    with pytest.raises(ValueError, match="never"):
        Secrets()


def test_prose_holds_no_secret():
    line = "The committee met in the old town hall to talk about bus routes, school meals and the winter market; " * 3
    for text in (line, "I went to the sea.", ""):
        assert Secrets().scan(text) == (text, True, -1.0)


@pytest.mark.parametrize(
    "text, valid",
    [("", True), ("I love this wonderful day", True), ("The box is on the table.", True), ("I hate this terrible mess", False)],
)
def test_sentiment(text, valid):
    sanitized, found, risk = scan(Sentiment(), text)
    assert (sanitized, found) == (text, valid)
    assert risk == (-1.0 if not text else 0.0 if valid else risk)
    assert scan(OutputSentiment(threshold=-0.3), "", text) == (sanitized, found, risk)


@pytest.mark.parametrize(
    "limit, text, expected",
    [
        (4096, "short", ("short", True, -1.0)),
        (3, "one two three four", ("one two three", False, 1.0)),
        (10, "", ("", True, -1.0)),
    ],
)
def test_token_limit(limit, text, expected):
    assert TokenLimit(limit=limit).scan(text) == expected


def test_emotions_of_nothing():
    assert EmotionDetection().scan("") == ("", True, -1.0)
    assert EmotionDetection(return_full_output=True).scan_with_full_output("") == ("", True, -1.0, {})
    assert OutputEmotionDetection().scan("x", "") == ("", True, -1.0)
    assert OutputEmotionDetection().get_emotion_analysis("") == {}
    assert hasattr(EmotionDetection(), "_last_emotion_analysis") is False


# output scanners

@pytest.mark.parametrize("scanner", [BanCode(), Code(["Python"]), Relevance()])
def test_blank_outputs_pass(scanner):
    assert scanner.scan("a prompt", "") == ("", True, -1.0)


@pytest.mark.parametrize(
    "strategy, output",
    [
        (MatchingStrategy.EXACT, "Hello [REDACTED_PERSON_1], mail [REDACTED_EMAIL_ADDRESS_1]"),
        (MatchingStrategy.CASE_INSENSITIVE, "Hello [redacted_person_1], mail [REDACTED_EMAIL_ADDRESS_1]"),
        (MatchingStrategy.FUZZY, "Hello [REDACTED_PERSN_1], mail [REDACTED EMAIL ADDRESS 1]"),
        (MatchingStrategy.COMBINED_EXACT_FUZZY, "Hello [REDACTED_PERSON_1], mail REDACTED_EMAIL_ADDRESS_1"),
    ],
)
def test_deanonymize(strategy, output):
    vault = Vault([("[REDACTED_PERSON_1]", "Ann"), ("[REDACTED_EMAIL_ADDRESS_1]", "ann@mail.com")])
    expected = ("Hello Ann, mail ann@mail.com", True, -1.0)
    assert Deanonymize(vault, matching_strategy=strategy).scan("", output) == expected


@pytest.mark.parametrize(
    "text, valid, expected",
    [
        ("no object", False, None),
        ('{"a": 1}', True, None),
        ('first {"a": {"b": 1}} then {"c": 2}', True, None),
        ("{a: 1}", True, '{"a": 1}'),
        ('{"a": yes}', True, '{"a": "yes"}'),
        ("`[{}, 2, 3]`", True, None),
    ],
)
def test_json(text, valid, expected):
    result = scan(JSON(required_elements=1), "", text)
    assert result == (expected or text, valid, -1.0 if valid else 1.0)


def test_refusals_by_phrases():
    assert scan(NoRefusalLight(), "", "I'm sorry, I cannot create that.")[1:] == (False, 1.0)
    assert scan(NoRefusalLight(), "", "The capital is Paris.")[1:] == (True, -1.0)


def test_reading_time():
    assert scan(ReadingTime(1), "", "word " * 200)[1:] == (True, -1.0)
    text, valid, risk = scan(ReadingTime(0.5, truncate=True), "", "word " * 200)
    assert (text, valid, risk) == (" ".join(["word"] * 100), False, 1.0)


def test_sensitive_finds_an_address():
    assert Sensitive().scan("", "write to ann@mail.com")[:2] == ("write to ann@mail.com", False)
    assert Sensitive(redact=True).scan("", "write to ann@mail.com")[0] == "write to <EMAIL_ADDRESS>"
