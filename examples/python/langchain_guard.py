"""A LangChain chain between two calls to an LLM Shield server: prompt guarded, model asked, answer guarded.

    llm-shield serve --config scanners.yml &
    python langchain_guard.py "Write to ada@example.org"
"""

import os
import sys

import httpx
from langchain_core.language_models import FakeListChatModel
from langchain_core.output_parsers import StrOutputParser
from langchain_core.runnables import Runnable, RunnableLambda


class Refused(ValueError):
    """The guard let a text not pass; says which scanners objected."""


def scan(url: str, side: str, body: dict) -> dict:
    answer = httpx.post(f"{url}/analyze/{side}", json=body, timeout=10).json()
    # An error has no `is_valid`: it refuses like a verdict does.
    if not answer.get("is_valid"):
        scanners = sorted({finding["scanner"] for finding in answer.get("findings", [])})
        raise Refused(f"the {side} was refused by {', '.join(scanners) or 'the server'}")
    return answer


def guarded(model: Runnable, url: str) -> Runnable:
    """`model`, a runnable from a prompt to a message, with the guard before and behind it."""
    ask = model | StrOutputParser()

    def run(prompt: str) -> str:
        checked = scan(url, "prompt", {"prompt": prompt, "vault": []})
        output = ask.invoke(checked["sanitized_prompt"])
        return scan(url, "output", {"prompt": prompt, "output": output, "vault": checked["vault"]})["sanitized_output"]

    return RunnableLambda(run)


if __name__ == "__main__":
    reply = FakeListChatModel(responses=["Done: I wrote to [REDACTED_EMAIL_ADDRESS_1]."])
    chain = guarded(reply, os.environ.get("SHIELD_URL", "http://127.0.0.1:8000"))
    print(chain.invoke(" ".join(sys.argv[1:]) or "Write to ada@example.org"))
