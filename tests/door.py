"""A running door for tests: real HTTP on a free port of the loopback address, over a center of the test.

Use the fixture `door` (tests/rpc/conftest.py re-exports it; a room that wants it writes
`from tests.door import door` in its own conftest.py), or `running_door(center)` as a context manager.
"""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from unittest.mock import patch

import pytest

from billing_center.access import secret_hash
from billing_center.access.callers import add_caller
from billing_center.center import Center
from billing_center.group_commit import GroupCommit
from rpc.billing_client import BillingClient
from rpc.client import HessianClient
from rpc.hessian import ReplyForm
from rpc.http.asgi_bridge import AsgiBridge
from rpc.http.event_loop import new_event_loop
from rpc.http.exchange import Exchange, Handler
from rpc.http.listener import Listener, ListenerLimits
from rpc.server import HessianDoor


@dataclass
class RunningDoor:
    """A door that answers, the center behind it, and callers for it."""

    center: Center
    port: int
    group: GroupCommit
    secrets: dict[str, str] = field(default_factory=dict)
    clients: list[HessianClient] = field(default_factory=list)

    @property
    def base(self) -> str:
        """The address without a path."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """The address of the billing service."""
        return f"{self.base}/hessian/billing"

    def caller(self, caller_id: str = "tester", **permissions: Any) -> tuple[str, str]:
        """The id and secret of a caller, added at first use; it may do everything unless told otherwise."""
        if caller_id not in self.secrets:
            with patch.object(secret_hash, "_N", 16):  # a quick hash: the slow one has a test of its own
                secret = self.center.transact("test", lambda work: add_caller(work, caller_id, **permissions))
            self.secrets[caller_id] = secret
        return caller_id, self.secrets[caller_id]

    def client(self, caller_id: str = "tester", form: ReplyForm = ReplyForm.HESSIAN_2) -> BillingClient:
        """The project's own client, as a caller that may do everything; closed with the door."""
        client = BillingClient(self.url, *self.caller(caller_id), timeout_s=20, form=form)
        self.clients.append(client.hessian)
        return client

    def hessian(self, caller_id: str = "tester", path: str = "/hessian/billing") -> HessianClient:
        """A bare Hessian client, as a caller that may do everything; closed with the door."""
        self.clients.append(HessianClient(self.base + path, *self.caller(caller_id), timeout_s=20))
        return self.clients[-1]


@contextmanager
def listening(
    handler_of: Callable[[Exchange], Handler], limits: ListenerLimits, *, ticked: Callable[[], None] = lambda: None
) -> Iterator[int]:
    """Serve with the project's listener in a thread; gives the port, ends in order."""
    started = threading.Event()
    ports: list[int] = []
    ends: list[Callable[[], object]] = []

    async def serve() -> None:
        stop = asyncio.Event()
        listener = Listener(handler_of, limits, ticked=ticked)
        with socket.socket() as bound:
            bound.bind(("127.0.0.1", 0))
            await listener.start(bound)
            ports.append(bound.getsockname()[1])
            loop = asyncio.get_running_loop()
            ends.append(lambda: loop.call_soon_threadsafe(stop.set))
            started.set()
            await stop.wait()
            await listener.stop(10)

    def run() -> None:
        with asyncio.Runner(loop_factory=new_event_loop) as runner:
            runner.run(serve())

    thread = threading.Thread(target=run, name="door")
    thread.start()
    started.wait(20)
    try:
        yield ports[0]
    finally:
        ends[0]()
        thread.join(20)


@contextmanager
def running_app(app: Any) -> Iterator[int]:
    """Serve an ASGI application in a thread; gives the port, stops it at the end."""
    bridge = AsgiBridge(app)
    with listening(lambda exchange: bridge, ListenerLimits()) as port:
        yield port


@contextmanager
def running_door(center: Center, **settings: Any) -> Iterator[RunningDoor]:
    """A door over the center; keyword arguments are settings that differ for it."""
    if settings:
        center = replace(center, settings=center.settings.model_copy(update=settings))
    group = GroupCommit(center).start()
    door = HessianDoor(center, group)
    try:
        limits = ListenerLimits(body_bytes=center.settings.body_limit, body_s=center.settings.call_timeout_s)
        with listening(lambda exchange: door, limits, ticked=door.tick) as port:
            running = RunningDoor(center, port, group)
            try:
                yield running
            finally:
                for client in running.clients:
                    client.close()
    finally:
        group.close(10)
        door.close()


@pytest.fixture
def door(center: Center) -> Iterator[RunningDoor]:
    """A door over the test's empty center."""
    with running_door(center) as running:
        yield running
