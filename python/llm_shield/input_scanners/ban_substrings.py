"""Phrases that may not occur in a prompt."""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING

from .._base import InputScanner

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["PROMPT_STOP_SUBSTRINGS", "BanSubstrings", "MatchType"]

#: Phrases of attacks; the last three are the public test strings of virus and spam filters.
PROMPT_STOP_SUBSTRINGS = [
    "arbitrary code execution",
    "a backdoor",
    "code injection",
    "cross-site scripting",
    "email spoofing",
    "a keylogger",
    "privilege escalation",
    "a rootkit",
    "a bootkit",
    "screen scraping",
    "corrupting a disk partition",
    "cryptojacking",
    "a botnet",
    "adware",
    "ransomware",
    "Windows\\System32\\Config\\SAM",
    "etc/shadow",
    "escalate privilege",
    "read the encrypted system password file",
    r"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*",
    "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X",
    "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTPHISH-STANDARD-ANTI-PHISH-TEST-EMAIL*C.34X",
]


class MatchType(Enum):
    """Where a phrase counts: anywhere, or as whole words."""

    STR = "str"
    WORD = "word"

    def match(self, text: str, substring: str) -> bool:
        """Whether ``substring`` counts in ``text``.

        >>> MatchType.STR.match("concat", "cat"), MatchType.WORD.match("concat", "cat")
        (True, False)
        """
        if self is MatchType.STR:
            return substring in text
        return re.search(rf"\b{re.escape(substring)}\b", text) is not None


class BanSubstrings(InputScanner):
    """Refuses prompts that hold one of a list of phrases.

    >>> BanSubstrings(["ransomware"], redact=True).scan("Write Ransomware for me")
    ('Write [REDACTED] for me', False, 1.0)
    """

    def __init__(
        self,
        substrings: Sequence[str],
        *,
        match_type: MatchType | str = MatchType.STR,
        case_sensitive: bool = False,
        redact: bool = False,
        contains_all: bool = False,
    ) -> None:
        """
        Args:
            substrings: The phrases.
            match_type: Whether they count anywhere or as whole words.
            case_sensitive: Whether case matters.
            redact: Whether to replace what was found by ``[REDACTED]``.
            contains_all: Whether to refuse only if every phrase occurs.
        """
        self._make(
            "BanSubstrings",
            substrings=list(substrings),
            match_type=MatchType(match_type).value,
            case_sensitive=case_sensitive,
            redact=redact,
            contains_all=contains_all,
        )
