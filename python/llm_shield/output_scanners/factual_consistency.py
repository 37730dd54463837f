"""Outputs that contradict the prompt."""

from __future__ import annotations

from .._base import OutputScanner, own_detector
from ..input_scanners.ban_topics import MODEL_DEBERTA_BASE_V2
from ..model import Model

__all__ = ["MODEL_DEBERTA_BASE_V2", "FactualConsistency"]


class FactualConsistency(OutputScanner):
    """Refuses outputs that do not follow from the prompt. It waits for the encoder: until then ``scan`` raises
    ``ScannerUnavailableError`` for every prompt that is not blank.

    >>> FactualConsistency().scan("", "x")
    ('x', True, -1.0)
    """

    def __init__(self, *, model: Model | None = None, minimum_score: float = 0.75, use_onnx: bool = False) -> None:
        """
        Args:
            model: No effect, with a warning.
            minimum_score: Scores below it refuse the output.
            use_onnx: No effect, with a warning.
        """
        own_detector(self, model, use_onnx)
        self._make("FactualConsistency", minimum_score=minimum_score)
