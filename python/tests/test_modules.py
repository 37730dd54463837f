"""llm-guard's module tree: what its programs import, with its parameters, names and texts of errors."""

import enum
import importlib
import inspect
import subprocess
import sys

import pytest

import llm_shield
from llm_shield import input_scanners, output_scanners
from llm_shield.exception import LLMGuardValidationError
from llm_shield.model import Model
from llm_shield.vault import Vault

INPUT = {
    "anonymize": ["Anonymize", "ALL_SUPPORTED_LANGUAGES", "DEFAULT_ENTITY_TYPES"],
    "ban_code": ["BanCode", "MODEL_SM", "MODEL_TINY"],
    "ban_competitors": ["BanCompetitors", "MODEL_V1"],
    "ban_substrings": ["BanSubstrings", "MatchType", "PROMPT_STOP_SUBSTRINGS"],
    "ban_topics": ["BanTopics", "MODEL_ROBERTA_BASE_C_V2", "MODEL_DEBERTA_BASE_V2", "MODEL_BGE_M3_V2"],
    "code": ["Code", "DEFAULT_MODEL", "SUPPORTED_LANGUAGES"],
    "emotion_detection": ["EmotionDetection", "MatchType", "EMOTION_LABELS", "DEFAULT_BLOCKED_EMOTIONS"],
    "gibberish": ["Gibberish", "MatchType", "DEFAULT_MODEL"],
    "invisible_text": ["InvisibleText"],
    "language": ["Language", "MatchType", "DEFAULT_MODEL"],
    "prompt_injection": ["PromptInjection", "MatchType", "V1_MODEL", "V2_MODEL", "V2_SMALL_MODEL"],
    "regex": ["Regex", "MatchType"],
    "secrets": ["Secrets", "REDACT_ALL", "REDACT_PARTIAL", "REDACT_HASH"],
    "sentiment": ["Sentiment"],
    "token_limit": ["TokenLimit"],
    "toxicity": ["Toxicity", "MatchType", "DEFAULT_MODEL"],
    "base": ["Scanner"],
    "util": ["get_scanner_by_name"],
    "anonymize_helpers": ["get_regex_patterns", "DEBERTA_AI4PRIVACY_v2_CONF", "BERT_ZH_NER_CONF"],
    "anonymize_helpers.ner_mapping": ["NERConfig", "MDEBERTA_AI4PRIVACY_v2_CONF"],
    "anonymize_helpers.regex_patterns": ["DEFAULT_REGEX_PATTERNS"],
}
OUTPUT = {
    "ban_code": ["BanCode"],
    "ban_competitors": ["BanCompetitors"],
    "ban_substrings": ["BanSubstrings", "MatchType", "OUTPUT_STOP_SUBSTRINGS"],
    "ban_topics": ["BanTopics"],
    "bias": ["Bias", "MatchType"],
    "code": ["Code"],
    "deanonymize": ["Deanonymize", "MatchingStrategy"],
    "emotion_detection": ["EmotionDetection"],
    "factual_consistency": ["FactualConsistency"],
    "gibberish": ["Gibberish", "MatchType"],
    "json": ["JSON"],
    "language": ["Language", "MatchType"],
    "language_same": ["LanguageSame"],
    "malicious_urls": ["MaliciousURLs"],
    "no_refusal": ["NoRefusal", "NoRefusalLight", "MatchType"],
    "reading_time": ["ReadingTime"],
    "regex": ["Regex", "MatchType"],
    "relevance": ["Relevance", "MODEL_EN_BGE_BASE", "MODEL_EN_BGE_LARGE", "MODEL_EN_BGE_SMALL"],
    "sensitive": ["Sensitive"],
    "sentiment": ["Sentiment"],
    "toxicity": ["Toxicity", "MatchType"],
    "url_reachabitlity": ["URLReachability"],
    "base": ["Scanner"],
    "util": ["get_scanner_by_name"],
}
# Class, side, its parameters with llm-guard's defaults; a star stands before those that are keywords only.
SIGNATURES = [
    ("input", "Anonymize", "vault * hidden_names=None allowed_names=None entity_types=None preamble='' regex_patterns=None "
     "use_faker=False recognizer_conf=None threshold=0.5 use_onnx=False language='en'"),
    ("input", "BanCode", "* model=None threshold=0.97 use_onnx=False"),
    ("input", "BanCompetitors", "competitors * threshold=0.5 redact=True model=None use_onnx=False chunk_size=512 "
     "chunk_overlap_size=40"),
    ("input", "BanSubstrings", "substrings * match_type='str' case_sensitive=False redact=False contains_all=False"),
    ("input", "BanTopics", "topics * threshold=0.6 model=None use_onnx=False"),
    ("input", "Code", "languages * model=None is_blocked=True threshold=0.5 use_onnx=False"),
    ("input", "EmotionDetection", "* model=None threshold=0.5 blocked_emotions=None match_type='full' use_onnx=False "
     "return_full_output=False"),
    ("input", "Gibberish", "* model=None threshold=0.97 match_type='full' use_onnx=False"),
    ("input", "InvisibleText", ""),
    ("input", "Language", "valid_languages * model=None threshold=0.6 match_type='full' use_onnx=False"),
    ("input", "PromptInjection", "* model=None threshold=0.92 match_type='full' use_onnx=False"),
    ("input", "Regex", "patterns * is_blocked=True match_type='all' redact=True"),
    ("input", "Secrets", "* redact_mode='all'"),
    ("input", "Sentiment", "* threshold=-0.3 lexicon='vader_lexicon'"),
    ("input", "TokenLimit", "* limit=4096 encoding_name='cl100k_base' model_name=None"),
    ("input", "Toxicity", "* model=None threshold=0.5 match_type='full' use_onnx=False"),
    ("output", "BanCode", "* model=None threshold=0.9 use_onnx=False"),
    ("output", "BanCompetitors", "competitors * threshold=0.5 redact=True model=None use_onnx=False"),
    ("output", "BanSubstrings", "substrings * match_type='str' case_sensitive=False redact=False contains_all=False"),
    ("output", "BanTopics", "topics * threshold=0.75 model=None use_onnx=False"),
    ("output", "Bias", "* model=None threshold=0.7 match_type='full' use_onnx=False"),
    ("output", "Code", "languages * model=None is_blocked=True threshold=0.5 use_onnx=False"),
    ("output", "Deanonymize", "vault * matching_strategy='exact'"),
    ("output", "FactualConsistency", "* model=None minimum_score=0.75 use_onnx=False"),
    ("output", "Gibberish", "* model=None threshold=0.7 match_type='full' use_onnx=False"),
    ("output", "JSON", "* required_elements=0 repair=True"),
    ("output", "Language", "valid_languages * model=None threshold=0.7 match_type='full' use_onnx=False"),
    ("output", "LanguageSame", "* model=None threshold=0.1 use_onnx=False"),
    ("output", "MaliciousURLs", "* model=None threshold=0.5 use_onnx=False"),
    ("output", "NoRefusal", "* model=None threshold=0.75 match_type='full' use_onnx=False"),
    ("output", "NoRefusalLight", ""),
    ("output", "ReadingTime", "max_time * truncate=False"),
    ("output", "Regex", "patterns * is_blocked=True match_type='search' redact=True"),
    ("output", "Relevance", "* threshold=0.5 model=None use_onnx=False"),
    ("output", "Sensitive", "* entity_types=None regex_patterns=None redact=False recognizer_conf=None threshold=0.5 "
     "use_onnx=False language='en'"),
    ("output", "Sentiment", "* threshold=-0.1 lexicon='vader_lexicon'"),
    ("output", "Toxicity", "* model=None threshold=0.7 match_type='full' use_onnx=False"),
    ("output", "URLReachability", "* success_status_codes=None timeout=5"),
]


