"""Prompts in languages that are not welcome."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from .._base import InputScanner, own_detector
from ..model import Model

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["DEFAULT_MODEL", "MatchType", "Language"]

#: llm-guard's model, by which programs choose one; it is not loaded here.
DEFAULT_MODEL = Model("papluca/xlm-roberta-base-language-detection", onnx_path="ProtectAI/xlm-roberta-base-language-detection-onnx")


class MatchType(Enum):
    """Which parts of a prompt are judged: each sentence or the whole; the worst decides."""

    SENTENCE = "sentence"
    FULL = "full"


class Language(InputScanner):
    """Refuses prompts in a language that is not among ``valid_languages``.

    >>> Language(["en"]).scan("")
    ('', True, -1.0)
    """

    def __init__(
        self,
        valid_languages: Sequence[str],
        *,
        model: Model | None = None,
        threshold: float = 0.6,
        match_type: MatchType | str = MatchType.FULL,
        use_onnx: bool = False,
    ) -> None:
        """
        Args:
            valid_languages: Codes of ISO 639-1, for example ``en``.
            model: No effect, with a warning.
            threshold: Scores above it refuse the prompt.
            match_type: Which parts are judged.
            use_onnx: No effect, with a warning.
        """
        own_detector(self, model, use_onnx)
        self._make("Language", valid_languages=list(valid_languages), threshold=threshold, match_type=MatchType(match_type).value)
