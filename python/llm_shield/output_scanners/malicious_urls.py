"""Web addresses in an output that look malicious."""

from __future__ import annotations

from .._base import OutputScanner, own_detector
from ..model import Model

__all__ = ["DEFAULT_MODEL", "MaliciousURLs"]

#: llm-guard's model, by which programs choose one; it is not loaded here.
DEFAULT_MODEL = Model(
    "DunnBC22/codebert-base-Malicious_URLs", onnx_path="ProtectAI/codebert-base-Malicious_URLs-onnx"
)


class MaliciousURLs(OutputScanner):
    """Refuses outputs with a web address that looks malicious. It makes no requests.

    >>> MaliciousURLs().scan("", "")
    ('', True, -1.0)
    """

    def __init__(self, *, model: Model | None = None, threshold: float = 0.5, use_onnx: bool = False) -> None:
        """
        Args:
            model: No effect, with a warning.
            threshold: Scores above it refuse the output.
            use_onnx: No effect, with a warning.
        """
        own_detector(self, model, use_onnx)
        self._make("MaliciousURLs", threshold=threshold)
