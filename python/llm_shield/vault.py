"""The vault: what was taken out of a conversation's prompts, so that its answers get it back."""

from __future__ import annotations

from . import _native

__all__ = ["Vault"]


class Vault(_native.Vault):
    """Pairs of a placeholder and the value that it stands for, in the order in which they were taken out.

    The list given is kept, not copied, and :meth:`get` returns it: what is changed in it counts from the next scan on.
    A vault belongs to one conversation; scans with the same vault take turns.

    >>> from llm_shield.input_scanners import Anonymize
    >>> vault = Vault()
    >>> Anonymize(vault).scan("Write to ann@mail.com")[0]
    'Write to [REDACTED_EMAIL_ADDRESS_1]'
    >>> vault.get()
    [('[REDACTED_EMAIL_ADDRESS_1]', 'ann@mail.com')]
    """

    def __init__(self, tuples: list[tuple[str, str]] | None = None) -> None:
        self._tuples: list[tuple[str, str]] = [] if tuples is None else tuples

    def append(self, new_tuple: tuple[str, str]) -> None:
        """Adds a pair at the end."""
        self._tuples.append(new_tuple)

    def extend(self, new_tuples: list[tuple[str, str]]) -> None:
        """Adds pairs at the end."""
        self._tuples.extend(new_tuples)

    def remove(self, tuple_to_remove: tuple[str, str]) -> None:
        """Takes a pair out; a ``ValueError`` if it is not there."""
        self._tuples.remove(tuple_to_remove)

    def get(self) -> list[tuple[str, str]]:
        """The pairs: the list itself, not a copy."""
        return self._tuples

    def placeholder_exists(self, placeholder: str) -> bool:
        """Whether exactly this placeholder stands for a value."""
        return any(placeholder == held for held, _ in self._tuples)

    def __repr__(self) -> str:
        # Without the values: what is printed ends in logs.
        return f"Vault({len(self._tuples)} pairs)"

    def __reduce__(self) -> tuple[type[Vault], tuple[list[tuple[str, str]]]]:
        return type(self), (self._tuples,)
