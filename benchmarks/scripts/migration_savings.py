"""What moving from llm-guard saves, measured on this machine: disk, time to ready, memory, CPU and time a request.

    python3 benchmarks/scripts/migration_savings.py --binary target/release/llm-shield --llm-guard FOLDER

FOLDER is a virtual environment with llm-guard, fastapi and uvicorn, such as the one that
`llm-shield bench --peer llm-guard` makes. Both servers run the scanners that need no model's weights (BanSubstrings and
Secrets, the route /scan/pipeline without Toxicity on llm-guard's side, since its weights come from the network; ours
judges toxicity as well). Requests go one after the other over one connection; both servers take turns, and the medians
over the rounds are printed with their range.
"""

import argparse
import http.client
import json
import os
import random
import re
import socket
import statistics
import subprocess
import time
from pathlib import Path

APP = Path(__file__).resolve().parent.parent.parent / "crates" / "llm-shield-bench" / "peers"
WORDS = "please tell me how the weather report of last week was made and why it differs from what we saw".split()
TICK = os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def disk_bytes(path: Path) -> int:
    if path.is_file():
        return path.stat().st_size
    return sum(entry.lstat().st_size for entry in path.rglob("*") if entry.is_file() and not entry.is_symlink())


def texts(count: int) -> list[bytes]:
    """Bodies of 60 to 1,000 bytes, one in 25 with a key in it."""
    pick = random.Random(7)
    bodies = []
    for index in range(count):
        words = [pick.choice(WORDS) for _ in range(pick.randrange(12, 180))]
        if index % 25 == 0:
            words.insert(len(words) // 2, "AKIAQ3EGRZ5TLXWN4HPM")
        bodies.append(json.dumps({"text": " ".join(words)}).encode())
    return bodies


class Server:
    def __init__(self, command: list[str], port: int, **settings):
        self.port = port
        begun = time.monotonic()
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **settings)
        while True:
            try:
                self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
                self.connection.request("GET", "/health")
                self.connection.getresponse().read()
                break
            except OSError:
                if self.process.poll() is not None:
                    raise SystemExit(f"{command[0]} ended with {self.process.returncode}")
                time.sleep(0.005)
        self.ready_s = time.monotonic() - begun

    def cpu_s(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def resident_mb(self) -> float:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024

    def run(self, bodies: list[bytes]) -> tuple[float, float]:
        """CPU and wall microseconds a request."""
        cpu, begun = self.cpu_s(), time.monotonic()
        for body in bodies:
            self.connection.request("POST", "/scan/pipeline", body, {"content-type": "application/json"})
            answer = self.connection.getresponse()
            if answer.status != 200:
                raise SystemExit(f"status {answer.status}: {answer.read()!r}")
            answer.read()
        wall = time.monotonic() - begun
        return (self.cpu_s() - cpu) / len(bodies) * 1e6, wall / len(bodies) * 1e6

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=30)


def measure(start, bodies: list[bytes]) -> list[float]:
    server = start()
    idle = server.resident_mb()
    server.run(bodies[: len(bodies) // 10])
    cpu, wall = server.run(bodies)
    row = [server.ready_s, idle, server.resident_mb(), cpu, wall]
    server.stop()
    return row


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", type=Path, required=True)
    parser.add_argument("--llm-guard", type=Path, required=True, help="a virtual environment with llm-guard in it")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    python, port = str(arguments.llm_guard / "bin" / "python"), free_port()
    ours = [str(arguments.binary), "serve", "--port", str(port)]
    theirs = [python, "-m", "uvicorn", "llm_guard_app:app", "--port", str(port), "--no-access-log", "--log-level", "error"]
    quiet = {**os.environ, "LLM_SHIELD_LOG_LEVEL": "off"}
    starts = {
        "llm-guard": (lambda: Server(theirs, port, cwd=APP, env=quiet), texts(300)),
        "llm-shield": (lambda: Server(ours, port, env=quiet), texts(20_000)),
    }
    rows = {name: [] for name in starts}
    for _ in range(arguments.rounds):
        for name, (start, bodies) in starts.items():
            rows[name].append(measure(start, bodies))
    print("| figure | llm-guard | llm-shield | times less (range) |\n|---|---|---|---|")
    disk = disk_bytes(arguments.llm_guard) / 1e6, disk_bytes(arguments.binary) / 1e6
    print(f"| installed, MB (without models' weights) | {disk[0]:,.0f} | {disk[1]:,.1f} | {disk[0] / disk[1]:,.0f} |")
    names = ["start to first answer, s", "resident, idle, MB", "resident after load, MB", "CPU a request, µs", "time a request, µs"]
    for index, name in enumerate(names):
        theirs_, ours_ = ([row[index] for row in rows[side]] for side in ("llm-guard", "llm-shield"))
        ratios = [a / b for a, b in zip(theirs_, ours_)]
        print(
            f"| {name} | {statistics.median(theirs_):,.2f} | {statistics.median(ours_):,.2f} "
            f"| {statistics.median(ratios):,.0f} ({min(ratios):,.0f}–{max(ratios):,.0f}) |"
        )


if __name__ == "__main__":
    main()
