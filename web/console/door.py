"""The console's door: who looks, which page, and an answer that is a page whatever happens.

Where it stands in the walk: `routes` lists the pages and acts; here a request becomes a `Visit`, an error a
page with its status, and an act that was done a redirect, so that reloading does nothing twice.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from billing_center.access.basic_auth import read_basic
from billing_center.access.caller import CONSOLE, Caller
from billing_center.access.check_caller import CallerCheck
from billing_center.center import Center, UnitOfWork
from billing_center.errors import BillingError, Refused, Unauthorised
from web.admission import admission
from web.console.markup import tag
from web.console.page import Page, render, render_alone
from web.console.style import HEADERS
from web.console.token import is_token, token_of
from web.console.visit import ROOT, Language, Visit, choose_language
from web.errors import status_of

log = structlog.get_logger()

LARGEST_FORM = 64 * 1024
"""Bytes of a form at most: a page's worth of ids is a tenth of it."""

Fields = Mapping[str, list[str]]
PageOf = Callable[[Visit], Page]


@dataclass(frozen=True, slots=True)
class Done:
    """What an act leads to: the page to go to, by its path and query, and which of the known words it says."""

    path: str
    query: Mapping[str, str]
    words: str


Act = Callable[[UnitOfWork, Fields], Done]
"""A use case asked for by a form. The unit's actor is the caller; it is committed before the answer."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request that was let in."""

    caller: Caller
    secret: str | None
    language: Language
    path: str
    query: Mapping[str, str]

    def visit(self, work: UnitOfWork) -> Visit:
        token = token_of(self.caller.caller_id, self.secret)
        return Visit(work, self.caller, self.language, self.path, self.query, token)


class ConsoleDoor:
    """Makes endpoints of pages and acts over one center."""

    def __init__(self, center: Center, checks: CallerCheck) -> None:
        self._center = center
        self._admit = admission(center, checks, CONSOLE)

    def page(self, page_of: PageOf) -> Callable[[Request], Response]:
        """An endpoint that shows a page. It runs in a thread of the pool, since the database may let it wait."""

        def endpoint(request: Request) -> Response:
            return self._answered(request, lambda: self._shown(request, page_of))

        return endpoint

    def act(self, act: Act) -> Callable[[Request], object]:
        """An endpoint that does something and then goes to the page that shows it."""

        async def endpoint(request: Request) -> Response:
            body = bytearray()
            async for part in request.stream():
                body += part
                if len(body) > LARGEST_FORM:
                    return _alone(_language(request), 413, "The form is too large.", "表单过大。")
            acted = lambda: self._acted(request, act, bytes(body))  # noqa: E731 (one line, two uses of request)
            return await run_in_threadpool(self._answered, request, acted)

        return endpoint

    def _shown(self, request: Request, page_of: PageOf) -> Response:
        asked = self._asked(request)
        with self._center.reading(asked.caller.caller_id) as work:
            visit = asked.visit(work)
            return _answer(render(visit, page_of(visit)))

    def _acted(self, request: Request, act: Act, body: bytes) -> Response:
        asked = self._asked(request)
        fields: dict[str, list[str]] = {}
        for name, value in parse_qsl(body.decode("utf-8", "replace"), max_num_fields=1000):
            fields.setdefault(name, []).append(value)
        [token] = fields.pop("token", [""])[:1]
        foreign = request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none")
        if foreign or not is_token(token, asked.caller.caller_id, asked.secret):
            message = "the form did not come from a page of this console: load the page again"
            raise Unauthorised(message, may_not=True, caller=asked.caller.caller_id)
        done = self._center.transact(asked.caller.caller_id, lambda work: act(work, fields))
        log.info("console_act", act=request.url.path, caller=asked.caller.caller_id)
        with self._center.reading(asked.caller.caller_id) as work:
            to = asked.visit(work).href(done.path, **done.query, done=done.words)
        return RedirectResponse(to, 303, dict(HEADERS))

    def _asked(self, request: Request) -> _Asked:
        caller = self._admit(request)
        said = read_basic(request.headers.get("authorization", ""))
        secret = None if self._center.settings.open_door or said is None else said[1]
        path = request.url.path.removeprefix(ROOT).rstrip("/")
        return _Asked(caller, secret, _language(request), path, dict(request.query_params))

    def _answered(self, request: Request, made: Callable[[], Response]) -> Response:
        """The answer, or the page that says why there is none."""
        language = _language(request)
        try:
            return made()
        except BillingError as error:
            status = status_of(error)
            if status < 500 or status == 503:
                chinese = "请求未能执行。" if isinstance(error, Refused) else "暂不可用或无权限。"
                return _alone(language, status, error.message, f"{chinese}{error.message}")
            failure: Exception = error
        except Exception as error:  # noqa: BLE001 (a failure of ours: told by its incident, logged whole)
            failure = error
        incident = secrets.token_hex(8)
        log.error("request_failed", incident=incident, exc_info=failure)
        words = f"This page could not be made; incident {incident}."
        return _alone(language, 500, words, f"页面无法生成；事件编号 {incident}。")


def _language(request: Request) -> Language:
    return choose_language(request.query_params.get("lang", ""), request.headers.get("accept-language", ""))


def _answer(document: str, status: int = 200, **headers: str) -> Response:
    return HTMLResponse(document, status, {**HEADERS, **headers})


TITLES = {
    400: ("This cannot be done", "无法执行"), 401: ("Who is it?", "请登录"), 403: ("Not allowed", "没有权限"),
    404: ("Not found", "未找到"), 409: ("Not now", "当前状态不允许"), 413: ("Too large", "过大"),
    503: ("Not available for the moment", "暂不可用"),
}  # fmt: skip


def _alone(language: Language, status: int, english: str, chinese: str) -> Response:
    """A page without the frame. For 401 it also makes the browser ask for a caller and its secret."""
    place = 1 if language is Language.CHINESE else 0
    title = TITLES.get(status, ("Something went wrong", "出错了"))[place]
    back = tag("p", tag("a", ("To the overview", "回到总览")[place], href=ROOT))
    asking = {"WWW-Authenticate": 'Basic realm="billing-center", charset="UTF-8"'} if status == 401 else {}
    return _answer(render_alone(language, title, tag("p", (english, chinese)[place]), back), status, **asking)


def nothing_here(request: Request) -> Response:
    """The page of an address that there is not."""
    return _alone(_language(request), 404, "There is no such page.", "没有这个页面。")
