"""A port of this process alone for /metrics, where several processes share the port of the doors.

Where it stands in the walk: beside it; `serve` opens it. It listens on the loopback address and asks nobody: what
collects figures there (Prometheus, its agent, a proxy with TLS) runs on the same machine.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import start_http_server

from billing_center.errors import SettingInvalid
from billing_center.metrics.scrape import Scrape

HOST = "127.0.0.1"


@contextmanager
def own_port(scrape: Scrape, port: int) -> Iterator[None]:
    """Show the figures on the port until left; 0: do not. Raises: SettingInvalid when it cannot be had."""
    if not port:
        yield
        return
    try:
        server, thread = start_http_server(port, HOST, scrape.registry)
    except OSError as error:
        message = f"cannot listen on {HOST} port {port}: {error.strerror or error}"
        raise SettingInvalid(message, field="metrics_port") from None
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
