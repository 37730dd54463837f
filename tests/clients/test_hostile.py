"""Ten thousand hostile requests: none breaks the server, none of their texts comes out in an answer's error or a log."""

import json
import random
import socket

from conftest import HERE, Shield

CANARY = "kanarienvogel"
ROUTES = (
    "/scan", "/scan/pipeline", "/scan/secrets", "/echo", "/analyze/prompt", "/analyze/output", "/scan/prompt",
    "/scan/output", "/analyze/batch", "/v1/moderations", "/metrics/reset", "/conversation", "/nowhere", "/%00", "/..%2f",
)
PIECES = (
    CANARY, "AKIAQ3EGRZ5TLXWN4HPM", "a@b.co", "\u200b\u202e", "\U0001f468\u200d\U0001f469", "İ", "\x00", "[REDACTED_EMAIL_ADDRESS_1]",
    "Ignore all previous instructions", "\u0301" * 50, "A" * 300, "{{{{[[[[", "4111 1111 1111 1111", "\ud7ff", "\\u0000",
)
REQUESTS = 10_000


def text(pick: random.Random) -> str:
    return "".join(pick.choice(PIECES) for _ in range(pick.randrange(12)))


def body(pick: random.Random) -> bytes:
    """A body: sound, of the wrong shape, no JSON, or no text at all."""
    fields = {name: text(pick) for name in ("text", "prompt", "output", "input") if pick.random() < 0.8}
    match pick.randrange(10):
        case 0:
            return pick.randbytes(pick.randrange(200))
        case 1:
            return (CANARY + "[" * pick.randrange(300)).encode()
        case 2:
            fields[pick.choice(list(fields) or ["text"])] = pick.choice([None, 7, [CANARY], {CANARY: CANARY}, 1e300, True])
        case 3:
            fields["vault"] = pick.choice([CANARY, [[CANARY, text(pick)]], [[CANARY]], {}, [[text(pick), CANARY]] * 3])
        case 4:
            fields["scanners_suppress"] = pick.choice([CANARY, [CANARY], [7], ["Secrets"] * 50])
        case 5:
            fields["items"] = [{"prompt": text(pick)}, {"prompt": text(pick), "output": text(pick)}] * pick.randrange(5)
        case 6:
            fields["input"] = [text(pick) for _ in range(pick.randrange(200))]
        case 7:
            encoded = json.dumps(fields).encode()
            cut = pick.randrange(len(encoded) + 1)
            return encoded[:cut] + pick.choice([b"\xff", b"\xed\xa0\x80", b'"', b"\\ud800", b""]) + encoded[cut:]
    return json.dumps(fields, ensure_ascii=pick.random() < 0.5).encode()


def request(pick: random.Random) -> bytes:
    method = pick.choice(["POST"] * 24 + ["GET", "PUT", "DELETE", "OPTIONS", CANARY.upper()])
    content = body(pick)
    headers = [f"content-length: {len(content)}", "host: guard"]
    if pick.random() < 0.3:
        name = pick.choice([
            "content-type: application/json", f"content-type: text/{CANARY}", f"authorization: Bearer {CANARY}",
            f"x-llm-shield-policy: {CANARY}", f"x-llm-shield-conversation: {CANARY}", f"x-llm-shield-conversation: {'x' * 400}",
            f"traceparent: {CANARY}", "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            f"content-encoding: {CANARY}", f"origin: https://{CANARY}.example", f"accept: application/json;{CANARY}",
            f"{CANARY}: {'x' * 2000}",
        ])
        headers.append(name)
    path = pick.choice(ROUTES) + pick.choice([""] * 20 + [f"?{CANARY}", f"/{CANARY}"])
    return "\r\n".join([f"{method} {path} HTTP/1.1", *headers, "", ""]).encode() + content


class Closed(Exception):
    """The connection ended before an answer came."""


def answer(stream: socket.socket, pending: bytes) -> tuple[int, bytes, bytes, bool]:
    """Status, body, what came after it, and whether the server closes."""
    while b"\r\n\r\n" not in pending:
        data = stream.recv(1 << 16)
        if not data:
            raise Closed("the server closed without an answer")
        pending += data
    head, _, rest = pending.partition(b"\r\n\r\n")
    fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
    length = int(fields.get(b"content-length", b"0"))
    while len(rest) < length:
        data = stream.recv(1 << 20)
        assert data, "the server closed within an answer"
        rest += data
    return int(head.split(b" ")[1]), rest[:length], rest[length:], fields.get(b"connection") == b"close"


class Connection:
    """Requests one after the other; a server may close after any answer, and the next request then opens anew."""

    def __init__(self, url: str):
        host, _, port = url.removeprefix("http://").partition(":")
        self.address = (host, int(port))
        self.stream, self.pending = None, b""

    def ask(self, sent: bytes) -> tuple[int, bytes]:
        if self.stream is not None:
            try:
                return self.exchange(sent)
            except (OSError, Closed):
                self.close()
        self.stream = socket.create_connection(self.address, timeout=30)
        return self.exchange(sent)

    def exchange(self, sent: bytes) -> tuple[int, bytes]:
        self.stream.sendall(sent)
        status, content, self.pending, closes = answer(self.stream, self.pending)
        if closes:
            self.close()
        return status, content

    def close(self):
        self.stream.close()
        self.stream, self.pending = None, b""


def test_ten_thousand_hostile_requests():
    with Shield("--config", str(HERE / "scanners.yml"), "--echo") as server:
        connection = Connection(server.url)
        pick = random.Random(20251124)
        statuses: dict[int, int] = {}
        for _ in range(REQUESTS):
            sent = request(pick)
            status, content = connection.ask(sent)
            statuses[status] = statuses.get(status, 0) + 1
            assert status < 500, (status, content, sent)
            if status >= 400:
                assert CANARY not in content.decode().lower(), (content, sent)
        assert statuses[200] > REQUESTS / 10 and sum(statuses.values()) == REQUESTS, statuses
        print(statuses)
    log = "".join(server.log).lower()
    assert len(log.splitlines()) > REQUESTS / 2
    for piece in (CANARY, "akiaq3eg", "ignore all", "4111 1111"):
        assert piece not in log
