"""Doors as processes over one database, and a small balancer of TCP in front of them."""

import os
import signal
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.other_processes import LONGEST_S, until


@dataclass
class Door:
    """One `billing-center serve`: an open door without a scheduler."""

    database_url: str
    port: int
    log: Path
    shared: bool
    process: subprocess.Popen[bytes] = field(init=False)

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        """Serve; returns when the door answers."""
        words = ["serve", "--port", str(self.port), "--open", "--no-scheduler"]
        changed = {"BILLING_DATABASE_URL": self.database_url, "BILLING_LOG_FORMAT": "json"}
        self.log = self.log.with_suffix(f".{len(list(self.log.parent.iterdir()))}")
        with self.log.open("wb") as lines:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "billing_center", *words, *(["--share-port"] if self.shared else [])],
                env={**os.environ, **changed}, stderr=lines, stdout=subprocess.DEVNULL,
            )  # fmt: skip
        until(lambda: "Ctrl+C" in self.log.read_text() or self.process.poll() is not None)
        assert self.process.poll() is None, self.log.read_text()

    def calls(self) -> int:
        """How many calls its log tells of."""
        return self.log.read_text().count('"operation": ')

    def end(self) -> None:
        """SIGTERM, and wait for the end."""
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(LONGEST_S) == 0
        assert "call_cut_off" not in self.log.read_text()

    def kill(self) -> None:
        """Whatever happened, it is gone."""
        self.process.kill()
        self.process.wait(LONGEST_S)


class Balancer:
    """Each new connection goes to the next door in turn; a door that refuses is passed over."""

    def __init__(self, ports: list[int]) -> None:
        self._ports = ports
        self._turn = 0
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port: int = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Let nobody in any more."""
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near = self._listening.accept()[0]
                far = self._next_door()
                if far is None:
                    near.close()
                    continue
                threading.Thread(target=_carry, args=(near, far), daemon=True).start()

    def _next_door(self) -> socket.socket | None:
        for _ in self._ports:
            self._turn += 1
            with suppress(ConnectionRefusedError):
                return socket.create_connection(("127.0.0.1", self._ports[self._turn % len(self._ports)]))
        return None


def _carry(near: socket.socket, far: socket.socket) -> None:
    """Bytes both ways, until both sides have ended."""
    with near, far:
        back = threading.Thread(target=_pump, args=(far, near), daemon=True)
        back.start()
        _pump(near, far)
        back.join()


def _pump(one: socket.socket, other: socket.socket) -> None:
    """Bytes one way; the end of one side is the end of the other."""
    with suppress(OSError):
        while data := one.recv(65536):
            other.sendall(data)
    with suppress(OSError):
        other.shutdown(socket.SHUT_WR)
