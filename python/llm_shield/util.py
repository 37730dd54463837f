"""Small functions that llm-guard's users import: risk arithmetic, cutting of texts, logging."""

from __future__ import annotations

import functools
import importlib
import importlib.util
import logging
import re
import sys
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

if TYPE_CHECKING:
    from types import ModuleType
    from typing import TextIO

__all__ = [
    "calculate_risk_score",
    "chunk_text",
    "configure_logger",
    "device",
    "extract_urls",
    "get_logger",
    "lazy_load_dep",
    "remove_markdown",
    "split_text_by_sentences",
    "split_text_to_word_chunks",
    "truncate_tokens_head_tail",
]

_Token = TypeVar("_Token")
_LEVELS = {
    "CRITICAL": logging.CRITICAL,
    "FATAL": logging.CRITICAL,
    "ERROR": logging.ERROR,
    "WARN": logging.WARNING,
    "WARNING": logging.WARNING,
    "INFO": logging.INFO,
    "DEBUG": logging.DEBUG,
    "NOTSET": logging.NOTSET,
}


class CHUNK(NamedTuple):
    """A stretch of a text, in characters."""

    start: int
    end: int


class Logger:
    """A logger that takes fields beside the event, as structlog's do, and writes through the standard library.

    >>> get_logger("app").warning("too long", characters=5000)
    """

    def __init__(self, name: str, **fields: Any) -> None:
        self._logger = logging.getLogger(name)
        self._fields = fields

    def bind(self, **fields: Any) -> Logger:
        """A logger that adds these fields to every event."""
        return Logger(self._logger.name, **{**self._fields, **fields})

    def is_enabled_for_info(self) -> bool:
        """Whether events of level INFO are written at all."""
        return self._logger.isEnabledFor(logging.INFO)

    def debug(self, event: str, *args: Any, **fields: Any) -> None:
        """Writes an event of level DEBUG."""
        self._write(logging.DEBUG, event, args, fields)

    def info(self, event: str, *args: Any, **fields: Any) -> None:
        """Writes an event of level INFO."""
        self._write(logging.INFO, event, args, fields)

    def warning(self, event: str, *args: Any, **fields: Any) -> None:
        """Writes an event of level WARNING."""
        self._write(logging.WARNING, event, args, fields)

    def error(self, event: str, *args: Any, **fields: Any) -> None:
        """Writes an event of level ERROR."""
        self._write(logging.ERROR, event, args, fields)

    def critical(self, event: str, *args: Any, **fields: Any) -> None:
        """Writes an event of level CRITICAL."""
        self._write(logging.CRITICAL, event, args, fields)

    def exception(self, event: str, *args: Any, **fields: Any) -> None:
        """Writes an event of level ERROR with the exception that is being handled."""
        self._write(logging.ERROR, event, args, {**fields, "exc_info": True})

    def _write(self, level: int, event: str, args: tuple[Any, ...], fields: dict[str, Any]) -> None:
        if self._logger.isEnabledFor(level):
            fields = {**self._fields, **fields}
            exc_info = fields.pop("exc_info", None)
            self._logger.log(level, event, *args, exc_info=exc_info, extra={"fields": fields}, stacklevel=3)


class _Formatter(logging.Formatter):
    """A line of text or of JSON for each event: time, level, event, fields."""

    def __init__(self, *, as_json: bool) -> None:
        super().__init__()
        self._as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        import datetime
        import json

        time = datetime.datetime.fromtimestamp(record.created, datetime.timezone.utc)
        timestamp = time.isoformat().replace("+00:00", "Z")
        fields: dict[str, Any] = dict(getattr(record, "fields", {}))
        if record.exc_info:
            fields["exception"] = self.formatException(record.exc_info)
        level = record.levelname.lower()
        if self._as_json:
            line = {**fields, "event": record.getMessage(), "level": level, "timestamp": timestamp}
            return json.dumps(line, default=str)
        pairs = "".join(f" {key}={value}" for key, value in fields.items())
        return f"{timestamp} [{level:<8}] {record.getMessage()}{pairs}"


def configure_logger(log_level: str = "INFO", render_json: bool = False, stream: TextIO = sys.stdout) -> None:
    """Writes the package's events to ``stream``, from ``log_level`` on, as text or as lines of JSON.

    No scanned text is ever among them. The levels are CRITICAL, FATAL, ERROR, WARN, WARNING, INFO, DEBUG and NOTSET;
    another is a ``KeyError``.
    """
    level = _LEVELS[log_level]
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_Formatter(as_json=render_json))
    logger = logging.getLogger("llm_shield")
    logger.handlers = [handler]
    logger.setLevel(level)
    logger.propagate = False


def get_logger(name: str | None = None) -> Any:
    """A logger that takes fields beside the event; without a name the package's own."""
    return Logger("llm_shield" if name is None else name)


def calculate_risk_score(score: float, threshold: float) -> float:
    """The distance of ``score`` from ``threshold`` as a share of the room on its side, to one decimal, -1 to 1.

    >>> calculate_risk_score(0.75, 0.5), calculate_risk_score(0.4, 0.5)
    (0.5, -0.2)
    """
    room = 1 - threshold if score > threshold else threshold
    return min(max(round((score - threshold) / room, 1), -1), 1)


def chunk_text(text: str, chunk_size: int) -> list[str]:
    """The text without blank edges, cut every ``chunk_size`` characters.

    >>> chunk_text(" abcde ", 2)
    ['ab', 'cd', 'e']
    """
    text = text.strip()
    return [text[start : start + chunk_size] for start in range(0, len(text), chunk_size)]


