"""Runs inside detect-secrets' environment: what `detect-secrets scan --all-files -n .` does, with the values kept.

The command's own report holds hashes of the values, from which nobody can tell where on the line they stand.
  scan         prints one finding a line as JSON, of the current folder
  time FILE    prints microseconds a text by its name, of a JSON file {name: [texts]}: the text is written to a
               file and that is scanned, which is how llm-guard calls this library
"""

import json
import statistics
import sys
import tempfile
import time

from detect_secrets.core import baseline
from detect_secrets.core.secrets_collection import SecretsCollection
from detect_secrets.core.usage import ParserBuilder


def scan():
    for file, secret in baseline.create(".", should_scan_all_files=True):
        finding = {"file": file, "line": secret.line_number, "rule": secret.type, "value": secret.secret_value}
        print(json.dumps(finding))


def time_texts(path):
    with open(path, encoding="utf-8") as file:
        kinds = json.load(file)
    print(json.dumps({kind: time_kind(texts) for kind, texts in kinds.items()}))


def time_kind(texts):
    took = []
    for text in texts:
        started = time.perf_counter()
        with tempfile.NamedTemporaryFile("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            SecretsCollection().scan_file(file.name)
        took.append((time.perf_counter() - started) * 1e6)
    return statistics.median(took)


if __name__ == "__main__":
    # Also sets the plugins and filters as the command does; -n leaves out the look-ups over the network.
    ParserBuilder().add_console_use_arguments().parse_args(["scan", "--all-files", "-n", "."])
    scan() if sys.argv[1] == "scan" else time_texts(sys.argv[2])
