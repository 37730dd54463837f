"""Prompts with too many tokens."""

from __future__ import annotations

from typing import Any

from .._base import InputScanner

__all__ = ["TokenLimit"]


class TokenLimit(InputScanner):
    """Refuses prompts that have ``limit`` tokens or more, and cuts them to the first ``limit``.

    >>> TokenLimit(limit=3).scan("hello world, how are you?")
    ('hello world,', False, 1.0)
    """

    def __init__(self, *, limit: int = 4096, encoding_name: str = "cl100k_base", model_name: str | None = None) -> None:
        """
        Args:
            limit: The number of tokens at which a prompt is refused, at least 1.
            encoding_name: tiktoken's name of the encoding: ``cl100k_base`` or ``o200k_base``.
            model_name: A model of OpenAI's, whose encoding then counts.
        """
        params: dict[str, Any] = {"limit": limit, "encoding_name": encoding_name}
        if model_name is not None:
            params["model_name"] = model_name
        self._make("TokenLimit", **params)
