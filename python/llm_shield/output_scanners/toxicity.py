"""Toxic, hateful and insulting outputs."""

from __future__ import annotations

from .._base import OutputScanner, own_detector
from ..input_scanners.toxicity import DEFAULT_MODEL, MatchType
from ..model import Model

__all__ = ["DEFAULT_MODEL", "MatchType", "Toxicity"]


class Toxicity(OutputScanner):
    """Refuses outputs that are toxic.

    >>> Toxicity().scan("", "You are a stupid idiot")[1]
    False
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
        self._make("Toxicity", threshold=threshold, match_type=MatchType(match_type).value)