@pytest.mark.parametrize("side, tree", [("input_scanners", INPUT), ("output_scanners", OUTPUT)])
def test_what_programs_import_is_there(side, tree):
    for module, names in tree.items():
        found = importlib.import_module(f"llm_shield.{side}.{module}")
        assert [name for name in names if not hasattr(found, name)] == []


@pytest.mark.parametrize("side, name, expected", SIGNATURES, ids=lambda value: str(value)[:24])
def test_parameters_and_defaults_are_llm_guards(side, name, expected):
    scanner = getattr({"input": input_scanners, "output": output_scanners}[side], name)
    parameters = dict(inspect.signature(scanner.__init__).parameters)
    parameters.pop("self")
    keywords_only = False
    for word in expected.split():
        if word == "*":
            keywords_only = True
            continue
        parameter, _, default = word.partition("=")
        found = parameters.pop(parameter)
        kind = found.KEYWORD_ONLY if keywords_only else found.POSITIONAL_OR_KEYWORD
        assert found.kind is kind, parameter
        value = found.default.value if isinstance(found.default, enum.Enum) else found.default
        assert (value is found.empty) if not default else (repr(value) == default), parameter
    added = {"Anonymize": {"preserve_format", "faker_seed"}, "Secrets": {"show_placeholders"}}
    assert set(parameters) == added.get(name, set())


def test_there_are_16_input_and_23_output_scanners():
    def count(module):
        return sum(name[0].isupper() for name in module.__all__)

    assert (count(input_scanners), count(output_scanners)) == (16, 23)


