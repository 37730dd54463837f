"""Credentials in a prompt."""

from __future__ import annotations

from .._base import InputScanner

__all__ = ["REDACT_ALL", "REDACT_HASH", "REDACT_PARTIAL", "Secrets"]

#: Six stars in a secret's place.
REDACT_ALL = "all"
#: The first and the last two characters of it.
REDACT_PARTIAL = "partial"
#: Its MD5 sum.
REDACT_HASH = "hash"


class Secrets(InputScanner):
    """Refuses prompts that hold credentials, and redacts them.

    >>> Secrets(redact_mode=REDACT_PARTIAL).scan("db_password = 'vT9#qLw2xZ!m'")
    ("db_password = 'vT..!m'", False, 1.0)
    """

    def __init__(self, *, redact_mode: str = REDACT_ALL, show_placeholders: bool = False) -> None:
        """
        Args:
            redact_mode: What comes in a secret's place: ``all``, ``partial`` or ``hash``.
            show_placeholders: Whether sample keys and other placeholders count too. Not llm-guard's.
        """
        if redact_mode not in (REDACT_ALL, REDACT_PARTIAL, REDACT_HASH):
            raise ValueError(f"redact mode wasn't recognized {redact_mode}")
        self._make("Secrets", redact_mode=redact_mode, show_placeholders=show_placeholders)
