"""Patterns that may not, or must, match in an output."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._base import OutputScanner
from ..input_scanners.regex import MatchType, PatternList

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["MatchType", "Regex"]


class Regex(PatternList, OutputScanner):
    r"""Refuses outputs that match a pattern or, with ``is_blocked=False``, outputs that match none.

    As the scanner of prompts, but by default only the first match counts and is redacted.

    >>> Regex([r"[0-9]{3}"]).scan("", "123 and 456")
    ('[REDACTED] and 456', False, 1.0)
    """

    def __init__(
        self,
        patterns: Sequence[str],
        *,
        is_blocked: bool = True,
        match_type: MatchType | str = MatchType.SEARCH,
        redact: bool = True,
    ) -> None:
        """The arguments are those of the scanner of prompts."""
        self._make_patterns(patterns, is_blocked, match_type, redact)

    def _scan_in_python(self, prompt: str, output: str) -> tuple[str, bool, float]:
        assert self._python is not None
        return self._python.scan(output)
