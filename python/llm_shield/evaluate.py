"""Scans of one text by several scanners: the two functions that most programs call."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from . import _native
from .util import get_logger

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .input_scanners.base import Scanner as InputScanner
    from .output_scanners.base import Scanner as OutputScanner

__all__ = ["scan_output", "scan_output_batch", "scan_prompt", "scan_prompt_batch"]

_LOGGER = get_logger("llm_shield")


def scan_prompt(
    scanners: Sequence[InputScanner], prompt: str, fail_fast: bool = False
) -> tuple[str, dict[str, bool], dict[str, float]]:
    """Scans what a user sends to the model.

    Each scanner gets the text as the ones before it left it. Scanners that follow each other and are native run in one
    go, while other Python threads run too; scanners that are written in Python may stand anywhere in the list.

    Args:
        scanners: What to scan with, in order. Anything with ``scan(prompt)`` that returns the text, whether it may
            pass, and the risk.
        prompt: The text.
        fail_fast: Whether the first scanner that refuses ends the scan.

    Returns:
        The text as it may go on; by class name of the scanner, whether it let the text pass; and the risk from -1 to 1.
        Of two scanners of one class the worse verdict stands. A blank text is not scanned: both are empty.

    Raises:
        ScanError: A scanner could not decide. The text must not go on.

    >>> from llm_shield.input_scanners import InvisibleText, Regex
    >>> scan_prompt([InvisibleText(), Regex([r"ORD-[0-9]{6}"])], "Where is ORD-123456?")
    ('Where is [REDACTED]?', {'InvisibleText': True, 'Regex': False}, {'InvisibleText': -1.0, 'Regex': 1.0})
    """
    started = time.perf_counter()
    results = _native.scan_prompt(scanners, prompt, fail_fast)
    if _LOGGER.is_enabled_for_info():
        _LOGGER.info("Scanned prompt", scores=results[2], elapsed_time_seconds=round(time.perf_counter() - started, 6))
    return results


def scan_output(
    scanners: Sequence[OutputScanner], prompt: str, output: str, fail_fast: bool = False
) -> tuple[str, dict[str, bool], dict[str, float]]:
    """Scans what the model answers.

    As :func:`scan_prompt`; ``prompt`` is what the user sent, unchanged for all scanners.

    >>> from llm_shield.output_scanners import BanSubstrings
    >>> scan_output([BanSubstrings(["as an AI"])], "Who are you?", "As an AI, I have no name.")
    ('As an AI, I have no name.', {'BanSubstrings': False}, {'BanSubstrings': 1.0})
    """
    started = time.perf_counter()
    results = _native.scan_output(scanners, prompt, output, fail_fast)
    if _LOGGER.is_enabled_for_info():
        _LOGGER.info("Scanned output", scores=results[2], elapsed_time_seconds=round(time.perf_counter() - started, 6))
    return results


def scan_prompt_batch(
    scanners: Sequence[InputScanner], prompts: Sequence[str], fail_fast: bool = False, *, workers: int | None = None
) -> list[tuple[str, dict[str, bool], dict[str, float]]]:
    """Scans many prompts: what :func:`scan_prompt` returns for each, in their order.

    Native scanners run on all processors. Scanners that are written in Python run text after text; so does one with a
    vault, since the order of the texts decides its numbers.

    Args:
        scanners: What to scan with, in order.
        prompts: The texts.
        fail_fast: Whether the first scanner that refuses a text ends its scan.
        workers: How many threads; as many as there are processors without it.

    Raises:
        ScanError: A scanner could not decide on a text; the message names its place in the list.

    >>> from llm_shield.input_scanners import BanSubstrings
    >>> [valid for _, valid, _ in scan_prompt_batch([BanSubstrings(["ransomware"])], ["hello", "ransomware"])]
    [{'BanSubstrings': True}, {'BanSubstrings': False}]
    """
    return _native.scan_prompt_batch(scanners, prompts, fail_fast, workers)


def scan_output_batch(
    scanners: Sequence[OutputScanner],
    prompts: Sequence[str],
    outputs: Sequence[str],
    fail_fast: bool = False,
    *,
    workers: int | None = None,
) -> list[tuple[str, dict[str, bool], dict[str, float]]]:
    """Scans many outputs, each with the prompt that it answers: as :func:`scan_prompt_batch`.

    >>> from llm_shield.output_scanners import Sensitive
    >>> scan_output_batch([Sensitive(redact=True)], ["Who?", "Where?"], ["ann@mail.com", "Here."])[0][0]
    '<EMAIL_ADDRESS>'
    """
    return _native.scan_output_batch(scanners, prompts, outputs, fail_fast, workers)
