"""The REST application, put together. Where it stands in the walk: beside it; `serve` mounts it at the root."""

import secrets
from collections.abc import Callable, Sequence
from time import perf_counter

import structlog
from fastapi import Depends, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from billing_center.access.caller import CONSOLE, METRICS
from billing_center.access.check_caller import CallerCheck
from billing_center.center import Center
from billing_center.errors import BillingError
from billing_center.metrics.counted import rest_requests
from billing_center.metrics.scrape import Scrape
from web.admission import CALLER, admission
from web.alerts import alert_routes
from web.clock import ClockHands, clock_routes
from web.console.routes import console_routes
from web.correcting import correcting_routes
from web.errors import answer_billing_error, answer_failure, answer_http_error, answer_wrong_shape
from web.health import PATHS as HEALTH
from web.health import health_routes
from web.metrics import PATH, metrics_routes
from web.reading import reading_routes
from web.welcome import welcome_page

log = structlog.get_logger()

QUIET = HEALTH | {PATH}
"""Asked every few seconds by machines: not worth a line in the log."""


def _never() -> bool:
    return False


def build_app(
    center: Center,
    *,
    checks: CallerCheck | None = None,
    hands: ClockHands | None = None,
    operations: Sequence[tuple[str, str]] = (),
    scrape: Scrape | None = None,
    is_ending: Callable[[], bool] = _never,
) -> ASGIApp:
    """The application over a center.

    `hands` move the test clock (None under the real one); `operations` are the signatures and purposes that
    the page at / lists; `scrape` shows what the door knows of itself; `is_ending` says not ready.
    """
    app = FastAPI(
        title="Billing center", version="1", openapi_url="/api/v1/openapi.json", docs_url=None, redoc_url=None
    )
    checks = checks if checks is not None else CallerCheck(center)
    admit = admission(center, checks)
    admitted = [Depends(admit)]
    app.include_router(health_routes(center, is_ending))
    scrape = scrape if scrape is not None else Scrape(center)
    app.include_router(metrics_routes(center.settings, scrape, admission(center, checks, METRICS)))
    app.include_router(clock_routes(center, hands), prefix="/api/v1", dependencies=admitted)
    app.include_router(reading_routes(center), prefix="/api/v1", dependencies=admitted)
    acting = [Depends(admission(center, checks, CONSOLE))]
    app.include_router(correcting_routes(center), prefix="/api/v1", dependencies=acting)
    app.include_router(alert_routes(center, admit), prefix="/api/v1")
    app.router.routes.extend(console_routes(center, checks))
    app.add_exception_handler(BillingError, answer_billing_error)
    app.add_exception_handler(RequestValidationError, answer_wrong_shape)
    app.add_exception_handler(HTTPException, answer_http_error)
    app.add_exception_handler(Exception, answer_failure)
    page = welcome_page(
        operations,
        database=center.database.kind,
        clock="the real clock" if hands is None else "a test clock that moves only when told",
        open_door=center.settings.open_door,
    )

    @app.get("/", response_class=HTMLResponse, include_in_schema=False)
    async def welcome() -> str:
        return page

    return _Logged(app)


class _Logged:
    """Logs each request once it was answered."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = perf_counter()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request=secrets.token_hex(8))
        statuses: list[int] = []

        async def note(message: Message) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])
            await send(message)

        try:
            await self._app(scope, receive, note)
        except Exception:
            if not statuses:
                raise  # else it was answered and logged with its incident id, and is only passed on
        status = statuses[-1] if statuses else 0
        rest_requests.add(str(status))
        if scope["path"] not in QUIET:
            ms = round((perf_counter() - began) * 1000, 3)
            told = {"method": scope["method"], "path": scope["path"], "status": status}
            log.info("request_answered", **told, caller=scope.get(CALLER, "-"), ms=ms)
