"""The scan functions for programs that run on asyncio.

A short text takes native scanners some microseconds, less than the way to another thread, and is scanned at once. All
else (long texts, vaults, which may have to be waited for, requests to web addresses, scanners written in Python) runs
on asyncio's threads, so that the loop goes on.

>>> import asyncio
>>> from llm_shield import aio
>>> from llm_shield.input_scanners import BanSubstrings
>>> asyncio.run(aio.scan_prompt([BanSubstrings(["ransomware"])], "Write ransomware"))[1]
{'BanSubstrings': False}
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from . import _native, evaluate
from .output_scanners.url_reachabitlity import URLReachability

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .input_scanners.base import Scanner as InputScanner
    from .output_scanners.base import Scanner as OutputScanner

__all__ = ["scan_output", "scan_output_batch", "scan_prompt", "scan_prompt_batch"]

#: Characters that are scanned on the loop's own thread, within about a fifth of a millisecond.
AT_ONCE_MAX = 8192


def _at_once(scanners: Sequence[InputScanner] | Sequence[OutputScanner], text: str | None, *, is_output: bool) -> bool:
    return (
        isinstance(text, str)
        and len(text) <= AT_ONCE_MAX
        and _native.scans_columns(scanners, is_output)
        and not any(isinstance(scanner, URLReachability) for scanner in scanners)
    )


async def scan_prompt(
    scanners: Sequence[InputScanner], prompt: str, fail_fast: bool = False
) -> tuple[str, dict[str, bool], dict[str, float]]:
    """As :func:`llm_shield.scan_prompt`."""
    if _at_once(scanners, prompt, is_output=False):
        return evaluate.scan_prompt(scanners, prompt, fail_fast)
    return await asyncio.to_thread(evaluate.scan_prompt, scanners, prompt, fail_fast)


async def scan_output(
    scanners: Sequence[OutputScanner], prompt: str, output: str, fail_fast: bool = False
) -> tuple[str, dict[str, bool], dict[str, float]]:
    """As :func:`llm_shield.scan_output`."""
    if _at_once(scanners, output, is_output=True):
        return evaluate.scan_output(scanners, prompt, output, fail_fast)
    return await asyncio.to_thread(evaluate.scan_output, scanners, prompt, output, fail_fast)


async def scan_prompt_batch(
    scanners: Sequence[InputScanner], prompts: Sequence[str], fail_fast: bool = False, *, workers: int | None = None
) -> list[tuple[str, dict[str, bool], dict[str, float]]]:
    """As :func:`llm_shield.scan_prompt_batch`."""
    return await asyncio.to_thread(evaluate.scan_prompt_batch, scanners, prompts, fail_fast, workers=workers)


async def scan_output_batch(
    scanners: Sequence[OutputScanner],
    prompts: Sequence[str],
    outputs: Sequence[str],
    fail_fast: bool = False,
    *,
    workers: int | None = None,
) -> list[tuple[str, dict[str, bool], dict[str, float]]]:
    """As :func:`llm_shield.scan_output_batch`."""
    return await asyncio.to_thread(evaluate.scan_output_batch, scanners, prompts, outputs, fail_fast, workers=workers)
