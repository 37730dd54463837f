"""Runs inside betterleaks' environment: microseconds a text by name, of a JSON file {name: [texts]}, in process.

The figure holds the binding's own cost: the text goes to the Go library and the findings come back as JSON.
"""

import json
import statistics
import sys
import time

import betterleaks


def time_kind(texts):
    took = []
    for text in texts:
        started = time.perf_counter()
        betterleaks.scan_string(text)
        took.append((time.perf_counter() - started) * 1e6)
    return statistics.median(took)


if __name__ == "__main__":
    betterleaks.scan_string("warm up")
    with open(sys.argv[1], encoding="utf-8") as file:
        kinds = json.load(file)
    print(json.dumps({kind: time_kind(texts) for kind, texts in kinds.items()}))
