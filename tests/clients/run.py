"""Runs the tests with real clients (litellm, openai, schemathesis, the examples) against this repository's server.

Builds the server, makes the clients' virtual environment under target/ on first use, and runs pytest in it:

    python3 tests/clients/run.py            # all, the API's contract for half a minute
    python3 tests/clients/run.py --minutes 10 -k contract
    python3 tests/clients/run.py -k openai

Exit codes: 0 passed, 1 failed, 3 something is missing that could not be installed (it says what).
"""

import argparse
import os
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
ENVIRONMENT = ROOT / "target" / "clients-venv"
REQUIREMENTS = HERE / "requirements.txt"
MISSING = 3


def environment() -> Path:
    """The Python of the clients' environment; made anew when the requirements have changed."""
    python = ENVIRONMENT / "bin" / "python"
    stamp = ENVIRONMENT / "ready"
    wanted = REQUIREMENTS.read_text()
    if stamp.exists() and stamp.read_text() == wanted:
        return python
    print(f"installing the clients into {ENVIRONMENT} (a few minutes)", flush=True)
    venv.create(ENVIRONMENT, with_pip=True)
    install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", REQUIREMENTS]
    if subprocess.run(install).returncode != 0:
        print("missing: the packages of tests/clients/requirements.txt cannot be installed", file=sys.stderr)
        sys.exit(MISSING)
    stamp.write_text(wanted)
    return python


def binary() -> Path:
    """The server: $LLM_SHIELD_BIN, or this repository's, built in the dev profile."""
    if given := os.environ.get("LLM_SHIELD_BIN"):
        return Path(given).resolve()
    cargo = os.environ.get("CARGO", "cargo")
    subprocess.run([cargo, "build", "--quiet", "--package", "llm-shield-cli", "--bin", "llm-shield"], check=True, cwd=ROOT)
    target = os.environ.get("CARGO_TARGET_DIR", ROOT / "target")
    return Path(target) / "debug" / "llm-shield"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=0.5, help="how long schemathesis looks for a breach")
    parser.add_argument("-k", default="", help="only tests whose names match, as pytest has it")
    arguments = parser.parse_args()
    python = Path(os.environ.get("LLM_SHIELD_CLIENTS_PYTHON") or environment())
    settings = {
        **os.environ,
        "LLM_SHIELD_BIN": str(binary()),
        "LLM_SHIELD_CONTRACT_MINUTES": str(arguments.minutes),
    }
    command = [python, "-m", "pytest", "-q", "-p", "no:schemathesis", "-p", "no:cacheprovider", HERE]
    command += ["-k", arguments.k] if arguments.k else []
    return 1 if subprocess.run(command, env=settings, cwd=ROOT).returncode != 0 else 0


if __name__ == "__main__":
    sys.exit(main())
