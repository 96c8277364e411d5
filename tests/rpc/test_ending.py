"""How a port ends: nobody whose connection stood, or whose call had arrived, is reset.

What is hard to hit from outside is made to happen here: the event loop stands still while a caller connects or
sends, since that is done in one of its own steps.
"""

import asyncio
import select
import socket
import sys
from typing import Any

import pytest

from rpc.http.event_loop import new_event_loop
from rpc.http.exchange import PLAIN, Exchange
from rpc.http.listener import Listener, ListenerLimits
from rpc.http.shared_port import let_none_begin, share

LIMITS = ListenerLimits(tick_s=0.02, last_calls_s=0.05)
CALL = b"POST /x HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\ncall"
linux = pytest.mark.skipif(sys.platform != "linux", reason="a port is shared on Linux alone")


class Echo:
    """Says back what it was sent."""

    def head(self, exchange: Exchange) -> None:
        """Let the body come."""

    def body(self, exchange: Exchange, body: bytes) -> None:
        exchange.answer(200, body, PLAIN)

    def note(self, exchange: Exchange) -> Any:
        """Every head is read."""

    def recall(self, note: Any) -> Any:
        """Nothing was noted."""


def bound(*, shared: bool, port: int = 0) -> socket.socket:
    """A socket to listen on."""
    made = socket.socket()
    if shared:
        share(made)
    made.bind(("127.0.0.1", port))
    return made


async def started(*, shared: bool = False) -> tuple[Listener, int]:
    """A listener and its port."""
    listener = Listener(lambda exchange: Echo(), LIMITS)
    listening = bound(shared=shared)
    await listener.start(listening)
    return listener, listening.getsockname()[1]


async def answer_to(caller: socket.socket) -> bytes:
    """Everything that is answered until the end of the connection."""
    caller.setblocking(False)
    loop = asyncio.get_running_loop()
    told = b""
    while piece := await asyncio.wait_for(loop.sock_recv(caller, 4096), 20):
        told += piece
    caller.close()
    return told


def run(scene: Any) -> None:
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(scene)


@pytest.mark.parametrize("shared", [False, pytest.param(True, marks=linux)])
def test_caller_who_has_connected_and_whom_nobody_has_met_yet_is_answered(shared: bool) -> None:
    async def scene() -> None:
        listener, port = await started(shared=shared)
        caller = socket.create_connection(("127.0.0.1", port))
        caller.sendall(CALL)
        await listener.stop(5)  # its first steps are taken before the loop looks at the port again
        told = await answer_to(caller)
        assert told.startswith(b"HTTP/1.1 200")
        assert b"connection: close" in told
        assert told.endswith(b"call")

    run(scene())


def test_idle_connection_is_not_closed_over_a_call_that_has_arrived() -> None:
    async def scene() -> None:
        listener, port = await started()
        caller = socket.create_connection(("127.0.0.1", port))
        while not len(listener):
            await asyncio.sleep(0)
        (connection,) = listener._connections
        caller.sendall(CALL)  # the loop has not read it yet
        connection.close_if_idle()
        stopping = asyncio.create_task(listener.stop(5))
        told = await answer_to(caller)
        await stopping
        assert told.endswith(b"call")

    run(scene())


def test_idle_connections_are_closed_and_the_port_refuses() -> None:
    async def scene() -> None:
        listener, port = await started()
        caller = socket.create_connection(("127.0.0.1", port))
        while not len(listener):
            await asyncio.sleep(0)
        stopping = asyncio.create_task(listener.stop(5))
        assert await answer_to(caller) == b""
        await stopping
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port))

    run(scene())


@linux
def test_callers_of_a_shared_port_whom_one_process_lets_not_begin_come_to_the_other() -> None:
    with bound(shared=True) as one:
        port = one.getsockname()[1]
        with bound(shared=True, port=port) as other:
            one.listen()
            other.listen()
            let_none_begin(one)
            callers = [socket.socket() for _ in range(16)]
            for caller in callers:
                caller.setblocking(False)
                caller.connect_ex(("127.0.0.1", port))
            assert not select.select([one], [], [], 0.2)[0]
            one.close()  # nobody waits in it
            for caller in callers:
                assert select.select([], [caller], [], 20)[1]  # at once, or with the second try of its system
                assert caller.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0
                caller.close()
