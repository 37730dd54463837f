"""Scans a column of a Spark data frame through `mapInArrow`: batches of Arrow in, batches of Arrow out.

    pip install llm-shield[arrow] "pyspark[sql]"
    python spark_scan.py [ROWS]
"""

import os
import sys
import time

import pyarrow as pa
from prompts import prompts
from pyspark.sql import SparkSession
from pyspark.sql import functions as sql

from llm_shield import arrow
from llm_shield.input_scanners import BanSubstrings, InvisibleText, Regex, Secrets

SCHEMA = "prompt string, sanitized string, is_valid boolean, risk_score double"


def scan(batches):
    """Runs in each of Spark's Python processes; the scanners are built once in each."""
    scanners = [InvisibleText(), BanSubstrings(["ransomware"], redact=True), Secrets(), Regex([r"ORD-[0-9]{6}"])]
    for batch in batches:
        # Spark runs a process a processor, so one thread each is right.
        scanned = arrow.scan_prompts(scanners, batch["prompt"], workers=1)
        columns = {"prompt": batch["prompt"]}
        columns |= {name: scanned[name].combine_chunks() for name in ("sanitized", "is_valid", "risk_score")}
        yield pa.RecordBatch.from_pydict(columns)


def main(rows: int) -> None:
    # On one machine, the workers' interpreter is this one; on a cluster its configuration names one.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    spark = SparkSession.builder.appName("llm-shield").getOrCreate()
    frame = spark.createDataFrame([(text,) for text in prompts(rows)], "prompt string").repartition(16).cache()
    frame.count()
    started = time.perf_counter()
    scanned = frame.mapInArrow(scan, SCHEMA).cache()
    found = scanned.agg(sql.count("*").alias("rows"), sql.count_if(~sql.col("is_valid")).alias("refused")).first()
    taken = time.perf_counter() - started
    print(f"{found['rows']} rows, {found['refused']} refused, {rows / taken:.0f} rows/s")
    spark.stop()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
