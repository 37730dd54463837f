"""Biased outputs."""

from __future__ import annotations

from enum import Enum

from .._base import OutputScanner, own_detector
from ..model import Model

__all__ = ["DEFAULT_MODEL", "Bias", "MatchType"]

#: llm-guard's model, by which programs choose one; it is not loaded here.
DEFAULT_MODEL = Model("valurank/distilroberta-bias", onnx_path="ProtectAI/distilroberta-bias-onnx")


class MatchType(Enum):
    """Which parts are judged: each sentence or the whole; the worst decides."""

    SENTENCE = "sentence"
    FULL = "full"


class Bias(OutputScanner):
    """Refuses biased outputs. It waits for the encoder: until then ``scan`` raises ``ScannerUnavailableError`` for
    every output that is not blank.

    >>> Bias().scan("", "")
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
        """
        Args:
            model: No effect, with a warning.
            threshold: Scores above it refuse the output.
            match_type: Which parts are judged.
            use_onnx: No effect, with a warning.
        """
        own_detector(self, model, use_onnx)
        self._make("Bias", threshold=threshold, match_type=MatchType(match_type).value)
