"""Columns of texts in pandas: a series in, a frame out. Needs ``pandas`` and ``pyarrow``.

The columns are those of :mod:`llm_shield.arrow`; the index is the series' own.

>>> import pandas
>>> from llm_shield.input_scanners import BanSubstrings
>>> scan_prompts([BanSubstrings(["ransomware"])], pandas.Series(["hello", "ransomware"]))["is_valid"].tolist()
[True, False]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa

from . import arrow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .input_scanners.base import Scanner as InputScanner
    from .output_scanners.base import Scanner as OutputScanner

__all__ = ["scan_outputs", "scan_prompts"]


def scan_prompts(
    scanners: Sequence[InputScanner], prompts: pd.Series, *, fail_fast: bool = False, workers: int | None = None
) -> pd.DataFrame:
    """Scans a series of prompts, on all processors; the arguments are those of :func:`llm_shield.arrow.scan_prompts`."""
    scanned = arrow.scan_prompts(scanners, _array(prompts), fail_fast=fail_fast, workers=workers)
    return scanned.to_pandas().set_index(prompts.index)


def scan_outputs(
    scanners: Sequence[OutputScanner],
    prompts: pd.Series,
    outputs: pd.Series,
    *,
    fail_fast: bool = False,
    workers: int | None = None,
) -> pd.DataFrame:
    """Scans a series of outputs beside the series of the prompts that they answer, row by row."""
    scanned = arrow.scan_outputs(scanners, _array(prompts), _array(outputs), fail_fast=fail_fast, workers=workers)
    return scanned.to_pandas().set_index(outputs.index)


def _array(series: pd.Series) -> pa.Array:
    return pa.array(series, type=pa.large_string(), from_pandas=True)
