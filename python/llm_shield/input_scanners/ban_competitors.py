"""Names of competitors in a prompt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._base import InputScanner, own_detector
from ..model import Model

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["MODEL_V1", "BanCompetitors"]

#: llm-guard's model, by which programs choose one; it is not loaded here.
MODEL_V1 = Model("guishe/nuner-v1_orgs", onnx_path="protectai/guishe-nuner-v1_orgs-onnx")
CHUNK_SIZE = 512
CHUNK_OVERLAP_SIZE = 40


class BanCompetitors(InputScanner):
    """Refuses prompts that name a competitor, and replaces the name by ``[REDACTED]``.

    The names are looked for as they stand in the list; llm-guard counts only those that its model takes for names of
    organisations.
    """

    def __init__(
        self,
        competitors: Sequence[str],
        *,
        threshold: float = 0.5,
        redact: bool = True,
        model: Model | None = None,
        use_onnx: bool = False,
        chunk_size: int = CHUNK_SIZE,
        chunk_overlap_size: int = CHUNK_OVERLAP_SIZE,
    ) -> None:
        """
        Args:
            competitors: The names.
            threshold: Scores from it on count.
            redact: Whether to replace the names that were found.
            model: No effect, with a warning.
            use_onnx: No effect, with a warning.
            chunk_size: No effect, with a warning: a text is read whole.
            chunk_overlap_size: No effect, with a warning.
        """
        chunks = {
            "chunk_size": None if chunk_size == CHUNK_SIZE else chunk_size,
            "chunk_overlap_size": None if chunk_overlap_size == CHUNK_OVERLAP_SIZE else chunk_overlap_size,
        }
        own_detector(self, model, use_onnx, **chunks)
        self._make("BanCompetitors", competitors=list(competitors), threshold=threshold, redact=redact)
