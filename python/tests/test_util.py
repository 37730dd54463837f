"""The helpers of `util` and `transformers_helpers`, by what the specification says of them."""

import io
import json
import logging
import sys
import types

import pytest

from llm_shield import scan_prompt, transformers_helpers, util
from llm_shield.exception import LLMGuardValidationError
from llm_shield.input_scanners import BanSubstrings
from llm_shield.model import Model


@pytest.mark.parametrize(
    "score, threshold, risk",
    [
        (0.6, 0.5, 0.2),
        (0.4, 0.5, -0.2),
        (0.75, 0.5, 0.5),
        (1, 0.97, 1.0),
        (0.3, 0.0, 0.3),
        (2, 0.5, 1),
        (0.9, 1, -0.1),
        (0.55, 0.5, 0.1),
        (0.525, 0.5, 0.1),
        (0.5, 0.5, 0.0),
        (0.0, 0.92, -1.0),
        (0.85, -0.3, 0.9),
        (0.2, -0.3, 0.4),
        (0.9061, -0.3, 0.9),
    ],
)
def test_risk_scores(score, threshold, risk):
    assert util.calculate_risk_score(score, threshold) == risk


def test_no_room_below_a_threshold_of_zero():
    with pytest.raises(ZeroDivisionError):
        util.calculate_risk_score(0, 0)


@pytest.mark.parametrize(
    "text, size, chunks",
    [("  abcdefg ", 3, ["abc", "def", "g"]), ("ab", 9, ["ab"]), (" ", 2, []), ("ééé", 2, ["éé", "é"])],
)
def test_chunks_of_characters(text, size, chunks):
    assert util.chunk_text(text, size) == chunks


@pytest.mark.parametrize(
    "arguments, windows",
    [
        ((100, 50, 10), [(0, 50), (40, 90), (80, 100)]),
        ((256, 256, 25), [(0, 256)]),
        ((600, 256, 25), [(0, 256), (231, 487), (462, 600)]),
        ((60, 50, 50), [(0, 50), (25, 60)]),
        ((30, 50, 10), [(0, 30)]),
    ],
)
def test_windows(arguments, windows):
    assert util.split_text_to_word_chunks(*arguments) == windows


def test_head_and_tail():
    tokens = list(range(1000))
    assert util.truncate_tokens_head_tail(tokens) == tokens[:128] + tokens[-382:]
    assert util.truncate_tokens_head_tail(tokens[:512]) is not None
    assert util.truncate_tokens_head_tail(tokens[:512]) == tokens[:512]
    assert util.truncate_tokens_head_tail(tokens, 10, 1, 2) == [0, 998, 999]


@pytest.mark.parametrize(
    "text, urls",
    [
        ("(https://a.com/x)", ["https://a.com/x)"]),
        ("see https://a.b. or", ["https://a.b."]),
        ("https://a.b/p#frag", ["https://a.b/p"]),
        ("http://x.y/é", ["http://x.y/"]),
        ("HTTP://a.b", []),
        ("http://a.b/%zz?q=1&r=[2]~", ["http://a.b/%zz?q=1&r=[2]"]),
        ("http://a.b http://c.d", ["http://a.b", "http://c.d"]),
        ("none", []),
    ],
)
def test_urls(text, urls):
    assert util.extract_urls(text) == urls


@pytest.mark.parametrize(
    "text, plain",
    [
        ("a_b*c", "abc"),
        ("[a][b] <b>x</b>", "[a][b] <bx</b"),
        ("**bold** and *slanted*", "bold and slanted"),
        ("![image](http://a.b/c.png) [link](http://a.b)", ""),
        ("# Head\n\n\ntext", "Headtext"),
        ("before ```code``` after", "before  after"),
        (" > quoted", "quoted"),
    ],
)
def test_markdown(text, plain):
    assert util.remove_markdown(text) == plain


