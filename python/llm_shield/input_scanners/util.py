"""A scanner of prompts by its name, as configuration files have it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .anonymize import Anonymize
from .ban_code import BanCode
from .ban_competitors import BanCompetitors
from .ban_substrings import BanSubstrings
from .ban_topics import BanTopics
from .code import Code
from .emotion_detection import EmotionDetection
from .gibberish import Gibberish
from .invisible_text import InvisibleText
from .language import Language
from .prompt_injection import PromptInjection
from .regex import Regex
from .secrets import Secrets
from .sentiment import Sentiment
from .token_limit import TokenLimit
from .toxicity import Toxicity

if TYPE_CHECKING:
    from .base import Scanner

_SCANNERS: dict[str, Any] = {
    scanner.__name__: scanner
    for scanner in (
        Anonymize,
        BanCode,
        BanCompetitors,
        BanSubstrings,
        BanTopics,
        Code,
        EmotionDetection,
        Gibberish,
        Language,
        PromptInjection,
        Regex,
        Secrets,
        Sentiment,
        TokenLimit,
        Toxicity,
    )
}


def get_scanner_by_name(scanner_name: str, scanner_config: dict[str, Any] | None = None) -> Scanner:
    """The scanner of this class name, built with these keyword arguments. An unknown name is a ``ValueError``.

    >>> get_scanner_by_name("BanSubstrings", {"substrings": ["ransomware"]}).scan("No ransomware")[1]
    False
    """
    if scanner_name == "InvisibleText":
        return InvisibleText()
    if scanner_name not in _SCANNERS:
        raise ValueError(f"Unknown scanner name: {scanner_name}")
    scanner: Scanner = _SCANNERS[scanner_name](**(scanner_config or {}))
    return scanner
