"""llm-guard behind the fewest lines that serve it: the peer of the benchmark.

    PEER_LOGGING=quiet python -m uvicorn llm_guard_app:app --port 3100 --workers 1 --no-access-log

Same routes, bodies and answers as the benchmark server, over llm-guard's own `scan_prompt`. Scanners that need
weights from the network are left out; `GET /health` says which.
"""

import os
import time

os.environ.setdefault("HF_HUB_OFFLINE", "1")

from fastapi import FastAPI
from llm_guard import scan_prompt
from llm_guard.input_scanners import BanSubstrings, Secrets, Toxicity
from llm_guard.input_scanners.ban_substrings import PROMPT_STOP_SUBSTRINGS
from llm_guard.util import configure_logger
from pydantic import BaseModel

if os.environ.get("PEER_LOGGING", "quiet") == "quiet":
    configure_logger("ERROR")

LEFT_OUT = []
BAN, SECRETS = [BanSubstrings(PROMPT_STOP_SUBSTRINGS)], [Secrets()]
PIPELINE = BAN + SECRETS
try:
    PIPELINE = PIPELINE + [Toxicity()]
except Exception as error:  # Whatever the hub client raises without a network.
    LEFT_OUT.append(f"Toxicity: {type(error).__name__}")

app = FastAPI()


class Request(BaseModel):
    text: str


def answer(scanners, text):
    started = time.perf_counter()
    _, valid, _ = scan_prompt(scanners, text)
    elapsed = time.perf_counter() - started
    threats = [name for name, passed in valid.items() if not passed]
    return {"safe": not threats, "threats": threats, "latency_us": elapsed * 1e6}


@app.get("/health")
def health():
    return {"status": "ok", "left_out": LEFT_OUT}


@app.post("/scan")
async def scan(request: Request):
    return answer(BAN, request.text)


@app.post("/scan/secrets")
async def scan_secrets(request: Request):
    return answer(SECRETS, request.text)


@app.post("/scan/pipeline")
async def scan_pipeline(request: Request):
    return answer(PIPELINE, request.text)
