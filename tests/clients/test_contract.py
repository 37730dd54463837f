"""Looks for an answer that the API's own description does not allow: no 5xx, no other status, no other shape.

schemathesis makes requests from /openapi.json, sound and unsound ones, for as long as LLM_SHIELD_CONTRACT_MINUTES says.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from conftest import HERE, Shield

HOOKS = """
import schemathesis

# Which policies a server has is its configuration's; of the names only these are known to this one.
@schemathesis.hook
def map_headers(context, headers):
    if headers and "X-LLM-Shield-Policy" in headers:
        headers["X-LLM-Shield-Policy"] = "default"
    return headers

# A schema cannot say that one placeholder stands for one original only.
@schemathesis.hook
def map_body(context, body):
    texts = [body, *(body.get("items") or [])] if isinstance(body, dict) and isinstance(body.get("items"), list) else [body]
    for text in texts:
        vault = text.get("vault") if isinstance(text, dict) else None
        if isinstance(vault, list):
            firsts = [pair[0] if isinstance(pair, list) and pair else None for pair in vault]
            text["vault"] = [pair for index, pair in enumerate(vault) if firsts[index] not in firsts[:index]]
    return body
"""


def test_no_answer_breaks_the_description(tmp_path: Path):
    with Shield("--config", str(HERE / "scanners.yml"), "--echo") as server:
        look(server, tmp_path)
    log = [json.loads(line) for line in server.log]
    assert not [line for line in log if line["level"] == "error"]
    # What a line may hold, and nothing of a request's body or path.
    keys = {
        "timestamp", "level", "event", "method", "route", "status", "duration_us", "request_bytes", "code", "trace_id",
        "span_id", "address", "lines",
    }
    assert all(set(line) <= keys for line in log)
    assert len(log) > 100


def look(server: Shield, tmp_path: Path):
    """Lets schemathesis loose on the server."""
    seconds = max(5, round(60 * float(os.environ.get("LLM_SHIELD_CONTRACT_MINUTES", "0.5"))))
    (tmp_path / "hooks.py").write_text(HOOKS)
    report = tmp_path / "report.json"
    # One worker: CPython before 3.11.8 breaks down when two threads parse Python at once, which Hypothesis does.
    command = [Path(sys.executable).parent / "schemathesis", "run", f"{server.url}/openapi.json"]
    command += ["--checks", "all", "--max-time", str(seconds), "--workers", "1", "--suppress-health-check", "all"]
    command += ["--generation-database", "none", "--continue-on-failure", "--warnings", "off"]
    command += ["--report", "json", "--report-json-path", report]
    settings = {**os.environ, "SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(tmp_path)}
    run = subprocess.run([str(part) for part in command], cwd=tmp_path, env=settings, capture_output=True, text=True)
    print(run.stdout[-20000:], run.stderr[-5000:])
    assert run.returncode == 0
    tested = re.search(r"(\d+) generated, (\d+) passed", run.stdout)
    assert tested and tested[1] == tested[2] and int(tested[1]) > 500, "a run that tested next to nothing shows nothing"
