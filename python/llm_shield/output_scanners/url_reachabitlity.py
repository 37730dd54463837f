"""Addresses in an output that nobody answers. The module's name is llm-guard's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._base import OutputScanner

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["URLReachability"]


class URLReachability(OutputScanner):
    """Refuses outputs with a web address that cannot be reached. It makes requests to addresses in the text.

    A name is resolved first; private, loopback and link-local addresses count as not reached and are never asked.

    >>> URLReachability().scan("", "no address here")
    ('no address here', True, -1.0)
    """

    def __init__(self, *, success_status_codes: Sequence[int] | None = None, timeout: int = 5) -> None:
        """
        Args:
            success_status_codes: Answers that count as reached; 200, 201 and 202 without them.
            timeout: Seconds.
        """
        params: dict[str, Any] = {"timeout": timeout}
        if success_status_codes is not None:
            params["success_status_codes"] = list(success_status_codes)
        self._make("URLReachability", **params)

    def is_reachable(self, url: str) -> bool:
        """Whether the address answers."""
        return self.scan("", url)[1]
