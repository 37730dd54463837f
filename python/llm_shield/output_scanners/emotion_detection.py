"""Emotions in an output."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._base import OutputScanner, own_detector
from ..exception import ScannerUnavailableError
from ..input_scanners.emotion_detection import DEFAULT_BLOCKED_EMOTIONS, DEFAULT_MODEL, EMOTION_LABELS, MatchType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..model import Model

__all__ = ["DEFAULT_BLOCKED_EMOTIONS", "DEFAULT_MODEL", "EMOTION_LABELS", "EmotionDetection", "MatchType"]


class EmotionDetection(OutputScanner):
    """Refuses outputs that show an emotion of a list. It waits for the encoder: until then ``scan`` raises
    ``ScannerUnavailableError`` for every output that is not blank.

    >>> EmotionDetection().scan("", "")
    ('', True, -1.0)
    """

    def __init__(
        self,
        *,
        model: Model | None = None,
        threshold: float = 0.5,
        blocked_emotions: Sequence[str] | None = None,
        match_type: MatchType | str = MatchType.FULL,
        use_onnx: bool = False,
        return_full_output: bool = False,
    ) -> None:
        """The arguments are those of the scanner of prompts."""
        own_detector(self, model, use_onnx)
        blocked = DEFAULT_BLOCKED_EMOTIONS if blocked_emotions is None else blocked_emotions
        self._return_full_output = return_full_output
        self._make(
            "EmotionDetection",
            threshold=threshold,
            blocked_emotions=list(blocked),
            match_type=MatchType(match_type).value,
        )

    def get_emotion_analysis(self, output: str) -> dict[str, float]:
        """The score of each label; empty for a blank text."""
        if not output.strip():
            return {}
        raise ScannerUnavailableError("EmotionDetection waits for the encoder: there are no scores yet")

    def scan_with_full_output(self, prompt: str, output: str) -> tuple[str, bool, float, dict[str, float]]:
        """As ``scan``, with the score of each label."""
        return (*self.scan(prompt, output), self.get_emotion_analysis(output))