def test_scanners_by_name():
    scanner = input_scanners.get_scanner_by_name("BanSubstrings", {"substrings": ["a"]})
    assert type(scanner) is input_scanners.BanSubstrings
    assert type(input_scanners.get_scanner_by_name("InvisibleText", {"ignored": 1})) is input_scanners.InvisibleText
    vault = Vault()
    assert type(output_scanners.get_scanner_by_name("Deanonymize", {"vault": vault})) is output_scanners.Deanonymize
    for module, text in [(input_scanners, "Unknown scanner name: Nope"), (output_scanners, "Unknown scanner name: Nope!")]:
        with pytest.raises(ValueError) as raised:
            module.get_scanner_by_name("Nope")
        assert str(raised.value) == text
    with pytest.raises(TypeError, match="got an unexpected keyword argument"):
        input_scanners.get_scanner_by_name("Secrets", {"mode": "all"})


def test_enumerations_are_real():
    from llm_shield.input_scanners import ban_substrings, prompt_injection, regex
    from llm_shield.output_scanners import deanonymize
    from llm_shield.output_scanners.ban_substrings import MatchType

    assert MatchType is ban_substrings.MatchType
    assert {member.value for member in prompt_injection.MatchType} == {
        "sentence",
        "full",
        "truncate_token_head_tail",
        "truncate_head_tail",
        "chunks",
    }
    assert regex.MatchType("fullmatch") is regex.MatchType.FULL_MATCH
    assert issubclass(deanonymize.MatchingStrategy, enum.Enum)
    with pytest.raises(ValueError, match="'zz' is not a valid MatchType"):
        input_scanners.PromptInjection(match_type="zz")


def test_what_another_model_would_be_is_said_aloud():
    from llm_shield.input_scanners.prompt_injection import V2_SMALL_MODEL

    with pytest.warns(UserWarning, match="PromptInjection: `model` has no effect"):
        input_scanners.PromptInjection(model=V2_SMALL_MODEL)
    with pytest.warns(UserWarning, match="`use_onnx`"):
        output_scanners.Toxicity(use_onnx=True)


def test_models_are_descriptions():
    model = Model("acme/x", pipeline_kwargs={"max_length": 512})
    assert str(model) == "acme/x"
    assert model.pipeline_kwargs == {"batch_size": 1, "max_length": 512}
    assert model == Model("acme/x", pipeline_kwargs={"max_length": 512})
    model.kwargs["local_files_only"] = True
    assert Model("acme/x").kwargs == {}
    assert (model.onnx_filename, model.revision, model.onnx_subfolder) == ("model.onnx", None, "")


def test_validation_errors_have_llm_guards_texts():
    for build, text in [
        (lambda: input_scanners.Anonymize(Vault(), language="xx"), "Language must be in the list of allowed: ['en', 'zh']"),
        (lambda: input_scanners.Code(["Klingon"]), "Languages must be a subset of ['ARM Assembly', 'AppleScript', 'C'"),
    ]:
        with pytest.raises(LLMGuardValidationError) as raised:
            build()
        assert str(raised.value).startswith(text)
    assert issubclass(LLMGuardValidationError, ValueError)


def test_what_is_not_there_says_why():
    with pytest.raises(ImportError, match="presidio"):
        from llm_shield.input_scanners.anonymize_helpers import get_analyzer  # noqa: F401


def test_default_patterns_can_be_extended():
    from llm_shield.input_scanners.anonymize_helpers.regex_patterns import DEFAULT_REGEX_PATTERNS

    own = {"name": "order", "expressions": [r"ORD-\d+"], "examples": ["ORD-1"], "context": [], "languages": ["en"]}
    scanner = input_scanners.Anonymize(
        Vault(), entity_types=["ORDER", "UUID"], regex_patterns=[*DEFAULT_REGEX_PATTERNS, own]
    )
    text = scanner.scan("ORD-17 and 550e8400-e29b-41d4-a716-446655440000")[0]
    assert text == "[REDACTED_ORDER_1] and [REDACTED_UUID_1]"


@pytest.mark.parametrize("module", ["llm_shield", "llm_shield.input_scanners, llm_shield.output_scanners"])
def test_nothing_else_is_imported(module):
    code = f"""
import sys
before = set(sys.modules)
import {module}
new = {{name.partition(".")[0] for name in set(sys.modules) - before}}
print(sorted(new - set(sys.stdlib_module_names) - {{"llm_shield"}}))
"""
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert output.strip() == "[]"


def test_the_package_has_types(repository):
    mypy = pytest.importorskip("mypy.api")
    output, errors, code = mypy.run(["--config-file", str(repository / "python/pyproject.toml"), "--cache-dir", "/dev/null"])
    assert code == 0, output + errors
    assert llm_shield.__path__
