"""`billing-center serve`: the one place that puts doors, scheduler and senders around a center.

Hessian and REST share one port, told apart by path. The order of ending: no new calls, calls under way are
answered, the group commit is emptied, the scheduler lets go.
"""

import contextlib
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Annotated, Any

import structlog
import typer
import uvicorn
from rich.console import Console

from billing_center.access.check_caller import CallerCheck
from billing_center.access.open_door import require_loopback
from billing_center.center import Center
from billing_center.cli.context import loaded_settings, open_context
from billing_center.errors import SettingInvalid
from billing_center.group_commit import GroupCommit
from billing_center.logs import set_up_logs
from billing_center.outbox.message import MessageKind, Sender
from billing_center.settings import LoadedSettings, Settings
from billing_center.test_clock import StoredTestClock
from jobs import scheduler
from jobs.advance_clock import advance
from rpc.operations import OPERATIONS
from rpc.senders import senders_of
from rpc.server import ROOT, HessianDoor
from web.app import build_app
from web.clock import ClockHands

log = structlog.get_logger()

KEEP_ALIVE_S = 30
"""Longer than the 5 s for which Java keeps idle connections: else calls race with the close."""

BACKLOG = 2048


def serve(
    host: Annotated[str | None, typer.Option(help="address to listen on")] = None,
    port: Annotated[int | None, typer.Option(help="port to listen on; 0 picks a free one")] = None,
    open_door: Annotated[
        bool | None, typer.Option("--open", help="no passwords; loopback only, for trying out")
    ] = None,
    with_scheduler: Annotated[
        bool | None, typer.Option("--scheduler/--no-scheduler", help="run the scheduled jobs here too")
    ] = None,
) -> None:
    """Serve Hessian, REST and (unless told otherwise) the scheduler, until stopped."""
    flags: dict[str, Any] = {"host": host, "port": port, "open_door": open_door, "scheduler": with_scheduler}
    with open_context(**flags) as center:
        serve_center(center, loaded_settings(**flags), greet=Console(stderr=True, highlight=False))


def serve_center(center: Center, loaded: LoadedSettings, *, greet: Console | None = None) -> None:
    """Serve an open center until SIGINT or SIGTERM; returns when everything under way is finished.

    Raises: SettingInvalid for an address that cannot be had, half of a TLS pair, or an open door to others.
    """
    settings = center.settings
    set_up_logs(settings)
    _check(settings)
    listening = _listen(settings.host, settings.port)
    senders = senders_of(settings)
    with running(center, senders) as app:
        running_scheduler = scheduler.start(center, senders) if settings.scheduler else None
        try:
            server = _Server(_uvicorn_config(settings, app), lambda: _started(center, listening, greet))
            server.run(sockets=[listening])
        finally:
            if running_scheduler is not None:
                running_scheduler.stop()
            listening.close()
    log.info("stopped")


@contextlib.contextmanager
def running(center: Center, senders: dict[MessageKind, Sender]) -> Iterator[Callable[..., Any]]:
    """Both doors as one ASGI application, with what they need running; ended in order when left."""
    checks = CallerCheck(center)
    group = GroupCommit(center).start()
    hessian = HessianDoor(center, group, checks)
    operations = [(f"{o.name}({', '.join(o.parameters)})", o.summary) for o in OPERATIONS]
    rest = build_app(center, checks=checks, hands=_hands(center, senders), operations=operations)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        path = scope.get("path", "")
        door = hessian if path == ROOT or path.startswith(ROOT + "/") else rest
        await door(scope, receive, send)

    try:
        yield app
    finally:
        group.close()
        hessian.close()


def _hands(center: Center, senders: dict[MessageKind, Sender]) -> ClockHands | None:
    """What moves the test clock; None under the real one."""
    clock = center.clock
    if not isinstance(clock, StoredTestClock):
        return None

    def forward(to: datetime) -> datetime:
        return advance(center, to, senders).at

    return ClockHands(put=clock.move, advance=forward)


def _check(settings: Settings) -> None:
    if settings.open_door:
        require_loopback(settings.host)
        log.warning("open_door", meaning="every program on this machine may do everything here")
    if (settings.tls_certificate is None) != (settings.tls_key is None):
        missing = "tls_key" if settings.tls_key is None else "tls_certificate"
        raise SettingInvalid("TLS needs both tls_certificate and tls_key", field=missing)


def _listen(host: str, port: int) -> socket.socket:
    """A socket bound to the address. Raises: SettingInvalid when it cannot be had."""
    name = host.strip("[]")
    family = socket.AF_INET6 if ":" in name else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        if sys.platform != "win32":
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((name, port))
    except OSError as error:
        made.close()
        message = f"cannot listen on {host} port {port}: {error.strerror or error}"
        raise SettingInvalid(message, field="port") from None
    return made


def _uvicorn_config(settings: Settings, app: Callable[..., Any]) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http="httptools",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        backlog=BACKLOG,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=int(settings.call_timeout_s) + 1,
        ssl_certfile=settings.tls_certificate,
        ssl_keyfile=settings.tls_key,
    )


class _Server(uvicorn.Server):
    """uvicorn, telling when it listens, and leaving the end of the process to us."""

    def __init__(self, config: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._tell = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then tell."""
        await super().startup(sockets)
        if self.started:
            self._tell()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """End on SIGINT and SIGTERM. uvicorn's own way raises the signal again and would skip our ending."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {each: signal.signal(each, self.handle_exit) for each in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)


def _started(center: Center, listening: socket.socket, greet: Console | None) -> None:
    settings = center.settings
    host = settings.host if ":" not in settings.host else f"[{settings.host.strip('[]')}]"
    scheme = "https" if settings.tls_certificate is not None else "http"
    base = f"{scheme}://{host}:{listening.getsockname()[1]}"
    log.info("serving", url=base, scheduler=settings.scheduler, open_door=settings.open_door)
    if greet is None:
        return
    test = isinstance(center.clock, StoredTestClock)
    clock = "test clock, moves only when told (billing-center clock advance)" if test else "real clock"
    lines = [
        ("Hessian", f"{base}{ROOT}/billing"),
        ("REST", f"{base}/api/v1/clock, /api/v1/invoices/..., /api/v1/refused-calls"),
        ("overview", f"{base}/"),
        ("clock", f"{clock}, {settings.timezone}"),
        ("scheduler", "runs here" if settings.scheduler else "does not run here"),
    ]
    for name, text in lines:
        greet.print(f"  {name:<10}  {text}", soft_wrap=True)
    if settings.open_door:
        warning = "  THE DOOR IS OPEN: every program on this machine may do everything here."
        greet.print(warning, style="bold red", soft_wrap=True)
    greet.print("  Stop with Ctrl+C.")
