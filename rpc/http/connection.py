"""HTTP/1.1 with one caller: requests in, answers out in the same order, and nobody may take all the time.

Where it stands in the walk: right behind the socket. `reading` makes requests of the bytes; this keeps the order
of what was asked, and the state (`rpc.http.state`) that the listener's clock looks at.

One request is answered at a time. Who sends the next before the answer (pipelining) is read for one more piece
and then no further, until it is that request's turn. An answer given before the body is whole ends the
connection: the answer goes out, and what still comes is thrown away for a moment, since a caller that is reset
while it sends never reads why.
"""

import asyncio
import select
from collections import deque
from typing import TYPE_CHECKING, Any

import structlog

from rpc.http.exchange import PLAIN, Exchange, status_and_headers
from rpc.http.reading import Reading
from rpc.http.state import State

if TYPE_CHECKING:
    from rpc.http.listener import Listener

log = structlog.get_logger()


class Connection(asyncio.Protocol):
    """One caller's connection."""

    def __init__(self, listener: "Listener") -> None:
        self._listener = listener
        self._limits = listener.limits
        self._reading = Reading(self, listener)
        self._transport: Any = None
        self.peer = "-"
        self.secure = False
        self.here: tuple[str, int] | None = None
        self.state = State.IDLE
        self.since = listener.now
        self._current: Exchange | None = None  # being answered, or next to be
        self._later: deque[Exchange] = deque()
        self._advancing = False
        self._paused = False
        self._room: asyncio.Event | None = None  # cleared while the caller does not take what is written

    # ── the transport's side ──

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A caller has come; one too many is told so."""
        self._transport = transport
        peer = transport.get_extra_info("peername")
        self.peer = str(peer[0]) if isinstance(peer, tuple) else "-"
        here = transport.get_extra_info("sockname")
        self.here = (str(here[0]), int(here[1])) if isinstance(here, tuple) else None
        self.secure = transport.get_extra_info("ssl_object") is not None
        if not self._listener.welcome(self):
            self.refuse(503, b"too many connections: try again in a moment\n")
            transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """The caller has gone, or was let go."""
        self._listener.forget(self)
        if self.state in (State.HEAD, State.BODY):
            log.info("call_abandoned", peer=self.peer)
        self._transport = None
        self._reading.deaf = True
        self._later.clear()
        if self._room is not None:
            self._room.set()

    def data_received(self, data: bytes) -> None:
        """Bytes have come."""
        reading = self._reading
        if reading.deaf:
            return
        early = False
        if self._current is None:
            data = reading.past_known(data)
            if not data:
                return
        else:
            early = self._current.complete
        reading.feed(data)
        current = self._current
        if current is None:
            return
        if not current.complete:
            self._await_body(current)
        elif early:
            self.pause()

    def eof_received(self) -> bool:
        """The caller sends no more; what it asked is still answered."""
        if self._current is None or not self._current.complete or self._reading.deaf:
            return False
        self._let_last()
        return not self.secure

    def pause_writing(self) -> None:
        """The caller takes its answers too slowly: read nothing more from it."""
        self._room = asyncio.Event() if self._room is None else self._room
        self._room.clear()
        self.since = self._listener.now
        self.pause()

    def resume_writing(self) -> None:
        """It has taken them."""
        if self._room is not None:
            self._room.set()
        if self._current is None:
            self._resume()

    # ── the reading side ──

    def begun(self) -> None:
        """The first byte of a request has come."""
        if self._current is None:
            self.enter(State.HEAD)

    def take_head(self, incoming: Exchange) -> None:
        """A head is whole: it is this request's turn, or it waits for it."""
        if self._current is None:
            self._begin(incoming)
        else:
            self._later.append(incoming)

    def take_whole(self, exchange: Exchange, body: bytes) -> None:
        """A whole request has come at once, while none is being answered."""
        self._current = exchange
        self.enter(State.ANSWERING)
        assert exchange.handler is not None
        exchange.handler.body(exchange, body)

    def completed(self, incoming: Exchange) -> None:
        """A request is whole."""
        if incoming is self._current:
            self._whole(incoming)

    def refuse_too_large(self) -> None:
        """A body is longer than it may be."""
        log.warning("call_refused", outcome="body_too_large", status=413)
        self.refuse(413, b"the body is too large\n")

    def refuse(self, status: int, text: bytes) -> None:
        """Say what is wrong and end the connection, after what was asked before is answered."""
        incoming = self._reading.incoming
        refused = incoming if incoming is not None else Exchange(self)
        self._reading.stop()
        if self._current is not None and self._current is not refused:
            self._let_last()
            return
        refused.complete = False
        refused.response = b""
        self._current = refused
        lines = b"content-type: %b\r\ncontent-length: %d\r\n" % (PLAIN, len(text))
        self._transport.write(status_and_headers(status, ()) + lines + self.head_end(refused) + text)
        self._done(refused)

    def enter(self, state: State) -> None:
        """What the connection waits for from now on."""
        self.state = state
        self.since = self._listener.now

    # ── the handler's side ──

    def answered(self, exchange: Exchange, head: bytes, body: bytes) -> None:
        """Send an answer, now or when it is clear whether the body comes to its end."""
        if exchange is not self._current or self._transport is None:
            return
        if self._reading.feeding and not exchange.complete:
            exchange.early = (head, body)  # the rest of the request may stand in the same bytes
            return
        self._send(exchange, head, body)

    def go_on(self, exchange: Exchange) -> None:
        """A held request may go on."""
        if exchange is not self._current or self._transport is None:
            return
        if exchange.complete:
            self._whole(exchange)
        else:
            self.enter(State.BODY)
            self._resume()
            self._await_body(exchange)

    def pause(self) -> None:
        """Read nothing more for now."""
        if not self._paused and self._transport is not None and not self._transport.is_closing():
            self._paused = True
            self._transport.pause_reading()

    async def write_piece(self, piece: bytes) -> None:
        """Write a piece of a long answer, as soon as the caller takes it. Raises: ConnectionResetError."""
        if self._room is not None:
            await self._room.wait()
        if self._transport is None or self._transport.is_closing():
            raise ConnectionResetError("the caller has gone")
        self._transport.write(piece)

    def pieces_sent(self, exchange: Exchange) -> None:
        """The last piece of a long answer is written."""
        if exchange is self._current and self._transport is not None:
            self._done(exchange)

    def head_end(self, exchange: Exchange) -> bytes:
        """The lines that every head ends with."""
        ending = self._listener.ending and not self._later
        if ending or not exchange.keep_alive or not exchange.complete:
            exchange.keep_alive = False
            return self._listener.date_line + b"connection: close\r\n\r\n"
        if exchange.version == "1.0":
            return self._listener.date_line + b"connection: keep-alive\r\n\r\n"
        return self._listener.date_line + b"\r\n"

    # ── the listener's side ──

    def look(self, now: float) -> None:
        """End what has lasted too long. The listener asks every fraction of a second."""
        lasted = now - self.since
        limits = self._limits
        if self._room is not None and not self._room.is_set():
            if lasted > limits.idle_s and self._transport is not None:
                self._transport.abort()
        elif self.state is State.IDLE:
            if lasted > limits.idle_s:
                self.close_if_idle()
        elif self.state is State.HEAD:
            if lasted > limits.head_s:
                self.refuse(408, b"the request did not come in time\n")
        elif self.state is State.BODY:
            if lasted > limits.body_s:
                log.warning("call_refused", outcome="body_too_slow", status=408)
                self.refuse(408, b"the body did not come in time\n")
        elif self.state is State.ENDING and lasted > limits.linger_s and self._transport is not None:
            self._transport.abort()

    def close_if_idle(self) -> None:
        """Close unless a request is under way, or has arrived and was not read yet: that caller would be reset."""
        if self.state is State.IDLE and not self._is_readable():
            self._close()

    def abort(self) -> None:
        """Cut the connection."""
        if self._transport is not None:
            self._transport.abort()

    def _is_readable(self) -> bool:
        asked = None if self._transport is None or self._paused else self._transport.get_extra_info("socket")
        if asked is None or asked.fileno() < 0:
            return False
        poll = select.poll()
        poll.register(asked.fileno(), select.POLLIN)
        return bool(poll.poll(0))

    # ── how a request goes on ──

    def _begin(self, exchange: Exchange) -> None:
        self._current = exchange
        self.enter(State.BODY)
        assert exchange.handler is not None
        exchange.handler.head(exchange)

    def _await_body(self, exchange: Exchange) -> None:
        """Once per piece, while the body is not whole."""
        if exchange.response is not None:
            if exchange.early is not None:
                self._send(exchange, *exchange.early)
            return
        if exchange.held or exchange.handler is None:
            return
        announced = exchange.header(b"content-length")
        if announced.isdigit() and int(announced) > self._limits.body_bytes:
            self.refuse_too_large()
        elif exchange.version == "1.1" and exchange.header(b"expect").lower() == "100-continue":
            exchange.headers = [pair for pair in exchange.headers if pair[0] != b"expect"]
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _whole(self, exchange: Exchange) -> None:
        self.enter(State.ANSWERING)
        if exchange.early is not None:
            self._send(exchange, *exchange.early)
        elif not exchange.held:
            assert exchange.handler is not None
            exchange.handler.body(exchange, exchange.whole_body())

    def _send(self, exchange: Exchange, head: bytes, body: bytes) -> None:
        end = self.head_end(exchange)
        self._transport.write(head + end if exchange.method == b"HEAD" else head + end + body)
        self._done(exchange)

    def _done(self, exchange: Exchange) -> None:
        """The exchange is over: the next one, or the end."""
        self._current = None
        if not exchange.complete:
            self._linger()
        elif not exchange.keep_alive:
            self._close()
        elif self._later:
            self._advance()
        else:
            self.enter(State.IDLE if self._reading.incoming is None else State.HEAD)
            if self._paused:
                self._resume()

    def _advance(self) -> None:
        """Take up what was sent early; in a loop, since a thousand of them may be answered at once."""
        if self._advancing:
            return
        self._advancing = True
        try:
            while self._later and self._current is None and self._transport is not None:
                following = self._later.popleft()
                complete = following.complete
                self._begin(following)
                if self._current is not following:
                    continue
                if not complete:
                    self._await_body(following)
                elif following.response is None:
                    self._whole(following)
        finally:
            self._advancing = False
        if self._current is None and not self._reading.deaf:
            self.enter(State.IDLE if self._reading.incoming is None else State.HEAD)
        if not self._reading.deaf and (self._current is None or not self._current.complete):
            self._resume()

    def _let_last(self) -> None:
        """What was asked whole so far is answered, and then the connection ends."""
        assert self._current is not None
        self._reading.deaf = True
        self._later = deque(exchange for exchange in self._later if exchange.complete)
        last = self._later[-1] if self._later else self._current
        last.keep_alive = False

    def _linger(self) -> None:
        """Half-close, and throw away what still comes, until the caller closes or `linger_s` is over."""
        self._reading.deaf = True
        self.enter(State.ENDING)
        if self._transport.can_write_eof():
            self._transport.write_eof()
            self._resume()
        else:
            self._close()

    def _resume(self) -> None:
        if self._room is not None and not self._room.is_set():
            return  # first it must take what is written
        if self._paused and self._transport is not None and not self._transport.is_closing():
            self._paused = False
            self._transport.resume_reading()

    def _close(self) -> None:
        self._reading.deaf = True
        self.enter(State.ENDING)
        if self._transport is not None:
            self._transport.close()
