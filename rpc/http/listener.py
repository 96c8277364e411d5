"""A listening port: who answers which path, how many may come, how long anything may take, and the ending.

Where it stands in the walk: the first thing a caller meets. `stop` keeps the order of ending: nobody new is let
in, who has connected already is taken, calls that are on their way are taken for a moment more, every request
under way is answered, then all connections are closed. One clock ticks for all connections, so that a call
costs no timer of its own.
"""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import formatdate

import structlog

from rpc.http.connection import Connection
from rpc.http.exchange import Exchange, Handler
from rpc.http.known_heads import KnownHeads
from rpc.http.shared_port import is_shared, let_none_begin
from rpc.http.state import State

log = structlog.get_logger()

BACKLOG = 2048


@dataclass(frozen=True, slots=True)
class ListenerLimits:
    """What one caller may take of the door. Times are seconds."""

    body_bytes: int = 1 << 20
    head_bytes: int = 32 * 1024
    connections: int = 4096
    head_s: float = 10.0
    body_s: float = 30.0
    idle_s: float = (
        30.0  # longer than the 5 s for which Java keeps idle connections: else calls race with the close
    )
    linger_s: float = 3.0
    tick_s: float = 0.25
    last_calls_s: float = 0.25  # after the end was called, a call that is already on its way is still taken


class Listener:
    """One port. Everything runs in one event loop; `handler_of` says who answers a request."""

    def __init__(
        self,
        handler_of: Callable[[Exchange], Handler],
        limits: ListenerLimits,
        *,
        ticked: Callable[[], None] = lambda: None,
    ) -> None:
        self.handler_of = handler_of
        self.limits = limits
        self.heads = KnownHeads(body_bytes=limits.body_bytes)
        self.now = 0.0
        self.date_line = b""
        self.ending = False
        self._ticked = ticked
        self._connections: set[Connection] = set()
        self._server: asyncio.Server | None = None
        self._port: socket.socket | None = None  # the listening socket once more, open until nobody waits in it
        self._ticking: asyncio.TimerHandle | None = None

    async def start(self, listening: socket.socket, tls: ssl.SSLContext | None = None) -> None:
        """Listen on a bound socket."""
        self._loop = asyncio.get_running_loop()
        self._tick()
        self._tls = tls
        self._port = listening.dup()
        self._port.setblocking(False)
        self._server = await self._loop.create_server(
            lambda: Connection(self), sock=listening, ssl=tls, backlog=BACKLOG
        )

    async def stop(self, patience_s: float) -> None:
        """End in order; what is not answered after `patience_s` is cut off."""
        self.ending = True
        until = self._loop.time() + patience_s
        await self._close_port(patience_s)
        last_calls = self._loop.time() + min(self.limits.last_calls_s, patience_s)
        while self._connections and self._loop.time() < until:
            if self._loop.time() >= last_calls:
                for connection in list(self._connections):
                    connection.close_if_idle()
            await asyncio.sleep(0.01)
        for connection in list(self._connections):
            if connection.state is not State.ENDING:
                log.warning("call_cut_off", peer=connection.peer)
            connection.abort()
        if self._ticking is not None:
            self._ticking.cancel()
        await asyncio.sleep(0)

    async def _close_port(self, patience_s: float) -> None:
        """Listen no more; callers who have connected, and whom nobody has met yet, are still let in.

        For them the connection stands and the call may be sent: closing the socket would break it.
        """
        server, port = self._server, self._port
        if server is None or port is None:
            return
        if patience_s and is_shared(port):
            let_none_begin(port)
            await asyncio.sleep(self.limits.last_calls_s)
        self._server = self._port = None
        server.close()
        await asyncio.sleep(0)  # its own socket is closed in the next rounds of the loop
        await asyncio.sleep(0)
        waiting = []
        with contextlib.suppress(OSError):
            while True:
                waiting.append(port.accept()[0])
        port.close()
        for caller in waiting:
            with contextlib.suppress(OSError):
                caller.setblocking(False)
                await self._loop.connect_accepted_socket(lambda: Connection(self), caller, ssl=self._tls)

    def welcome(self, connection: Connection) -> bool:
        """Count a connection in; False when there are too many."""
        self._connections.add(connection)
        return len(self._connections) <= self.limits.connections

    def forget(self, connection: Connection) -> None:
        """Count it out."""
        self._connections.discard(connection)

    def __len__(self) -> int:
        """How many connections there are."""
        return len(self._connections)

    def _tick(self) -> None:
        self.now = self._loop.time()
        self.date_line = f"date: {formatdate(usegmt=True)}\r\n".encode()
        for connection in list(self._connections):
            connection.look(self.now)
        self._ticked()
        self._ticking = self._loop.call_later(self.limits.tick_s, self._tick)
