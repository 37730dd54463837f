"""Patterns that may not, or must, match in a prompt."""

from __future__ import annotations

import re
import warnings
from enum import Enum
from typing import TYPE_CHECKING

from .._base import InputScanner, _Built

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["MatchType", "Regex"]


class MatchType(Enum):
    """What counts as a match: the first anywhere, the whole text, or every one."""

    SEARCH = "search"
    FULL_MATCH = "fullmatch"
    ALL = "all"

    def match(self, pattern: re.Pattern[str], text: str) -> list[re.Match[str]]:
        """The matches of a compiled pattern.

        >>> [found.group() for found in MatchType.ALL.match(re.compile("[0-9]"), "a1b2")]
        ['1', '2']
        """
        if self is MatchType.ALL:
            return list(pattern.finditer(text))
        found = pattern.search(text) if self is MatchType.SEARCH else pattern.fullmatch(text)
        return [] if found is None else [found]


class PythonPatterns:
    """Patterns that only Python's own engine can run, such as those that look around or refer back."""

    def __init__(self, patterns: list[re.Pattern[str]], match_type: MatchType, is_blocked: bool, redact: bool) -> None:
        self._patterns = patterns
        self._match_type = match_type
        self._is_blocked = is_blocked
        self._redact = redact

    def scan(self, text: str) -> tuple[str, bool, float]:
        """As the native scanner: the first pattern in the list that matches at all decides."""
        matches: list[re.Match[str]] = []
        for pattern in self._patterns:
            matches = self._match_type.match(pattern, text)
            if matches:
                break
        if bool(matches) is not self._is_blocked:
            return text, True, -1.0
        if self._redact:
            for found in reversed(matches):
                text = f"{text[: found.start()]}[REDACTED]{text[found.end() :]}"
        return text, False, 1.0


class PatternList(_Built):
    """What the scanners of prompts and of outputs share: the native scanner or, where that refuses a pattern which Python
    takes, Python's own engine."""

    _python: PythonPatterns | None
    _scan_in_python: Callable[..., tuple[str, bool, float]]

    def _make_patterns(self, patterns: Sequence[str], is_blocked: bool, match_type: MatchType | str, redact: bool) -> None:
        match_type = MatchType(match_type)
        compiled = [re.compile(pattern) for pattern in patterns]
        self._python = None
        try:
            self._make(
                "Regex", patterns=list(patterns), is_blocked=is_blocked, match_type=match_type.value, redact=redact
            )
        except ValueError as error:
            if "cannot be compiled" not in str(error):
                raise
            warnings.warn(
                f"{error}. The list runs on Python's own engine, which holds the interpreter's lock and may take very "
                "long on texts made for it",
                RuntimeWarning,
                stacklevel=3,
            )
            self._python = PythonPatterns(compiled, match_type, is_blocked, redact)
            self._restore()

    def _restore(self) -> None:
        if self._python is None:
            super()._restore()
        else:
            self.scan = self._scan_in_python


class Regex(PatternList, InputScanner):
    r"""Refuses prompts that match a pattern or, with ``is_blocked=False``, prompts that match none.

    The patterns are Python's. They run on an engine that takes time linear in the text; only lists with a pattern that
    this engine cannot have, such as one that looks around or refers back, run on Python's own, with a
    ``RuntimeWarning``.

    >>> Regex([r"Bearer [\w.-]+"]).scan("Authorization: Bearer abc.def")
    ('Authorization: [REDACTED]', False, 1.0)
    """

    def __init__(
        self,
        patterns: Sequence[str],
        *,
        is_blocked: bool = True,
        match_type: MatchType | str = MatchType.ALL,
        redact: bool = True,
    ) -> None:
        """
        Args:
            patterns: The patterns; the first of them that matches decides. A wrong one is a ``re.error``.
            is_blocked: Whether a match refuses the prompt or lets it pass.
            match_type: What counts as a match, and so how much of it is redacted.
            redact: Whether to replace matches by ``[REDACTED]``.
        """
        self._make_patterns(patterns, is_blocked, match_type, redact)

    def _scan_in_python(self, prompt: str) -> tuple[str, bool, float]:
        assert self._python is not None
        return self._python.scan(prompt)
