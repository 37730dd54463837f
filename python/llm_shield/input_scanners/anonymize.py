"""Personal data out of a prompt, into the conversation's vault."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .._base import InputScanner, own_detector
from ..exception import LLMGuardValidationError
from .anonymize_helpers.regex_patterns import get_regex_patterns

if TYPE_CHECKING:
    from ..vault import Vault
    from .anonymize_helpers.ner_mapping import NERConfig
    from .anonymize_helpers.regex_patterns import RegexPatterns

__all__ = ["ALL_SUPPORTED_LANGUAGES", "DEFAULT_ENTITY_TYPES", "Anonymize"]

#: The kinds of personal data that are looked for when a program names none; ``CUSTOM`` is always among them.
DEFAULT_ENTITY_TYPES: Final[list[str]] = [
    "CREDIT_CARD",
    "CRYPTO",
    "EMAIL_ADDRESS",
    "IBAN_CODE",
    "IP_ADDRESS",
    "PERSON",
    "PHONE_NUMBER",
    "US_SSN",
    "US_BANK_NUMBER",
    "CREDIT_CARD_RE",
    "UUID",
    "EMAIL_ADDRESS_RE",
    "US_SSN_RE",
]
#: The languages of an analysis.
ALL_SUPPORTED_LANGUAGES: Final[list[str]] = ["en", "zh"]


def analyzer_params(
    entity_types: list[str] | None, regex_patterns: list[RegexPatterns] | None, threshold: float, language: str
) -> dict[str, Any]:
    """The parameters that ``Anonymize`` and ``Sensitive`` have in common."""
    if language not in ALL_SUPPORTED_LANGUAGES:
        raise LLMGuardValidationError(f"Language must be in the list of allowed: {ALL_SUPPORTED_LANGUAGES}")
    params: dict[str, Any] = {"threshold": threshold, "language": language}
    if entity_types:
        params["entity_types"] = list(entity_types)
    if regex_patterns:
        params["regex_patterns"] = [dict(pattern) for pattern in get_regex_patterns(regex_patterns)]
    return params


class Anonymize(InputScanner):
    """Replaces personal data by placeholders, and remembers in the vault what they stand for.

    ``preserve_format`` and ``faker_seed`` are not llm-guard's.

    >>> from llm_shield.output_scanners import Deanonymize
    >>> from llm_shield.vault import Vault
    >>> vault = Vault()
    >>> Anonymize(vault).scan("Write to ann@mail.com")
    ('Write to [REDACTED_EMAIL_ADDRESS_1]', False, 1.0)
    >>> Deanonymize(vault).scan("", "I wrote to [REDACTED_EMAIL_ADDRESS_1].")[0]
    'I wrote to ann@mail.com.'
    """

    def __init__(
        self,
        vault: Vault,
        *,
        hidden_names: list[str] | None = None,
        allowed_names: list[str] | str | None = None,
        entity_types: list[str] | None = None,
        preamble: str = "",
        regex_patterns: list[RegexPatterns] | None = None,
        use_faker: bool = False,
        preserve_format: bool = False,
        faker_seed: int = 100,
        recognizer_conf: NERConfig | None = None,
        threshold: float = 0.5,
        use_onnx: bool = False,
        language: str = "en",
    ) -> None:
        """
        Args:
            vault: The conversation's vault.
            hidden_names: Words to replace wherever they stand as whole words, in any case.
            allowed_names: Values that are never replaced.
            entity_types: The kinds to look for; :data:`DEFAULT_ENTITY_TYPES` when none are named.
            preamble: What is put before a text that was changed.
            regex_patterns: Patterns of one's own, in the place of the built-in groups.
            use_faker: Whether realistic values take the place of the data.
            preserve_format: Whether values of the same length, separators and letter case do.
            faker_seed: What the drawn values depend on.
            recognizer_conf: No effect, with a warning.
            threshold: Scores from it on count.
            use_onnx: No effect, with a warning.
            language: ``en`` or ``zh``.
        """
        own_detector(self, use_onnx=use_onnx, recognizer_conf=recognizer_conf)
        params = analyzer_params(entity_types, regex_patterns, threshold, language)
        allowed_names = [allowed_names] if isinstance(allowed_names, str) else list(allowed_names or [])
        self._make(
            "Anonymize",
            vault=vault,
            hidden_names=list(hidden_names or []),
            allowed_names=allowed_names,
            preamble=preamble,
            use_faker=use_faker,
            preserve_format=preserve_format,
            faker_seed=faker_seed,
            **params,
        )
