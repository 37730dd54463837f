"""Columns of texts in Arrow: a column in, columns out, without a Python object a row. Needs ``pyarrow``.

The columns that come out:

======================  ==========  =================================================================
``sanitized``           string      the text as it may go on
``is_valid``            boolean     whether every scanner let it pass
``risk_score``          double      the highest risk; null where no scanner ran
``is_valid_<Scanner>``  boolean     one for each scanner, by its class name; null where it did not run
``risk_score_<Scanner>``  double    its risk, from -1 to 1
======================  ==========  =================================================================

A null is not scanned and stays null in every column; a blank text passes unscanned.

>>> import pyarrow
>>> from llm_shield.input_scanners import BanSubstrings
>>> scanned = scan_prompts([BanSubstrings(["ransomware"], redact=True)], pyarrow.array(["hello", "ransomware", None]))
>>> scanned["sanitized"].to_pylist(), scanned["is_valid"].to_pylist()
(['hello', '[REDACTED]', None], [True, False, None])
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from . import _native, evaluate

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .input_scanners.base import Scanner as InputScanner
    from .output_scanners.base import Scanner as OutputScanner

__all__ = ["scan_outputs", "scan_prompts"]


def scan_prompts(
    scanners: Sequence[InputScanner],
    prompts: pa.Array | pa.ChunkedArray,
    *,
    fail_fast: bool = False,
    workers: int | None = None,
) -> pa.Table:
    """Scans a column of prompts, on all processors.

    Args:
        scanners: What to scan with, in order.
        prompts: A column of strings.
        fail_fast: Whether the first scanner that refuses a text ends its scan.
        workers: How many threads; as many as there are processors without it. Where the cluster already runs a process
            for each processor, 1 is right.

    Returns:
        A table with a row for each prompt, in their order.
    """
    return _scan(scanners, prompts, None, fail_fast, workers)


def scan_outputs(
    scanners: Sequence[OutputScanner],
    prompts: pa.Array | pa.ChunkedArray,
    outputs: pa.Array | pa.ChunkedArray,
    *,
    fail_fast: bool = False,
    workers: int | None = None,
) -> pa.Table:
    """Scans a column of outputs beside the column of the prompts that they answer: as :func:`scan_prompts`."""
    return _scan(scanners, outputs, prompts, fail_fast, workers)


def _scan(
    scanners: Sequence[Any], texts: pa.Array, prompts: pa.Array | None, fail_fast: bool, workers: int | None
) -> pa.Table:
    text_type = texts.type
    if pa.types.is_null(text_type):
        text_type = pa.string()
    elif not (pa.types.is_string(text_type) or pa.types.is_large_string(text_type) or _is_view(text_type)):
        raise TypeError(f"a column of strings is needed, not of {text_type}")
    whole = _whole(texts)
    answered = None if prompts is None else _whole(prompts)
    if answered is not None and len(answered) != len(whole):
        raise ValueError(f"{len(answered)} prompts and {len(whole)} outputs: each output needs its prompt")
    if _native.scans_columns(scanners, answered is not None):
        names, columns = _natively(scanners, whole, answered, fail_fast, workers)
    else:
        names, columns = _row_by_row(scanners, whole, answered, fail_fast, workers)
    columns[0] = columns[0].cast(text_type)
    return pa.Table.from_arrays(columns, names=names)


def _is_view(text_type: pa.DataType) -> bool:
    is_string_view = getattr(pa.types, "is_string_view", None)
    return bool(is_string_view and is_string_view(text_type))


def _whole(texts: pa.Array | pa.ChunkedArray) -> pa.Array:
    """One array of strings with offsets of 8 bytes."""
    wide = texts.cast(pa.large_string())
    if isinstance(wide, pa.ChunkedArray):
        wide = wide.combine_chunks()
    # Without chunks at all, some versions give none back.
    return wide.chunk(0) if isinstance(wide, pa.ChunkedArray) and wide.num_chunks else wide


def _column(texts: pa.Array) -> _native.Column:
    validity, offsets, data = texts.buffers()
    return {
        "offsets": offsets.to_pybytes() if offsets else bytes(8),
        "wide": True,
        "data": data.to_pybytes() if data else b"",
        "start": texts.offset,
        "length": len(texts),
        "validity": validity.to_pybytes() if validity else None,
    }


def _natively(
    scanners: Sequence[Any], texts: pa.Array, prompts: pa.Array | None, fail_fast: bool, workers: int | None
) -> tuple[list[str], list[pa.Array]]:
    rows = len(texts)
    answered = None if prompts is None else _column(prompts)
    offsets, data, every, each = _native.scan_column(scanners, _column(texts), answered, fail_fast, workers)
    present = texts.is_valid().buffers()[1] if texts.null_count else None
    buffers = [present, pa.py_buffer(offsets), pa.py_buffer(data)]
    names, columns = ["sanitized"], [pa.LargeStringArray.from_buffers(rows, buffers[1], buffers[2], present)]

    def add(suffix: str, found: tuple[bytes, bytes, bytes], valid_where: pa.Buffer | None) -> None:
        valid, risk, ran = map(pa.py_buffer, found)
        names.extend([f"is_valid{suffix}", f"risk_score{suffix}"])
        columns.append(pa.Array.from_buffers(pa.bool_(), rows, [valid_where or ran, valid]))
        columns.append(pa.Array.from_buffers(pa.float64(), rows, [ran, risk]))

    # Of a blank text it is known that it may pass.
    all_present = pa.py_buffer(b"\xff" * ((rows + 7) // 8))
    add("", every, present or all_present)
    for name, found in each:
        add(f"_{name}", found, None)
    return names, columns


def _row_by_row(
    scanners: Sequence[Any], texts: pa.Array, prompts: pa.Array | None, fail_fast: bool, workers: int | None
) -> tuple[list[str], list[pa.Array]]:
    """For scanners that are written in Python or write to a vault."""
    read = texts.to_pylist()
    present = [row for row, text in enumerate(read) if text is not None]
    there = [read[row] for row in present]
    if prompts is None:
        found = evaluate.scan_prompt_batch(scanners, there, fail_fast, workers=workers)
    else:
        answered = prompts.to_pylist()
        asked = [answered[row] or "" for row in present]
        found = evaluate.scan_output_batch(scanners, asked, there, fail_fast, workers=workers)
    results: list[Any] = [None] * len(read)
    for row, result in zip(present, found):
        results[row] = result
    names = ["sanitized", "is_valid", "risk_score"]
    columns = [
        pa.array((result and result[0] for result in results), pa.large_string(), size=len(read)),
        pa.array([result and all(result[1].values()) for result in results], pa.bool_()),
        pa.array([_worst(result[2].values()) if result else None for result in results], pa.float64()),
    ]
    for name in dict.fromkeys(type(scanner).__name__ for scanner in scanners):
        names.extend([f"is_valid_{name}", f"risk_score_{name}"])
        valid = [bool(result[1][name]) if result and name in result[1] else None for result in results]
        columns.append(pa.array(valid, pa.bool_()))
        columns.append(pa.array([result[2].get(name) if result else None for result in results], pa.float64()))
    return names, columns


def _worst(risks: Iterable[float]) -> float | None:
    return max(risks, default=None)
