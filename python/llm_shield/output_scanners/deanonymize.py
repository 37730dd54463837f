"""The values back into an output, out of the conversation's vault."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from .._base import OutputScanner

if TYPE_CHECKING:
    from ..vault import Vault

__all__ = ["Deanonymize", "MatchingStrategy"]


class MatchingStrategy(Enum):
    """How exactly a placeholder must stand in the output: to the letter, in any case, or nearly."""

    EXACT = "exact"
    CASE_INSENSITIVE = "case_insensitive"
    FUZZY = "fuzzy"
    COMBINED_EXACT_FUZZY = "combined_exact_fuzzy"


class Deanonymize(OutputScanner):
    """Puts back what ``Anonymize`` took out of the conversation's prompts. Never refuses an output.

    >>> from llm_shield.vault import Vault
    >>> vault = Vault([("[REDACTED_PERSON_1]", "Ann")])
    >>> Deanonymize(vault, matching_strategy="fuzzy").scan("", "Dear redacted person 1,")[0]
    'Dear Ann,'
    """

    def __init__(self, vault: Vault, *, matching_strategy: MatchingStrategy | str = MatchingStrategy.EXACT) -> None:
        """
        Args:
            vault: The conversation's vault.
            matching_strategy: How exactly a placeholder must stand in the output.
        """
        self._make("Deanonymize", vault=vault, matching_strategy=MatchingStrategy(matching_strategy).value)
