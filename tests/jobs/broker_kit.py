"""What the tests with the real RabbitMQ need: the broker, workers as processes, and a wire that can be cut."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from kombu.connection import Connection

from billing_center.settings import Settings
from jobs.broker import queue_of
from tests.other_processes import LONGEST_S

BROKER = os.environ.get("BILLING_TEST_RABBITMQ_URL", "amqp://guest:guest@127.0.0.1:5672//")
ADDRESS = (urlsplit(BROKER).hostname or "127.0.0.1", urlsplit(BROKER).port or 5672)


def require_broker() -> None:
    """Skip, or fail in CI, when no RabbitMQ answers."""
    try:
        socket.create_connection(ADDRESS, timeout=3).close()
    except OSError:
        if os.environ.get("CI") == "true":
            pytest.fail("CI skips nothing: no RabbitMQ is running")
        pytest.skip("no RabbitMQ is running (set BILLING_TEST_RABBITMQ_URL)")


def forget_queues(settings: Settings) -> None:
    """Delete what a test has left at the broker."""
    name = queue_of(settings)
    with Connection(BROKER) as connection, connection.channel() as channel:
        channel.queue_delete(name)
        channel.exchange_delete(name)


def command(settings: Settings, *words: str) -> subprocess.Popen[bytes]:
    """`billing-center` in a process of its own, with the settings of the test that differ from the defaults."""
    differing = settings.model_dump(exclude_unset=True)
    values = {
        f"BILLING_{name.upper()}": getattr(value, "get_secret_value", lambda value=value: str(value))()
        for name, value in differing.items()
    }
    return subprocess.Popen(
        [sys.executable, "-m", "billing_center", *words], env={**os.environ, **values}, stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip


@contextmanager
def workers(settings: Settings, number: int = 1) -> Iterator[list[subprocess.Popen[bytes]]]:
    """So many `billing-center worker`, killed with all their processes at the end."""
    running = [command(settings, "worker", "--concurrency", "1") for _ in range(number)]
    try:
        yield running
    finally:
        for each in running:
            kill(each)


def kill(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL to a command and every process that it made, as a machine that loses its power."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(LONGEST_S)


@dataclass
class Wire:
    """A TCP way to the broker that can be cut and mended; its port stays the same."""

    port: int = 0
    _listening: socket.socket | None = None
    _ends: list[socket.socket] = field(default_factory=list)

    def mend(self) -> None:
        """Let callers through."""
        self._listening = socket.create_server(("127.0.0.1", self.port))
        self.port = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, args=(self._listening,), daemon=True).start()

    def cut(self) -> None:
        """Refuse callers, and break every connection there is."""
        if self._listening is not None:
            _end(self._listening)
            self._listening = None
        while self._ends:
            _end(self._ends.pop())

    @property
    def url(self) -> str:
        """The broker by this way."""
        return BROKER.replace(f"{ADDRESS[0]}:{ADDRESS[1]}", f"127.0.0.1:{self.port}")

    def _accept(self, listening: socket.socket) -> None:
        with suppress(OSError):
            while True:
                near = listening.accept()[0]
                far = socket.create_connection(ADDRESS)
                self._ends += [near, far]
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=_pump, args=(one, other), daemon=True).start()


def _pump(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while data := one.recv(65536):
            other.sendall(data)
    _end(one)
    _end(other)


def _end(one: socket.socket) -> None:
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
