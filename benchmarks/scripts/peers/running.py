"""Runs a program and says what it cost: CPU seconds of its whole process tree, wall time, memory, and how it ended."""

import os
import re
import resource  # noqa: F401  os.wait4 needs the same platforms: this fails early and clearly elsewhere
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

# A peer that would look something up finds no way out and fails at once; its own switches are set as well.
NO_NETWORK = {
    name: "http://127.0.0.1:9"
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
}
STDERR_BYTES_MAX = 4096


class Failed(Exception):
    """A tool could not be run or understood; the message is for the table."""


def as_script(main, name):
    """Runs a script's `main`; what it cannot do ends it with one line."""
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
    except Failed as error:
        sys.exit(f"{name}: {error}")


@dataclass
class Ran:
    code: int
    cpu_s: float
    wall_s: float
    rss_mb: float


def run(command, cwd, stdout, timeout_s, core=None, codes=(0, 1)):
    """Runs `command` with its output in the file `stdout`, on one core if `core` is given.

    CPU seconds are user plus system of the process and of all its descendants that were waited for. An exit code
    outside `codes`, a signal or a time-out raises Failed with the end of what the program complained.
    """
    environment = {**os.environ, **NO_NETWORK, "LC_ALL": "C.UTF-8", "NO_COLOR": "1"}
    pin = None if core is None or not hasattr(os, "sched_setaffinity") else lambda: os.sched_setaffinity(0, {core})
    started = time.monotonic()
    stderr_path = f"{stdout}.stderr"
    try:
        with open(stdout, "wb") as out, open(stderr_path, "wb") as err:
            process = subprocess.Popen(
                [str(part) for part in command], cwd=cwd, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                env=environment, start_new_session=True, preexec_fn=pin,
            )
    except OSError as error:
        raise Failed(f"{os.path.basename(str(command[0]))}: {error.strerror}") from None
    late = threading.Event()

    def stop():
        late.set()
        os.killpg(process.pid, signal.SIGKILL)

    timer = threading.Timer(timeout_s, stop)
    timer.start()
    ended, peak = threading.Event(), [0.0]
    watcher = threading.Thread(target=watch_memory, args=(process.pid, ended, peak))
    watcher.start()
    try:
        _, status, usage = os.wait4(process.pid, 0)
    except BaseException:
        os.killpg(process.pid, signal.SIGKILL)
        raise
    finally:
        timer.cancel()
        ended.set()
        watcher.join()
    wall_s = time.monotonic() - started
    process.returncode = code = os.waitstatus_to_exitcode(status)
    complaint = last_line(stderr_path)
    os.unlink(stderr_path)
    if late.is_set():
        raise Failed(f"stopped after {timeout_s:.0f} s")
    if code not in codes:
        raise Failed(f"exit {code}: {complaint}" if code >= 0 else f"killed by signal {-code}: {complaint}")
    return Ran(code, usage.ru_utime + usage.ru_stime, wall_s, peak[0] or usage.ru_maxrss / 1024)


def watch_memory(pid, ended, peak):
    """Keeps the peak of the program's resident memory in MB, where /proc tells it. `ru_maxrss` would not do: a process
    inherits the peak of the one that started it, and this one holds the corpora."""
    status = Path(f"/proc/{pid}/status")
    while True:
        try:
            found = re.search(r"^VmHWM:\s+(\d+) kB", status.read_text(), re.MULTILINE)
        except OSError:
            return
        if found:
            peak[0] = int(found.group(1)) / 1024
        if ended.wait(0.01):
            return


def last_line(path):
    with open(path, "rb") as file:
        file.seek(0, os.SEEK_END)
        file.seek(max(0, file.tell() - STDERR_BYTES_MAX))
        lines = [line for line in file.read().decode("utf-8", "replace").splitlines() if line.strip()]
    return lines[-1].strip()[:300] if lines else "it said nothing"
