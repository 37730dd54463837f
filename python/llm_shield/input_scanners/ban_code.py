"""Code in a prompt, of any language."""

from __future__ import annotations

from .._base import InputScanner, own_detector
from ..model import Model

__all__ = ["MODEL_SM", "MODEL_TINY", "BanCode"]

# llm-guard's models, by which programs choose one; none of them is loaded here.
MODEL_SM = Model("vishnun/codenlbert-sm", onnx_path="protectai/vishnun-codenlbert-sm-onnx")
MODEL_TINY = Model("vishnun/codenlbert-tiny", onnx_path="protectai/vishnun-codenlbert-tiny-onnx")


class BanCode(InputScanner):
    """Refuses prompts that are code.

    >>> BanCode().scan("")
    ('', True, -1.0)
    """

    def __init__(self, *, model: Model | None = None, threshold: float = 0.97, use_onnx: bool = False) -> None:
        """
        Args:
            model: No effect, with a warning.
            threshold: Scores above it refuse the prompt.
            use_onnx: No effect, with a warning.
        """
        own_detector(self, model, use_onnx)
        self._make("BanCode", threshold=threshold)
