"""Outputs in a bad mood."""

from __future__ import annotations

from .._base import OutputScanner
from ..input_scanners.sentiment import _lexicon, only_vader

__all__ = ["Sentiment"]


class Sentiment(OutputScanner):
    """Refuses outputs whose mood, from -1 to 1 by the VADER lexicon, is not above the threshold.

    >>> Sentiment().scan("", "I love this wonderful day")[1]
    True
    """

    def __init__(self, *, threshold: float = -0.1, lexicon: str = _lexicon) -> None:
        """
        Args:
            threshold: A mood at it or below is refused.
            lexicon: ``vader_lexicon``; there is no other.
        """
        only_vader(lexicon)
        self._make("Sentiment", threshold=threshold)
