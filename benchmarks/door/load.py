"""The load: keep-alive connections that each send a call, wait for its answer, and send the next.

Requests are made before, with the headers of Caucho's Java client; a call of insertServiceOp differs from the
others in its guid and user only, and these are put in as bytes of the same length. So the load itself takes
little of the machine: what is compared is the server's time.
"""

import asyncio
import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count, cycle, pairwise
from time import perf_counter
from typing import Any

import uvloop

from rpc.hessian import HObject, ReplyForm, encode_call

GUID, USER = "guid-000000000000", "user-0000000"
FRAMINGS = ("c10", "c20", "H20")

_HEADERS = (
    "POST /hessian/billing HTTP/1.1\r\n"
    "Content-Type: x-application/hessian\r\n"
    "Accept-Encoding: deflate\r\n"
    "Authorization: {authorization}\r\n"
    "User-Agent: Java/17.0.15\r\n"
    "Host: 127.0.0.1:{port}\r\n"
    "Accept: text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2\r\n"
    "Connection: keep-alive\r\n"
)


_ONE = (b"S\x00\x011z", b"R\x011")
"""How an answer of "1" ends, in both versions of Hessian."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where the calls go, and as whom."""

    port: int
    user: str = "bench"
    secret: str = ""


def billinginfo(at: datetime) -> HObject:
    """A use whose guid and user are placeholders."""
    fields = {
        "guid": GUID, "username": "王小明", "userId": USER, "payerMemId": USER, "productName": "会议 Meeting",
        "productId": "meeting", "useUnit": "minute", "startDate": at, "endDate": at, "useAge": Decimal("3.25"),
    }  # fmt: skip
    return HObject("com.alibaba.billing.model.Billinginfo", fields)


def body_of(operation: str, framing: str) -> bytes:
    """The body of a call: feedbackUser, trivialUser (which only a benchmarked server has) or insertServiceOp."""
    argument: Any = USER
    if operation == "insertServiceOp":
        argument = billinginfo(datetime.now(UTC).replace(microsecond=0))  # noqa: TID251 (the load is no rule)
    if framing == "H20":
        return encode_call(operation, [argument], ReplyForm.HESSIAN_2)
    body = encode_call(operation, [argument], ReplyForm.HESSIAN_1)
    return body if framing == "c10" else b"c\x02\x00" + body[3:]


def request_of(target: Target, operation: str, framing: str, *, chunked: bool) -> bytes:
    """A whole request. Caucho's client sends chunks, others a length."""
    token = base64.b64encode(f"{target.user}:{target.secret}".encode()).decode()
    head = _HEADERS.format(authorization=f"Basic {token}", port=target.port)
    body = body_of(operation, framing)
    if chunked:
        return f"{head}Transfer-Encoding: chunked\r\n\r\n{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def requests(target: Target, operation: str) -> Iterator[bytes]:
    """Requests without end, in all framings, each a call of its own."""
    whole = [request_of(target, operation, f, chunked=chunked) for f in FRAMINGS for chunked in (True, False)]
    if operation != "insertServiceOp":
        yield from cycle(whole)
    numbers = count()
    pieces = [_cut(request) for request in whole]
    while True:
        for piece in pieces:
            number = next(numbers)
            made = list(piece)
            made[1::2] = [
                b"%012d" % number if len(spot) == 12 else b"%07d" % (number % 99991) for spot in made[1::2]
            ]
            yield b"".join(made)


def _cut(request: bytes) -> list[bytes]:
    """The request around its placeholders' digits: text, digits, text, ..."""
    spots = []
    for placeholder in (GUID, USER):
        at = request.find(placeholder.encode())
        while at >= 0:
            spots.append((at + 5, at + len(placeholder)))
            at = request.find(placeholder.encode(), at + 1)
    edges = [0, *(edge for spot in sorted(spots) for edge in spot), len(request)]
    return [request[a:b] for a, b in pairwise(edges)]


@dataclass(slots=True)
class Load:
    """What came of a load: answers, their times in seconds, and answers that were no "1"."""

    seconds: float
    times: list[float]
    wrong: list[bytes]

    def percentile(self, share: float) -> float:
        """The time in milliseconds within which `share` of the answers came."""
        return (
            sorted(self.times)[min(len(self.times) - 1, int(share * len(self.times)))] * 1000 if self.times else 0
        )


class _Client(asyncio.Protocol):
    def __init__(self, next_request: Callable[[], bytes | None], load: Load, gone: Callable[[], None]) -> None:
        self._next = next_request
        self._load = load
        self._gone = gone
        self._read = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport
        self._send()

    def _send(self) -> None:
        request = self._next()
        if request is None:
            self._transport.close()
            return
        self._began = perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._read += data
        head = self._read.find(b"\r\n\r\n")
        if head < 0 or not self._complete(head):
            return
        self._load.times.append(perf_counter() - self._began)
        if not any(end in self._read for end in _ONE):
            self._load.wrong.append(self._read)
        self._read = b""
        self._send()

    def _complete(self, head: int) -> bool:
        lowered = self._read[:head].lower()
        at = lowered.find(b"content-length:")
        if at < 0:
            return self._read.endswith(b"0\r\n\r\n")
        length = int(lowered[at + 15 :].split(b"\r\n", 1)[0])
        return len(self._read) >= head + 4 + length

    def connection_lost(self, exc: Exception | None) -> None:
        self._gone()


async def _run(target: Target, source: Iterator[bytes], connections: int, seconds: float) -> Load:
    loop = asyncio.get_running_loop()
    load = Load(0.0, [], [])
    began = perf_counter()
    until = began + seconds
    left = connections
    finished = loop.create_future()

    def next_request() -> bytes | None:
        return next(source) if perf_counter() < until else None

    def gone() -> None:
        nonlocal left
        left -= 1
        if not left and not finished.done():
            finished.set_result(None)

    for _ in range(connections):
        await loop.create_connection(lambda: _Client(next_request, load, gone), "127.0.0.1", target.port)
    await finished
    load.seconds = perf_counter() - began
    return load


def run_load(target: Target, source: Iterator[bytes], connections: int, seconds: float) -> Load:
    """Send for so many seconds over so many connections; returns when the last answer has come."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_run(target, source, connections, seconds))
