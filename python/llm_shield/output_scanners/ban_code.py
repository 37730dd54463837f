"""Code in an output, of any language."""

from __future__ import annotations

from .._base import OutputScanner, own_detector
from ..input_scanners.ban_code import MODEL_SM, MODEL_TINY
from ..model import Model

__all__ = ["MODEL_SM", "MODEL_TINY", "BanCode"]


class BanCode(OutputScanner):
    """Refuses outputs that are code.

    >>> BanCode().scan("", "")
    ('', True, -1.0)
    """

    def __init__(
        self,
        *,
        model: Model | None = None,
        threshold: float = 0.9,
        use_onnx: bool = False,
    ) -> None:
        """The arguments are those of the scanner of prompts."""
        own_detector(self, model, use_onnx)
        self._make("BanCode", threshold=threshold)
