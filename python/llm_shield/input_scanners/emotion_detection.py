"""Emotions in a prompt."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from .._base import InputScanner, own_detector
from ..exception import ScannerUnavailableError
from ..model import Model

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["DEFAULT_BLOCKED_EMOTIONS", "DEFAULT_MODEL", "EMOTION_LABELS", "EmotionDetection", "MatchType"]

#: llm-guard's model, by which programs choose one; it is not loaded here.
DEFAULT_MODEL = Model("SamLowe/roberta-base-go_emotions", onnx_path="SamLowe/roberta-base-go_emotions-onnx")
#: The 28 labels of GoEmotions.
EMOTION_LABELS = (
    "admiration amusement anger annoyance approval caring confusion curiosity desire disappointment disapproval disgust "
    "embarrassment excitement fear gratitude grief joy love nervousness optimism pride realization relief remorse sadness "
    "surprise neutral"
).split()
#: Those that are refused when a program names none.
DEFAULT_BLOCKED_EMOTIONS = (
    "anger annoyance disappointment disapproval disgust embarrassment fear grief nervousness remorse sadness"
).split()


class MatchType(Enum):
    """Which parts of a prompt are judged: each sentence or the whole; the worst decides."""

    SENTENCE = "sentence"
    FULL = "full"


class EmotionDetection(InputScanner):
    """Refuses prompts that show an emotion of a list. It waits for the encoder: until then ``scan`` raises
    ``ScannerUnavailableError`` for every text that is not blank.

    >>> EmotionDetection().scan("")
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
        """
        Args:
            model: No effect, with a warning.
            threshold: Scores above it refuse the prompt.
            blocked_emotions: Labels out of :data:`EMOTION_LABELS`; :data:`DEFAULT_BLOCKED_EMOTIONS` without them.
            match_type: Which parts are judged.
            use_onnx: No effect, with a warning.
            return_full_output: Whether ``scan`` keeps the scores of all labels in ``_last_emotion_analysis``.
        """
        own_detector(self, model, use_onnx)
        blocked = DEFAULT_BLOCKED_EMOTIONS if blocked_emotions is None else blocked_emotions
        self._return_full_output = return_full_output
        self._make(
            "EmotionDetection",
            threshold=threshold,
            blocked_emotions=list(blocked),
            match_type=MatchType(match_type).value,
        )

    def get_emotion_analysis(self, text: str) -> dict[str, float]:
        """The score of each label; empty for a blank text."""
        if not text.strip():
            return {}
        raise ScannerUnavailableError("EmotionDetection waits for the encoder: there are no scores yet")

    def scan_with_full_output(self, prompt: str) -> tuple[str, bool, float, dict[str, float]]:
        """As ``scan``, with the score of each label."""
        return (*self.scan(prompt), self.get_emotion_analysis(prompt))