# After these a full stop does not end a sentence. Lower case, without the stop.
_ABBREVIATIONS = frozenset(
    "mr mrs ms dr prof rev gen sen rep gov capt col sgt lt st jr sr hon esq messrs mme mlle "
    "vs etc inc ltd co corp bros dept est fig figs no nos vol vols pp eq eqs sec secs ch approx "
    "jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thurs fri sat sun "
    "ave blvd rd mt ft u.s u.k u.n e.g i.e a.m p.m cf al ca viz ph.d b.a m.a d.c".split()
)
_SENTENCE_END = re.compile(r"""(?P<word>\S*?)(?P<stop>[.!?]+)(?P<quote>["'”’)\]]*)\s+(?=(?P<next>\S))""")


def split_text_by_sentences(text: str) -> list[str]:
    """The sentences of an English text.

    llm-guard asks NLTK's trained Punkt model, which it downloads. These are rules: a sentence ends at a full stop,
    question or exclamation mark before white space, but not after a known abbreviation or an initial, and not where
    the text goes on in lower case.

    >>> split_text_by_sentences("Dr. Ada came. Did she stay? Yes.")
    ['Dr. Ada came.', 'Did she stay?', 'Yes.']
    """
    text = text.strip()
    sentences = []
    start = 0
    for end in _SENTENCE_END.finditer(text):
        if end["stop"] == ".":
            word = end["word"].lower().lstrip("\"'“‘([")
            initial = len(word) == 1 and word.isalpha() and end["word"][-1].isupper() and word != "i"
            if word in _ABBREVIATIONS or initial or end["next"].islower():
                continue
        elif end["stop"].startswith("..") and end["next"].islower():
            continue
        sentences.append(text[start : end.end("quote")].strip())
        start = end.end()
    rest = text[start:].strip()
    return [*sentences, rest] if rest else sentences


def split_text_to_word_chunks(input_length: int, chunk_length: int, overlap_length: int) -> list[CHUNK]:
    """Windows of ``chunk_length`` over ``input_length`` characters, each overlapping the one before.

    An overlap that is not shorter than the window becomes half of it.

    >>> split_text_to_word_chunks(100, 50, 10)
    [CHUNK(start=0, end=50), CHUNK(start=40, end=90), CHUNK(start=80, end=100)]
    """
    if input_length < chunk_length:
        return [CHUNK(0, input_length)]
    if chunk_length <= overlap_length:
        get_logger().warning("overlap_length is not shorter than chunk_length; half of chunk_length is used")
        overlap_length = chunk_length // 2
    starts = range(0, input_length - overlap_length, chunk_length - overlap_length)
    return [CHUNK(start, min(start + chunk_length, input_length)) for start in starts]


def truncate_tokens_head_tail(
    tokens: list[_Token], max_length: int = 512, head_length: int = 128, tail_length: int = 382
) -> list[_Token]:
    """The first and the last tokens of a list that is longer than ``max_length``.

    >>> truncate_tokens_head_tail([1, 2, 3, 4, 5], max_length=4, head_length=1, tail_length=2)
    [1, 4, 5]
    """
    if len(tokens) <= max_length:
        return tokens
    return tokens[:head_length] + tokens[-tail_length:]


# ASCII letters and digits, `!`, and everything from `$` to `_`; a percent sign is among them.
_URL = re.compile(r"https?://[a-zA-Z!$-_]+")


def extract_urls(text: str) -> list[str]:
    """The web addresses in a text, as they stand there, with the punctuation that follows them.

    >>> extract_urls("see (https://a.com/x) or http://b.org/p#top")
    ['https://a.com/x)', 'http://b.org/p']
    """
    return _URL.findall(text)


# What Markdown adds to a text and what is left of it, in the order in which it is taken out.
_MARKDOWN = [
    (re.compile(r"\*\*([^*]+)\*\*"), r"\1"),  # bold
    (re.compile(r"\*([^*]+)\*"), r"\1"),  # italic
    (re.compile(r"!\[[^\]]+\]\([^)]+\)"), ""),  # images
    (re.compile(r"\[[^\]]+\]\([^)]+\)"), ""),  # links
    (re.compile(r"#{1,6}\s"), ""),  # headings
    (re.compile(r">+"), ""),  # quotations
    (re.compile(r"`{1,3}[^`]+`{1,3}"), ""),  # code
    (re.compile(r"\n{2,}"), ""),  # paragraphs
    (re.compile(r"[*_`]"), ""),
]


def remove_markdown(text: str) -> str:
    """The text without the marks of Markdown, its links, images and code.

    >>> remove_markdown("# On **speed**: see [here](https://a.com) `x = 1`")
    'On speed: see'
    """
    for pattern, replacement in _MARKDOWN:
        text = pattern.sub(replacement, text)
    return text.strip()


@functools.lru_cache(maxsize=None)
def device() -> Any:
    """The device that torch would use; imports torch."""
    torch = lazy_load_dep("torch")
    if torch.cuda.is_available():
        return torch.device("cuda:0")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


def lazy_load_dep(import_name: str, package_name: str | None = None) -> ModuleType:
    """Imports a module that the package does not depend on; if it is missing, a warning names the package to install."""
    try:
        missing = importlib.util.find_spec(import_name) is None
    except ModuleNotFoundError:
        missing = True
    if missing:
        get_logger().warning(f"{import_name} is missing: pip install {package_name or import_name}")
    return importlib.import_module(import_name)