@pytest.mark.parametrize(
    "text, sentences",
    [
        ("One here. Two there!  Three?", ["One here.", "Two there!", "Three?"]),
        ("Alone", ["Alone"]),
        ("Mr. Smith met J. Doe at 5 p.m. on the U.S. coast. They left.", None),
        ("It costs 3.5 dollars. Really.", ["It costs 3.5 dollars.", "Really."]),
        ('"Stop!" He stopped.', ['"Stop!"', "He stopped."]),
        ("Wait... what? Yes.", ["Wait... what?", "Yes."]),
        ("  ", []),
        ("A line.\nAnother line.", ["A line.", "Another line."]),
    ],
)
def test_sentences(text, sentences):
    expected = sentences or ["Mr. Smith met J. Doe at 5 p.m. on the U.S. coast.", "They left."]
    assert util.split_text_by_sentences(text) == (expected if text.strip() else [])


@pytest.fixture
def logger():
    """The package's logger, afterwards as it was."""
    logger = logging.getLogger("llm_shield")
    before = (logger.handlers, logger.level, logger.propagate)
    yield logger
    logger.handlers, logger.level, logger.propagate = before


@pytest.mark.parametrize("as_json", [False, True])
def test_logs_name_scores_and_no_text(logger, as_json):
    stream = io.StringIO()
    util.configure_logger("INFO", render_json=as_json, stream=stream)
    scan_prompt([BanSubstrings(["ransomware"])], "my ransomware")
    util.get_logger().bind(tenant="t").warning("slow", seconds=2)
    util.get_logger().debug("not shown")
    lines = stream.getvalue().splitlines()
    assert len(lines) == 2 and "ransomware" not in stream.getvalue()
    if as_json:
        first, second = map(json.loads, lines)
        assert first["event"] == "Scanned prompt" and first["scores"] == {"BanSubstrings": 1.0}
        assert (second["tenant"], second["seconds"], second["level"]) == ("t", 2, "warning")
    else:
        assert "Scanned prompt" in lines[0] and "tenant=t seconds=2" in lines[1]


def test_an_unknown_level_is_a_key_error():
    with pytest.raises(KeyError):
        util.configure_logger("info")


def test_what_is_missing_is_named(logger, caplog):
    logger.propagate = True
    with caplog.at_level("WARNING", "llm_shield"), pytest.raises(ImportError):
        util.lazy_load_dep("no_such_module_at_all", "no-such-package")
    assert "pip install no-such-package" in caplog.text
    assert util.lazy_load_dep("json") is json


class Recorder:
    """Stands for a module or class of transformers and remembers how it was called."""

    def __init__(self):
        self.calls = []

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)

        def call(*arguments, **keywords):
            self.calls.append((name, arguments, keywords))
            return name

        call.from_pretrained = lambda *arguments, **keywords: call(*arguments, **keywords)
        return call


def test_models_for_scanners_of_ones_own(monkeypatch):
    recorder = Recorder()
    module = types.ModuleType("transformers")
    module.__getattr__ = recorder.__getattr__
    module.__spec__ = importlib_spec("transformers")
    monkeypatch.setitem(sys.modules, "transformers", module)
    monkeypatch.setattr(transformers_helpers, "device", lambda: "cpu")
    model = Model("acme/x", revision="r", kwargs={"a": 1})
    tokenizer, loaded = transformers_helpers.get_tokenizer_and_model_for_classification(model)
    assert (tokenizer, loaded) == ("AutoTokenizer", "AutoModelForSequenceClassification")
    assert recorder.calls[1] == (loaded, ("acme/x",), {"subfolder": "", "revision": "r", "a": 1})
    assert transformers_helpers.get_tokenizer_and_model_for_ner(model)[1] == "AutoModelForTokenClassification"
    tokenizer = types.SimpleNamespace(model_max_length=77)
    transformers_helpers.pipeline("text-classification", "m", tokenizer, top_k=None)
    expected = {"model": "m", "tokenizer": tokenizer, "max_length": 77, "device": "cpu", "top_k": None}
    assert recorder.calls[-1] == ("pipeline", ("text-classification",), expected)


def importlib_spec(name):
    """A specification under which a made-up module counts as there."""
    from importlib.machinery import ModuleSpec

    return ModuleSpec(name, None)


def test_other_tasks_are_refused():
    with pytest.raises(LLMGuardValidationError, match="Invalid task. Must be one of"):
        transformers_helpers.pipeline("translation", None, None)


def test_without_optimum_there_is_no_onnx_runtime():
    transformers_helpers.is_onnx_supported.cache_clear()
    assert transformers_helpers.is_onnx_supported() is False
