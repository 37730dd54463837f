"""The server under test and a model that answers what a test wants."""

import json
import os
import re
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent


class Shield:
    """A running `llm-shield serve`; its log lines are kept."""

    def __init__(self, *options: str):
        command = [os.environ["LLM_SHIELD_BIN"], "serve", "--port", "0", "--log-level", "debug", "--log-format", "json"]
        self.process = subprocess.Popen(
            [*command, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.log: list[str] = []
        self.url = re.search(r"http://\S+", self.process.stdout.readline()).group()
        self.reader = threading.Thread(target=lambda: self.log.extend(self.process.stderr), daemon=True)
        self.reader.start()

    def logged(self, part: str, patience: float = 10) -> str:
        """The log so far, once `part` stands in it."""
        deadline = time.monotonic() + patience
        while part not in (log := "".join(self.log)) and time.monotonic() < deadline:
            time.sleep(0.05)
        return log

    def __enter__(self) -> "Shield":
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self) -> int:
        self.process.terminate()
        code = self.process.wait(timeout=30)
        self.reader.join(timeout=10)
        return code


@pytest.fixture(scope="session")
def shield():
    server = Shield("--config", str(HERE / "scanners.yml"))
    yield server
    assert server.stop() == 0, "the server ends well when it is told to"


class Model:
    """OpenAI's chat completion, answered by an echo of the last message; requests are kept."""

    def __init__(self):
        model = self
        self.requests: list[dict] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                request = json.loads(self.rfile.read(int(self.headers["content-length"])))
                model.requests.append(request)
                message = {"role": "assistant", "content": f"You said: {request['messages'][-1]['content']}"}
                answer = {
                    "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": request["model"],
                    "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
                    "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
                }
                body = json.dumps(answer).encode()
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/v1"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def seen(self) -> str:
        """All that the model was told, as text."""
        return json.dumps(self.requests)


@pytest.fixture()
def model():
    fake = Model()
    yield fake
    fake.server.shutdown()
