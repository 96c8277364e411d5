"""What tests share that start processes: ports for them, and waiting for what they do."""

import socket
import threading
from collections.abc import Callable

LONGEST_S = 120.0
"""Seconds that nothing may take: beyond, something hangs."""


def until(said: Callable[[], bool]) -> None:
    """Wait until something is so."""
    left = int(LONGEST_S / 0.02)
    pause = threading.Event()
    while not said():
        pause.wait(0.02)
        left -= 1
        assert left, "it never came to be"


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports
