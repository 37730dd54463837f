"""Prompts without meaning."""

from __future__ import annotations

from enum import Enum

from .._base import InputScanner, own_detector
from ..model import Model

__all__ = ["DEFAULT_MODEL", "MatchType", "Gibberish"]

#: llm-guard's model, by which programs choose one; it is not loaded here.
DEFAULT_MODEL = Model("madhurjindal/autonlp-Gibberish-Detector-492513457", onnx_path="madhurjindal/autonlp-Gibberish-Detector-492513457", onnx_subfolder="onnx")


class MatchType(Enum):
    """Which parts of a prompt are judged: each sentence or the whole; the worst decides."""

    SENTENCE = "sentence"
    FULL = "full"


class Gibberish(InputScanner):
    """Refuses prompts that are noise or a salad of words.

    >>> Gibberish().scan("")
    ('', True, -1.0)
    """

    def __init__(
        self,
        *,
        model: Model | None = None,
        threshold: float = 0.97,
        match_type: MatchType | str = MatchType.FULL,
        use_onnx: bool = False,
    ) -> None:
        """
        Args:
            model: No effect, with a warning.
            threshold: Scores above it refuse the prompt.
            match_type: Which parts are judged.
            use_onnx: No effect, with a warning.
        """
        own_detector(self, model, use_onnx)
        self._make("Gibberish", threshold=threshold, match_type=MatchType(match_type).value)
