"""A FastAPI application whose chat route is guarded by a middleware that asks an LLM Shield server.

The prompt is scanned before the route sees it and goes on redacted; the answer is scanned on its way out and what was
redacted is put back. The vault travels with the request: the server keeps nobody's data.

    llm-shield serve --config scanners.yml &
    SHIELD_URL=http://127.0.0.1:8000 uvicorn fastapi_middleware:app --port 9000
"""

import json
import os

import httpx
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse


class ShieldMiddleware:
    """Guards JSON routes that take {"prompt": …} and answer {"answer": …}."""

    def __init__(self, app, url: str, paths: tuple[str, ...] = ("/chat",)):
        self.app, self.url, self.paths = app, url.rstrip("/"), paths

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http" or scope["path"] not in self.paths:
            return await self.app(scope, receive, send)
        try:
            body = json.loads(await Request(scope, receive).body())
            prompt = body["prompt"]
        except (ValueError, KeyError, TypeError):
            return await JSONResponse({"error": "the body must be {\"prompt\": …}"}, 400)(scope, receive, send)
        async with httpx.AsyncClient(base_url=self.url, timeout=10) as shield:
            checked = await ask(shield, "/analyze/prompt", {"prompt": prompt, "vault": []})
            if not checked.get("is_valid"):
                return await refused("prompt", checked)(scope, receive, send)
            body["prompt"] = checked["sanitized_prompt"]
            status, answer = await self.call(scope, body)
            if status == 200:
                question = {"prompt": prompt, "output": answer["answer"], "vault": checked["vault"]}
                checked = await ask(shield, "/analyze/output", question)
                if not checked.get("is_valid"):
                    return await refused("answer", checked)(scope, receive, send)
                answer["answer"] = checked["sanitized_output"]
        await JSONResponse(answer, status)(scope, receive, send)

    async def call(self, scope, body) -> tuple[int, dict]:
        """The application's own answer to the redacted body."""
        content, sent = json.dumps(body).encode(), []
        headers = [pair for pair in scope["headers"] if pair[0] != b"content-length"]
        headers.append((b"content-length", str(len(content)).encode()))

        async def receive():
            return {"type": "http.request", "body": content, "more_body": False}

        async def send(message):
            sent.append(message)

        await self.app({**scope, "headers": headers}, receive, send)
        return sent[0]["status"], json.loads(b"".join(part.get("body", b"") for part in sent[1:]))


async def ask(shield: httpx.AsyncClient, route: str, body: dict) -> dict:
    """The guard's verdict. Whatever is no verdict refuses: a guard that is down must not open the door."""
    try:
        return (await shield.post(route, json=body)).json()
    except (httpx.HTTPError, ValueError):
        return {"is_valid": False}


def refused(what: str, checked: dict) -> JSONResponse:
    names = sorted({finding["scanner"] for finding in checked.get("findings", [])})
    return JSONResponse({"error": f"the {what} was refused", "scanners": names}, 400)


app = FastAPI()
app.add_middleware(ShieldMiddleware, url=os.environ.get("SHIELD_URL", "http://127.0.0.1:8000"))


@app.post("/chat")
async def chat(body: dict) -> dict:
    # A model's call would stand here; it sees placeholders only.
    return {"answer": f"You wrote: {body['prompt']}", "model_saw": body["prompt"]}
