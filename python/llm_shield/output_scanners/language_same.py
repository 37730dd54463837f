"""Outputs in another language than the prompt."""

from __future__ import annotations

from .._base import OutputScanner, own_detector
from ..input_scanners.language import DEFAULT_MODEL
from ..model import Model

__all__ = ["DEFAULT_MODEL", "LanguageSame"]


class LanguageSame(OutputScanner):
    """Refuses outputs that share no language with the prompt.

    >>> LanguageSame().scan(" ", " ")[1:]
    (True, -1.0)
    """

    def __init__(self, *, model: Model | None = None, threshold: float = 0.1, use_onnx: bool = False) -> None:
        """
        Args:
            model: No effect, with a warning.
            threshold: Languages with a score above it count.
            use_onnx: No effect, with a warning.
        """
        own_detector(self, model, use_onnx)
        self._make("LanguageSame", threshold=threshold)
