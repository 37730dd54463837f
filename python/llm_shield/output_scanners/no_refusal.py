"""Outputs that refuse the request."""

from __future__ import annotations

from enum import Enum

from .._base import OutputScanner, own_detector
from ..model import Model

__all__ = ["DEFAULT_MODEL", "MatchType", "NoRefusal", "NoRefusalLight"]

#: llm-guard's model, by which programs choose one; it is not loaded here.
DEFAULT_MODEL = Model(
    "ProtectAI/distilroberta-base-rejection-v1",
    onnx_path="ProtectAI/distilroberta-base-rejection-v1",
    onnx_subfolder="onnx",
)


class MatchType(Enum):
    """Which parts of an output are judged: each sentence or the whole; the worst decides."""

    SENTENCE = "sentence"
    FULL = "full"


class NoRefusal(OutputScanner):
    """Refuses outputs by which the model declines to answer.

    >>> NoRefusal().scan("", "")
    ('', True, -1.0)
    """

    def __init__(
        self,
        *,
        model: Model | None = None,
        threshold: float = 0.75,
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
        self._make("NoRefusal", threshold=threshold, match_type=MatchType(match_type).value)


class NoRefusalLight(OutputScanner):
    """Refuses outputs that hold one of 28 phrases by which models decline.

    >>> NoRefusalLight().scan("", "I'm sorry, but I cannot help with that.")[1]
    False
    """

    def __init__(self) -> None:
        self._make("NoRefusalLight")
