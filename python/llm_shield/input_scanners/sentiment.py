"""Prompts in a bad mood."""

from __future__ import annotations

from .._base import InputScanner

__all__ = ["Sentiment"]

_lexicon = "vader_lexicon"


def only_vader(lexicon: str) -> None:
    """There is one lexicon."""
    if lexicon != _lexicon:
        raise ValueError(f"lexicon {lexicon!r} is not known; there is {_lexicon!r}")


class Sentiment(InputScanner):
    """Refuses prompts whose mood, from -1 to 1 by the VADER lexicon, is not above the threshold.

    >>> Sentiment().scan("I love this wonderful day")[1]
    True
    """

    def __init__(self, *, threshold: float = -0.3, lexicon: str = _lexicon) -> None:
        """
        Args:
            threshold: A mood at it or below is refused.
            lexicon: ``vader_lexicon``; there is no other.
        """
        only_vader(lexicon)
        self._make("Sentiment", threshold=threshold)
