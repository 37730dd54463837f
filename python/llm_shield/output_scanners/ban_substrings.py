"""Phrases that may not occur in an output."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._base import OutputScanner
from ..input_scanners.ban_substrings import MatchType

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["OUTPUT_STOP_SUBSTRINGS", "BanSubstrings", "MatchType"]

#: Phrases by which models announce that they were talked round; the last three are public test strings of filters.
OUTPUT_STOP_SUBSTRINGS = [
    "[DAN]",
    "DAN:",
    "DAN Mode enabled",
    "ANTI-DAN:",
    "[🔓JAILBREAK]",
    "successfully jailbroken",
    "STAN:",
    "DUDE:",
    "(🔓Developer Mode Output)",
    "![http",
    r"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*",
    "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X",
    "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTPHISH-STANDARD-ANTI-PHISH-TEST-EMAIL*C.34X",
]


class BanSubstrings(OutputScanner):
    """Refuses outputs that hold one of a list of phrases.

    >>> BanSubstrings(["as an AI"], redact=True).scan("", "As an AI, I cannot.")
    ('[REDACTED], I cannot.', False, 1.0)
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
        """The arguments are those of the scanner of prompts."""
        self._make(
            "BanSubstrings",
            substrings=list(substrings),
            match_type=MatchType(match_type).value,
            case_sensitive=case_sensitive,
            redact=redact,
            contains_all=contains_all,
        )
