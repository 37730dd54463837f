"""Outputs without meaning."""

from __future__ import annotations

from .._base import OutputScanner, own_detector
from ..input_scanners.gibberish import DEFAULT_MODEL, MatchType
from ..model import Model

__all__ = ["DEFAULT_MODEL", "Gibberish", "MatchType"]


class Gibberish(OutputScanner):
    """Refuses outputs that are noise or a salad of words.

    >>> Gibberish().scan("", "")
    ('', True, -1.0)
    """

    def __init__(
        self,
        *,
        model: Model | None = None,
        threshold: float = 0.7,
        match_type: MatchType | str = MatchType.FULL,
        use_onnx: bool = False,
    ) -> None:
        """The arguments are those of the scanner of prompts."""
        own_detector(self, model, use_onnx)
        self._make("Gibberish", threshold=threshold, match_type=MatchType(match_type).value)
