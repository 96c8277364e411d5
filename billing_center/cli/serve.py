"""`billing-center serve`: the one place that puts doors, scheduler and senders around a center.

Hessian and REST share one port, told apart by path. The order of ending: no new calls, calls under way are
answered, the group commit is emptied, the scheduler lets go.
"""

import asyncio
import contextlib
import gc
import signal
import socket
import ssl
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Annotated, Any

import structlog
import typer
from rich.console import Console

from billing_center.access.check_caller import CallerCheck
from billing_center.access.open_door import require_loopback
from billing_center.center import Center
from billing_center.cli.context import loaded_settings, open_context
from billing_center.errors import SettingInvalid
from billing_center.group_commit import GroupCommit
from billing_center.logs import set_up_logs
from billing_center.metrics.own_port import own_port
from billing_center.metrics.scrape import Scrape
from billing_center.outbox.message import MessageKind, Sender
from billing_center.settings import LoadedSettings, Settings
from billing_center.test_clock import StoredTestClock
from billing_center.tracing import end_tracing
from jobs import scheduler
from jobs.advance_clock import advance
from rpc.http.asgi_bridge import AsgiBridge
from rpc.http.event_loop import new_event_loop
from rpc.http.exchange import Exchange, Handler
from rpc.http.listener import Listener, ListenerLimits
from rpc.http.shared_port import CAN_SHARE, share
from rpc.operations import OPERATIONS
from rpc.senders import senders_of
from rpc.server import ROOT, HessianDoor, is_hessian
from web.app import build_app
from web.clock import ClockHands

log = structlog.get_logger()

COLLECTED = (50_000, 10, 10)
"""When garbage is looked for: a crowd of calls under way is some ten thousand objects, and none of them is any."""

LAST_CALLS_S = 1.0
"""Seconds in which a door that ends still takes calls on connections that stand: a balancer may be slow."""


def serve(
    host: Annotated[str | None, typer.Option(help="address to listen on")] = None,
    port: Annotated[int | None, typer.Option(help="port to listen on; 0 picks a free one")] = None,
    open_door: Annotated[
        bool | None, typer.Option("--open", help="no passwords; loopback only, for trying out")
    ] = None,
    share_port: Annotated[
        bool | None, typer.Option("--share-port", help="other processes may serve the same port (Linux)")
    ] = None,
    with_scheduler: Annotated[
        bool | None, typer.Option("--scheduler/--no-scheduler", help="run the scheduled jobs here too")
    ] = None,
) -> None:
    """Serve Hessian, REST and (unless told otherwise) the scheduler, until stopped."""
    flags: dict[str, Any] = {
        "host": host, "port": port, "open_door": open_door, "share_port": share_port, "scheduler": with_scheduler,
    }  # fmt: skip
    with open_context(**flags) as center:
        serve_center(center, loaded_settings(**flags), greet=Console(stderr=True, highlight=False))


def serve_center(center: Center, loaded: LoadedSettings, *, greet: Console | None = None) -> None:
    """Serve an open center until SIGINT or SIGTERM; returns when everything under way is finished.

    Raises: SettingInvalid for an address that cannot be had, half of a TLS pair, or an open door to others.
    """
    settings = center.settings
    set_up_logs(settings)
    _check(settings)
    tls = _tls(settings)
    listening = _listen(settings.host, settings.port, shared=settings.share_port)
    senders = senders_of(settings)
    ending = threading.Event()
    with running(center, senders, is_ending=ending.is_set) as listener:
        running_scheduler = scheduler.start(center, senders) if settings.scheduler else None
        try:
            serving = _serve_until_told(
                listener, listening, tls, lambda: _started(center, listening, greet),
                patience_s=settings.call_timeout_s + 1, ending=ending, drain_s=settings.drain_s,
            )  # fmt: skip
            with asyncio.Runner(loop_factory=new_event_loop) as runner:
                runner.run(serving)
        finally:
            if running_scheduler is not None:
                running_scheduler.stop()
            listening.close()
    end_tracing()
    log.info("stopped")


