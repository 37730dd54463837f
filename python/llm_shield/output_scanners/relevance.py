"""Outputs that have nothing to do with the prompt."""

from __future__ import annotations

from .._base import OutputScanner, own_detector
from ..model import Model

__all__ = ["MODEL_EN_BGE_BASE", "MODEL_EN_BGE_LARGE", "MODEL_EN_BGE_SMALL", "Relevance"]


def _model(name: str) -> Model:
    path = f"BAAI/{name}"
    return Model(path, onnx_path=path, onnx_subfolder="onnx")


# llm-guard's models, by which programs choose one; none of them is loaded here.
MODEL_EN_BGE_BASE = _model("bge-base-en-v1.5")
MODEL_EN_BGE_LARGE = _model("bge-large-en-v1.5")
MODEL_EN_BGE_SMALL = _model("bge-small-en-v1.5")


class Relevance(OutputScanner):
    """Refuses outputs that do not bear on the prompt. It waits for the encoder: until then ``scan`` raises
    ``ScannerUnavailableError`` for every output that is not blank.

    >>> Relevance().scan("Who wrote it?", "")
    ('', True, -1.0)
    """

    def __init__(self, *, threshold: float = 0.5, model: Model | None = None, use_onnx: bool = False) -> None:
        """
        Args:
            threshold: A likeness below it refuses the output.
            model: No effect, with a warning.
            use_onnx: No effect, with a warning.
        """
        own_detector(self, model, use_onnx)
        self._make("Relevance", threshold=threshold)
