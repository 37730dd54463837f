"""JSON in an output: enough of it, whole, mended where it is not."""

from __future__ import annotations

import json

from .._base import OutputScanner

__all__ = ["JSON"]


class JSON(OutputScanner):
    """Refuses outputs with fewer JSON objects than asked for, or with one that cannot be read.

    >>> JSON(required_elements=1).scan("", "Here you are: {'a': 1,}")
    ('Here you are: {"a": 1}', True, -1.0)
    """

    def __init__(self, *, required_elements: int = 0, repair: bool = True) -> None:
        """
        Args:
            required_elements: The least number of objects.
            repair: Whether to mend what is nearly JSON.
        """
        self._make("JSON", required_elements=required_elements, repair=repair)

    @staticmethod
    def is_valid_json(json_str: str) -> bool:
        """Whether Python's own reader takes the text."""
        try:
            json.loads(json_str)
        except ValueError:
            return False
        return True

    @staticmethod
    def repair_json(json_str: str) -> str:
        """The text with each object in it mended.

        >>> JSON.repair_json("{'a': 1,}")
        '{"a": 1}'
        """
        return JSON().scan("", json_str)[0]
