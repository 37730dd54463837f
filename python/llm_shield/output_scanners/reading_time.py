"""Outputs that take too long to read."""

from __future__ import annotations

from .._base import OutputScanner

__all__ = ["ReadingTime"]


class ReadingTime(OutputScanner):
    """Refuses outputs that take longer to read than ``max_time`` minutes, at 200 words a minute.

    >>> ReadingTime(0.01, truncate=True).scan("", "three words here")
    ('three words', False, 1.0)
    """

    def __init__(self, max_time: float, *, truncate: bool = False) -> None:
        """
        Args:
            max_time: Minutes.
            truncate: Whether to cut a longer output.
        """
        self._make("ReadingTime", max_time=max_time, truncate=truncate)
