"""Code in an output, of languages that are banned or the only ones allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._base import OutputScanner, own_detector
from ..input_scanners.code import DEFAULT_MODEL, SUPPORTED_LANGUAGES, known_languages
from ..model import Model

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["DEFAULT_MODEL", "SUPPORTED_LANGUAGES", "Code"]


class Code(OutputScanner):
    """Refuses outputs with code in one of ``languages`` or, with ``is_blocked=False``, outputs without.

    >>> Code(["Python"]).scan("", "")
    ('', True, -1.0)
    """

    def __init__(
        self,
        languages: Sequence[str],
        *,
        model: Model | None = None,
        is_blocked: bool = True,
        threshold: float = 0.5,
        use_onnx: bool = False,
    ) -> None:
        """The arguments are those of the scanner of prompts."""
        own_detector(self, model, use_onnx)
        self._make("Code", languages=known_languages(languages), is_blocked=is_blocked, threshold=threshold)
