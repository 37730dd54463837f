"""Topics that an output may not be about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._base import OutputScanner, own_detector
from ..input_scanners.ban_topics import (
    MODEL_BGE_M3_V2,
    MODEL_DEBERTA_BASE_V2,
    MODEL_DEBERTA_LARGE_V2,
    MODEL_ROBERTA_BASE_C_V2,
    MODEL_ROBERTA_LARGE_C_V2,
)
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


class BanTopics(OutputScanner):
    """Refuses outputs about a topic of a list. It waits for the encoder: until then ``scan`` raises
    ``ScannerUnavailableError`` for every output that is not blank.

    >>> BanTopics(["violence"]).scan("", "")
    ('', True, -1.0)
    """

    def __init__(
        self,
        topics: Sequence[str],
        *,
        threshold: float = 0.75,
        model: Model | None = None,
        use_onnx: bool = False,
    ) -> None:
        """The arguments are those of the scanner of prompts."""
        own_detector(self, model, use_onnx)
        self._make("BanTopics", topics=list(topics), threshold=threshold)
