"""Lets an ASGI application answer what is not Hessian: REST, health, the welcome page.

Where it stands in the walk: beside it. The application gets each request with its whole body, which the
listener has bounded, and may answer in pieces.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import structlog

from rpc.http.exchange import PLAIN, Exchange, path_of, status_and_headers

log = structlog.get_logger()

Message = MutableMapping[str, Any]
Application = Callable[[Any, Any, Any], Awaitable[None]]


class AsgiBridge:
    """A handler that asks an ASGI application."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._running: set[asyncio.Task[None]] = set()

    def head(self, exchange: Exchange) -> None:
        """Let the body come."""

    def body(self, exchange: Exchange, body: bytes) -> None:
        """Run the application on a request."""
        task = asyncio.get_running_loop().create_task(self._run(exchange, body))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    def note(self, exchange: Exchange) -> None:
        """The application wants every header of every request."""

    def recall(self, note: None) -> None:
        """Nothing is remembered."""

    async def _run(self, exchange: Exchange, body: bytes) -> None:
        answer = _Answer(exchange)
        bodies = [body]

        async def receive() -> Message:
            if bodies:
                return {"type": "http.request", "body": bodies.pop(), "more_body": False}
            await answer.over.wait()
            return {"type": "http.disconnect"}

        try:
            await self._application(_scope(exchange), receive, answer.send)
        except ConnectionResetError:
            return
        except Exception as error:
            log.error("application_failed", path=exchange.path, exc_info=error)
        answer.end()


class _Answer:
    """The way back from the application: its messages become HTTP."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._status = 0
        self._headers: list[tuple[bytes, bytes]] = []
        self._begun = False
        self._chunked = False
        self.over = asyncio.Event()

    async def send(self, message: Message) -> None:
        """Take one message of the application. Raises: ConnectionResetError when the caller has gone."""
        if message["type"] == "http.response.start":
            self._status = message["status"]
            self._headers = [(name.lower(), value) for name, value in message.get("headers", ())]
            return
        piece: bytes = message.get("body", b"")
        more: bool = message.get("more_body", False)
        if not self._begun:
            piece = self._head(piece, more=more)
        elif self._exchange.method == b"HEAD":
            piece = b""
        elif self._chunked:
            piece = (b"%x\r\n%b\r\n" % (len(piece), piece) if piece else b"") + (b"" if more else b"0\r\n\r\n")
        if piece:
            await self._exchange.connection.write_piece(piece)
        if not more:
            self._over()

    def end(self) -> None:
        """The application has returned: answer for it when it did not."""
        if self.over.is_set():
            return
        if not self._begun:
            self.over.set()
            self._exchange.answer(500, b"the request could not be carried out\n", PLAIN)
            return
        self._exchange.keep_alive = False  # cut short: the caller must see that
        self._over()

    def _head(self, piece: bytes, *, more: bool) -> bytes:
        self._begun = True
        exchange = self._exchange
        names = {name for name, _ in self._headers}
        if b"content-length" not in names:
            if not more:
                self._headers.append((b"content-length", b"%d" % len(piece)))
            elif exchange.version == "1.1":
                self._chunked = True
                self._headers.append((b"transfer-encoding", b"chunked"))
            else:
                exchange.keep_alive = False
        head = status_and_headers(self._status, self._headers) + exchange.connection.head_end(exchange)
        if exchange.method == b"HEAD":
            return head
        return head + (b"%x\r\n%b\r\n" % (len(piece), piece) if self._chunked and piece else piece)

    def _over(self) -> None:
        self.over.set()
        self._exchange.response = b""
        self._exchange.connection.pieces_sent(self._exchange)


def _scope(exchange: Exchange) -> dict[str, Any]:
    connection = exchange.connection
    path, raw, query = path_of(exchange.target)
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": exchange.version,
        "method": exchange.method.decode("ascii", "replace"),
        "scheme": "https" if connection.secure else "http",
        "path": path,
        "raw_path": raw,
        "query_string": query,
        "root_path": "",
        "headers": exchange.headers,
        "client": (connection.peer, 0),
        "server": connection.here,
        "state": {},
    }
