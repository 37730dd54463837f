"""Columns of texts in Polars: a series in, a frame out. Needs ``polars`` and ``pyarrow``.

The columns are those of :mod:`llm_shield.arrow`.

>>> import polars
>>> from llm_shield.input_scanners import BanSubstrings
>>> scan_prompts([BanSubstrings(["ransomware"])], polars.Series(["hello", "ransomware"]))["is_valid"].to_list()
[True, False]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from . import arrow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .input_scanners.base import Scanner as InputScanner
    from .output_scanners.base import Scanner as OutputScanner

__all__ = ["scan_outputs", "scan_prompts"]


def scan_prompts(
    scanners: Sequence[InputScanner], prompts: pl.Series, *, fail_fast: bool = False, workers: int | None = None
) -> pl.DataFrame:
    """Scans a series of prompts, on all processors; the arguments are those of :func:`llm_shield.arrow.scan_prompts`."""
    return _frame(arrow.scan_prompts(scanners, prompts.to_arrow(), fail_fast=fail_fast, workers=workers))


def scan_outputs(
    scanners: Sequence[OutputScanner],
    prompts: pl.Series,
    outputs: pl.Series,
    *,
    fail_fast: bool = False,
    workers: int | None = None,
) -> pl.DataFrame:
    """Scans a series of outputs beside the series of the prompts that they answer."""
    scanned = arrow.scan_outputs(
        scanners, prompts.to_arrow(), outputs.to_arrow(), fail_fast=fail_fast, workers=workers
    )
    return _frame(scanned)


def _frame(scanned: object) -> pl.DataFrame:
    frame = pl.from_arrow(scanned)
    assert isinstance(frame, pl.DataFrame)
    return frame
