"""Topics that a prompt may not be about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._base import InputScanner, own_detector
from ..model import Model

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "MODEL_BGE_M3_V2",
    "MODEL_DEBERTA_BASE_V2",
    "MODEL_DEBERTA_LARGE_V2",
    "MODEL_ROBERTA_BASE_C_V2",
    "MODEL_ROBERTA_LARGE_C_V2",
    "BanTopics",
]


def _model(name: str, onnx_path: str | None = None) -> Model:
    path = f"MoritzLaurer/{name}"
    return Model(path, onnx_path=onnx_path or path, onnx_subfolder="" if onnx_path else "onnx")


# llm-guard's models, by which programs choose one; none of them is loaded here.
MODEL_DEBERTA_LARGE_V2 = _model("deberta-v3-large-zeroshot-v2.0")
MODEL_DEBERTA_BASE_V2 = _model("deberta-v3-base-zeroshot-v2.0")
MODEL_BGE_M3_V2 = _model("bge-m3-zeroshot-v2.0")
MODEL_ROBERTA_LARGE_C_V2 = _model("roberta-large-zeroshot-v2.0-c")
MODEL_ROBERTA_BASE_C_V2 = _model(
    "roberta-base-zeroshot-v2.0-c", "protectai/MoritzLaurer-roberta-base-zeroshot-v2.0-c-onnx"
)


class BanTopics(InputScanner):
    """Refuses prompts about a topic of a list. It waits for the encoder: until then ``scan`` raises
    ``ScannerUnavailableError`` for every text that is not blank.

    >>> BanTopics(["violence"]).scan(" ")
    (' ', True, -1.0)
    """

    def __init__(
        self, topics: Sequence[str], *, threshold: float = 0.6, model: Model | None = None, use_onnx: bool = False
    ) -> None:
        """
        Args:
            topics: The topics.
            threshold: Scores above it refuse the prompt.
            model: No effect, with a warning.
            use_onnx: No effect, with a warning.
        """
        own_detector(self, model, use_onnx)
        self._make("BanTopics", topics=list(topics), threshold=threshold)
