"""Scans a column of a Ray data set: each block is a table of Arrow, and so is what comes out.

    pip install llm-shield[arrow] "ray[data]"
    python ray_scan.py [ROWS]
"""

import sys
import time

import pyarrow as pa
import ray
from prompts import prompts

from llm_shield import arrow
from llm_shield.input_scanners import BanSubstrings, InvisibleText, Regex, Secrets


# Ray sends them to its worker processes beside the function that names them.
SCANNERS = [InvisibleText(), BanSubstrings(["ransomware"], redact=True), Secrets(), Regex([r"ORD-[0-9]{6}"])]


def scan(block: pa.Table) -> pa.Table:
    """The block with the columns of the scan beside it."""
    # Ray runs a process a processor, so one thread each is right.
    scanned = arrow.scan_prompts(SCANNERS, block["prompt"], workers=1)
    for name in scanned.column_names:
        block = block.append_column(name, scanned[name])
    return block


def main(rows: int) -> None:
    data = ray.data.from_arrow(pa.table({"prompt": prompts(rows)})).repartition(16).materialize()
    started = time.perf_counter()
    scanned = data.map_batches(scan, batch_format="pyarrow", batch_size=4096).materialize()
    taken = time.perf_counter() - started
    refused = scanned.filter(lambda row: not row["is_valid"]).count()
    print(f"{scanned.count()} rows, {refused} refused, {rows / taken:.0f} rows/s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
