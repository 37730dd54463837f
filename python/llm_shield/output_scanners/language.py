"""Outputs in languages that are not welcome."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._base import OutputScanner, own_detector
from ..input_scanners.language import DEFAULT_MODEL, MatchType
from ..model import Model

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["DEFAULT_MODEL", "Language", "MatchType"]


class Language(OutputScanner):
    """Refuses outputs in a language that is not among ``valid_languages``.

    >>> Language(["en"]).scan("", "")
    ('', True, -1.0)
    """

    def __init__(
        self,
        valid_languages: Sequence[str],
        *,
        model: Model | None = None,
        threshold: float = 0.7,
        match_type: MatchType | str = MatchType.FULL,
        use_onnx: bool = False,
    ) -> None:
        """The arguments are those of the scanner of prompts."""
        own_detector(self, model, use_onnx)
        self._make("Language", valid_languages=list(valid_languages), threshold=threshold, match_type=MatchType(match_type).value)