@contextlib.contextmanager
def running(
    center: Center, senders: dict[MessageKind, Sender], *, is_ending: Callable[[], bool] = lambda: False
) -> Iterator[Listener]:
    """Both doors behind one listener, with what they need running; ended in order when left."""
    checks = CallerCheck(center)
    group = GroupCommit(center).start()
    hessian = HessianDoor(center, group, checks)
    operations = [(f"{o.name}({', '.join(o.parameters)})", o.summary) for o in OPERATIONS]

    def handler_of(exchange: Exchange) -> Handler:
        return hessian if is_hessian(exchange.path) else bridge

    listener = Listener(handler_of, _limits(center.settings), ticked=hessian.tick)
    scrape = Scrape(center, calls_waiting=group.__len__, connections=listener.__len__)
    rest = build_app(
        center, checks=checks, hands=_hands(center, senders), operations=operations, scrape=scrape,
        is_ending=is_ending,
    )  # fmt: skip
    bridge = AsgiBridge(rest)
    try:
        with own_port(scrape, center.settings.metrics_port):
            yield listener
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


def _listen(host: str, port: int, *, shared: bool = False) -> socket.socket:
    """A socket bound to the address. Raises: SettingInvalid when it cannot be had."""
    if shared and not CAN_SHARE:
        raise SettingInvalid("several processes share a port on Linux alone", field="share_port")
    name = host.strip("[]")
    family = socket.AF_INET6 if ":" in name else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        if sys.platform != "win32":
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            share(made)
        made.bind((name, port))
    except OSError as error:
        made.close()
        message = f"cannot listen on {host} port {port}: {error.strerror or error}"
        raise SettingInvalid(message, field="port") from None
    return made


def _limits(settings: Settings) -> ListenerLimits:
    return ListenerLimits(
        body_bytes=settings.body_limit, connections=settings.connection_limit, body_s=settings.call_timeout_s,
        last_calls_s=LAST_CALLS_S,
    )  # fmt: skip


def _tls(settings: Settings) -> ssl.SSLContext | None:
    """The TLS side of the port; None without a certificate. Raises: SettingInvalid for files that are none."""
    if settings.tls_certificate is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(settings.tls_certificate, settings.tls_key)
    except (OSError, ssl.SSLError) as error:
        message = f"the certificate and its key cannot be used: {error}"
        raise SettingInvalid(message, field="tls_certificate") from None
    return context


async def _serve_until_told(
    listener: Listener, listening: socket.socket, tls: ssl.SSLContext | None, started: Callable[[], None], *,
    patience_s: float, ending: threading.Event, drain_s: float,
) -> None:  # fmt: skip
    """Listen until SIGINT or SIGTERM, then end in order. A second signal ends the waiting.

    From the first one on the center tells that it is not ready; for `drain_s` it goes on as before, so that a
    balancer sends the next calls elsewhere.
    """
    loop = asyncio.get_running_loop()
    told = asyncio.Event()
    hurry = asyncio.Event()

    def stop(number: int, frame: object) -> None:
        loop.call_soon_threadsafe(hurry.set if told.is_set() else told.set)

    with _signals(stop):
        await listener.start(listening, tls)
        started()
        gc.collect()
        gc.set_threshold(*COLLECTED)
        gc.freeze()  # what stands after the start stands to the end: looking through it again costs every call
        await told.wait()
        ending.set()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(hurry.wait(), drain_s)
        stopping = asyncio.create_task(listener.stop(patience_s))
        hurried = asyncio.create_task(hurry.wait())
        await asyncio.wait({stopping, hurried}, return_when=asyncio.FIRST_COMPLETED)
        if not stopping.done():
            stopping.cancel()
            await listener.stop(0)
        hurried.cancel()


@contextlib.contextmanager
def _signals(handler: Callable[[int, Any], None]) -> Iterator[None]:
    """SIGINT and SIGTERM go to the handler; only the main thread may say so."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {each: signal.signal(each, handler) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for each, known in before.items():
            signal.signal(each, known)


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
        ("console", f"{base}/console"),
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
