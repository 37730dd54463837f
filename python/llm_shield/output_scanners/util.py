"""A scanner of outputs by its name, as configuration files have it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .ban_code import BanCode
from .ban_competitors import BanCompetitors
from .ban_substrings import BanSubstrings
from .ban_topics import BanTopics
from .bias import Bias
from .code import Code
from .deanonymize import Deanonymize
from .emotion_detection import EmotionDetection
from .factual_consistency import FactualConsistency
from .gibberish import Gibberish
from .json import JSON
from .language import Language
from .language_same import LanguageSame
from .malicious_urls import MaliciousURLs
from .no_refusal import NoRefusal, NoRefusalLight
from .reading_time import ReadingTime
from .regex import Regex
from .relevance import Relevance
from .sensitive import Sensitive
from .sentiment import Sentiment
from .toxicity import Toxicity
from .url_reachabitlity import URLReachability

if TYPE_CHECKING:
    from .base import Scanner

_SCANNERS: dict[str, Any] = {
    scanner.__name__: scanner
    for scanner in (
        BanCode,
        BanCompetitors,
        BanSubstrings,
        BanTopics,
        Bias,
        Code,
        Deanonymize,
        EmotionDetection,
        FactualConsistency,
        Gibberish,
        JSON,
        Language,
        LanguageSame,
        MaliciousURLs,
        NoRefusal,
        ReadingTime,
        Regex,
        Relevance,
        Sensitive,
        Sentiment,
        Toxicity,
        URLReachability,
    )
}


def get_scanner_by_name(scanner_name: str, scanner_config: dict[str, Any] | None = None) -> Scanner:
    """The scanner of this class name, built with these keyword arguments. An unknown name is a ``ValueError``.

    >>> get_scanner_by_name("Sensitive", {"redact": True}).scan("", "ann@mail.com")[0]
    '<EMAIL_ADDRESS>'
    """
    if scanner_name == "NoRefusalLight":
        return NoRefusalLight()
    if scanner_name not in _SCANNERS:
        raise ValueError(f"Unknown scanner name: {scanner_name}!")
    scanner: Scanner = _SCANNERS[scanner_name](**(scanner_config or {}))
    return scanner
