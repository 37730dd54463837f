"""Names of competitors in an output."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._base import OutputScanner, own_detector
from ..input_scanners.ban_competitors import MODEL_V1
from ..model import Model

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["MODEL_V1", "BanCompetitors"]


class BanCompetitors(OutputScanner):
    """Refuses outputs that name a competitor, and replaces the name by ``[REDACTED]``."""

    def __init__(
        self,
        competitors: Sequence[str],
        *,
        threshold: float = 0.5,
        redact: bool = True,
        model: Model | None = None,
        use_onnx: bool = False,
    ) -> None:
        """The arguments are those of the scanner of prompts."""
        own_detector(self, model, use_onnx)
        self._make("BanCompetitors", competitors=list(competitors), threshold=threshold, redact=redact)
