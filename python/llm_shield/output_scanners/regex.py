"""Patterns that may not, or must, match in an output."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from .._base import OutputScanner
from ..input_scanners.regex import MatchType, PythonPatterns, python_patterns

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["MatchType", "Regex"]


class Regex(OutputScanner):
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
        match_type = MatchType(match_type)
        compiled = [re.compile(pattern) for pattern in patterns]
        params: dict[str, Any] = {
            "patterns": list(patterns),
            "is_blocked": is_blocked,
            "match_type": match_type.value,
            "redact": redact,
        }
        self._python: PythonPatterns | None = None
        try:
            self._make("Regex", **params)
        except ValueError as error:
            self._python = python_patterns(error, compiled, match_type, is_blocked, redact)
            self._restore()

    def _restore(self) -> None:
        if self._python is None:
            super()._restore()
        else:
            self.scan = self._scan_in_python  # type: ignore[method-assign]

    def _scan_in_python(self, prompt: str, output: str) -> tuple[str, bool, float]:
        assert self._python is not None
        return self._python.scan(output)
