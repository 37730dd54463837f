"""Personal data in an output."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._base import OutputScanner, own_detector
from ..input_scanners.anonymize import analyzer_params

if TYPE_CHECKING:
    from ..input_scanners.anonymize_helpers.ner_mapping import NERConfig
    from ..input_scanners.anonymize_helpers.regex_patterns import RegexPatterns

__all__ = ["Sensitive"]


class Sensitive(OutputScanner):
    """Refuses outputs that hold personal data and, with ``redact``, replaces each by its kind.

    >>> Sensitive(redact=True).scan("", "Ask ann@mail.com")
    ('Ask <EMAIL_ADDRESS>', False, 1.0)
    """

    def __init__(
        self,
        *,
        entity_types: list[str] | None = None,
        regex_patterns: list[RegexPatterns] | None = None,
        redact: bool = False,
        recognizer_conf: NERConfig | None = None,
        threshold: float = 0.5,
        use_onnx: bool = False,
        language: str = "en",
    ) -> None:
        """
        Args:
            entity_types: The kinds to look for; those of ``Anonymize`` when none are named.
            regex_patterns: Patterns of one's own, in the place of the built-in groups.
            redact: Whether to replace each find by ``<KIND>``.
            recognizer_conf: No effect, with a warning.
            threshold: Scores from it on count.
            use_onnx: No effect, with a warning.
            language: ``en`` or ``zh``.
        """
        own_detector(self, use_onnx=use_onnx, recognizer_conf=recognizer_conf)
        params = analyzer_params(entity_types, regex_patterns, threshold, language)
        self._make("Sensitive", redact=redact, **params)
