"""One request and its answer, and what a handler of requests is.

Where it stands in the walk: between `connection`, which moves the bytes, and the door that answers. A handler
is asked twice: once the head is known, and once the body is whole. It may answer at either time, or later from
the event loop, and answers once.
"""

from collections.abc import Iterable
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import unquote

import httptools

if TYPE_CHECKING:
    from rpc.http.connection import Connection

REASONS = {status.value: status.phrase.encode() for status in HTTPStatus}
PLAIN = b"text/plain; charset=utf-8"


class Handler(Protocol):
    """Whoever answers requests. Both methods run in the event loop and must not wait."""

    def head(self, exchange: "Exchange") -> None:
        """The head is known, the body is not: refuse with `answer`, think it over with `hold`, or let it come."""
        ...

    def body(self, exchange: "Exchange", body: bytes) -> None:
        """The body is whole. Not asked when `head` answered."""
        ...

    def note(self, exchange: "Exchange") -> Any:
        """What to remember of a POST's head so that its like need not be read again; None to read it each time."""
        ...

    def recall(self, note: Any) -> Any:
        """What `head` would put into `memory` for such a head; None to have it read after all."""
        ...


class Exchange:
    """A request as it comes in, and the way back."""

    __slots__ = (
        "_parts",
        "_path",
        "_size",
        "complete",
        "connection",
        "early",
        "handler",
        "head_mark",
        "headers",
        "held",
        "keep_alive",
        "memory",
        "method",
        "response",
        "target",
        "version",
    )

    def __init__(self, connection: "Connection") -> None:
        self.connection = connection
        self.method = b""
        self.target = b""
        self.version = "1.1"
        self.headers: list[tuple[bytes, bytes]] = []  # names in lower case
        self.head_mark = b""  # stands for a head that may be remembered: see `known_heads`
        self.keep_alive = True
        self.complete = False
        self.held = False
        self.handler: Handler | None = None
        self.response: bytes | None = None
        self.early: tuple[bytes, bytes] | None = None  # an answer that waits for the end of the body
        self.memory: Any = None
        """What the handler keeps from `head` to `body`."""
        self._parts: list[bytes] = []
        self._size = 0
        self._path = ""

    @property
    def path(self) -> str:
        """The path that was asked for, percent signs resolved."""
        if not self._path:
            self._path = path_of(self.target)[0]
        return self._path

    @property
    def peer(self) -> str:
        """The address of the caller, "-" when it has none."""
        return self.connection.peer

    def header(self, name: bytes) -> str:
        """A header's text, "" when it is absent; `name` in lower case."""
        return self.raw_header(name).decode("latin-1")

    def raw_header(self, name: bytes) -> bytes:
        """The same as it came."""
        for known, value in self.headers:
            if known == name:
                return value
        return b""

    def take(self, part: bytes) -> int:
        """Keep a piece of the body; returns how long the body is now."""
        self._parts.append(part)
        self._size += len(part)
        return self._size

    def whole_body(self) -> bytes:
        """The body, once it is complete; it is let go of."""
        parts = self._parts
        body = parts[0] if len(parts) == 1 else b"".join(parts)
        self._parts = []
        return body

    def hold(self) -> None:
        """Read no further until `go_on`: whoever asks is being looked up."""
        self.held = True
        self.connection.pause()

    def go_on(self) -> None:
        """Let the body come after all."""
        self.held = False
        self.connection.go_on(self)

    def answer(
        self, status: int, body: bytes, content_type: bytes, headers: Iterable[tuple[bytes, bytes]] = ()
    ) -> None:
        """Answer, whole and with its length; never compressed: Java's Hessian client reads raw deflate only."""
        if status == 200 and not headers:
            lines = b"HTTP/1.1 200 OK\r\ncontent-type: %b\r\ncontent-length: %d\r\n" % (content_type, len(body))
        else:
            more = [(b"content-type", content_type), (b"content-length", b"%d" % len(body)), *headers]
            lines = status_and_headers(status, more)
        self.response = lines
        self.connection.answered(self, lines, body)


def status_and_headers(status: int, headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """The status line and the header lines, without the empty line that ends them."""
    first = b"HTTP/1.1 %d %b\r\n" % (status, REASONS.get(status, b""))
    return first + b"".join([b"%b: %b\r\n" % pair for pair in headers])


@lru_cache(128)
def path_of(target: bytes) -> tuple[str, bytes, bytes]:
    """The path of a request's target, its raw form, and its raw query. A target that is none has path "/"."""
    if not target.startswith(b"/"):
        try:
            url = httptools.parse_url(target)
            raw, query = url.path or b"/", url.query or b""
        except httptools.HttpParserInvalidURLError:
            raw, query = b"/", b""
    else:
        raw, _, query = target.partition(b"?")
    path = unquote(raw.decode("latin-1")) if b"%" in raw else raw.decode("latin-1")
    return path, raw, query
