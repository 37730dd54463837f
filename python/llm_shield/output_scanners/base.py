"""What a scanner of outputs is."""

from __future__ import annotations

from typing import Protocol


class Scanner(Protocol):
    """Anything with this method may stand in the list that is handed to ``scan_output``; it need not inherit."""

    def scan(self, prompt: str, output: str) -> tuple[str, bool, float]:
        """Scans the output that answers ``prompt``: the text as it may go on, whether it may, and the risk from -1 to 1."""
        ...
