"""Scans a column of a Daft data frame. Runs on this machine; on a cluster with `daft.context.set_runner_ray()`.

    pip install llm-shield[arrow] daft
    python daft_scan.py [ROWS]

Prints how many rows were scanned, how many were refused, and the rate.
"""

import sys
import time

import daft
import pyarrow as pa
from prompts import prompts

from llm_shield import arrow
from llm_shield.input_scanners import BanSubstrings, InvisibleText, Regex, Secrets

FIELDS = {"sanitized": daft.DataType.string(), "is_valid": daft.DataType.bool(), "risk_score": daft.DataType.float64()}


def scanners():
    """Built in each process that scans; pickled scanners would do as well."""
    return [InvisibleText(), BanSubstrings(["ransomware"], redact=True), Secrets(), Regex([r"ORD-[0-9]{6}"])]


SCANNERS = scanners()


@daft.func.batch(return_dtype=daft.DataType.struct(FIELDS))
def scan(texts: daft.Series) -> pa.Array:
    """A struct of the columns in FIELDS."""
    table = arrow.scan_prompts(SCANNERS, texts.to_arrow()).select(list(FIELDS))
    return table.to_struct_array().combine_chunks()


def main(rows: int) -> None:
    frame = daft.from_pydict({"prompt": prompts(rows)})
    started = time.perf_counter()
    scanned = frame.with_column("scan", scan(frame["prompt"]))
    scanned = scanned.select("prompt", *(scanned["scan"][name].alias(name) for name in FIELDS)).collect()
    taken = time.perf_counter() - started
    refused = scanned.where(~scanned["is_valid"]).count_rows()
    print(f"{scanned.count_rows()} rows, {refused} refused, {rows / taken:.0f} rows/s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
