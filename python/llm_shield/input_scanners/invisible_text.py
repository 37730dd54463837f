"""Characters that nobody sees but the model."""

from __future__ import annotations

from .._base import InputScanner

__all__ = ["InvisibleText"]


class InvisibleText(InputScanner):
    r"""Refuses prompts with characters of the Unicode categories Cf, Co and Cn, and takes them out.

    >>> InvisibleText().scan("Hello\u200b there")
    ('Hello there', False, 1.0)
    """

    def __init__(self) -> None:
        self._make("InvisibleText")

    @staticmethod
    def contains_unicode(text: str) -> bool:
        """Whether the text has a character that is not ASCII."""
        return not text.isascii()
