"""The HTTP door for Hessian: a plain ASGI application for POST /hessian/<anything>.

Where it stands in the walk: the first step. It says who is calling before it reads a body, bounds the body,
and bounds the time; `answer_call` does the rest. Faults travel with status 200, since a Java client loses the
body of any other. Design: contract, "How callers reach it"; wire, section 2.
"""

import asyncio
from time import perf_counter

import structlog

from billing_center.access.caller import Caller
from billing_center.access.check_caller import CallerCheck
from billing_center.center import Center
from billing_center.errors import Busy, Unauthorised
from billing_center.group_commit import GroupCommit
from rpc.admission import Admission, Pool
from rpc.answer_call import Answered, CallDesk, new_mark
from rpc.http_exchange import BodyTooLarge, CallerLeft, Receive, Scope, Send, answer, header, read_body
from rpc.welcome_page import PAGE

log = structlog.get_logger()

ROOT = "/hessian"
HESSIAN = b"x-application/hessian"
PLAIN = b"text/plain; charset=utf-8"
HTML = b"text/html; charset=utf-8"

READ_THREADS = 4


class HessianDoor:
    """The ASGI application. Its threads start here and stop with `close`."""

    def __init__(self, center: Center, group: GroupCommit, checks: CallerCheck | None = None) -> None:
        settings = center.settings
        self._center = center
        self._reads = Pool(READ_THREADS, waiting=settings.queue_limit, name="reads")
        checks = checks if checks is not None else CallerCheck(center)
        self._admission = Admission(checks, group, self._reads, open_door=settings.open_door)
        self._desk = CallDesk(center, group, self._reads, self._admission)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        if scope["type"] != "http":
            raise RuntimeError(f"the Hessian door speaks HTTP, not {scope['type']}")
        path: str = scope["path"]
        if path != ROOT and not path.startswith(ROOT + "/"):
            await answer(send, 404, b"Hessian is served under /hessian/\n", PLAIN)
        elif scope["method"] == "POST":
            await self._post(scope, receive, send)
        elif scope["method"] == "GET":
            await answer(send, 200, PAGE, HTML)
        else:
            await answer(send, 405, b"Hessian calls are sent with POST\n", PLAIN, [(b"allow", b"GET, POST")])

    def close(self) -> None:
        """Stop the threads, once no more requests come."""
        self._admission.close()
        self._reads.close()

    async def _post(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = perf_counter()
        request_id = new_mark()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request=request_id)
        peer = scope["client"][0] if scope.get("client") else "-"
        caller: Caller | None = None
        away: Busy | None = None
        said = header(scope, b"authorization")
        limit_s = self._center.settings.call_timeout_s
        try:
            async with asyncio.timeout(limit_s):
                caller = await self._admission.admit(said, header(scope, b"host"), header(scope, b"origin"))
            structlog.contextvars.bind_contextvars(caller=caller.caller_id)
        except Unauthorised as error:
            await self._turn_away(error, peer, send)
            return
        except Busy as error:
            away = error
        except TimeoutError:
            away = Busy("the caller could not be looked up in time: send it again")
        try:
            async with asyncio.timeout(limit_s):
                body = await read_body(scope, receive, self._center.settings.body_limit)
        except BodyTooLarge:
            await self._refuse_body(send, 413, b"the body is too large\n", "body_too_large")
            return
        except TimeoutError:
            await self._refuse_body(send, 408, b"the body did not come in time\n", "body_too_slow")
            return
        except CallerLeft:
            log.info("call_abandoned")
            return
        if caller is None:
            assert away is not None
            answered = self._desk.failed(away, scope["path"], body)
        else:
            answered = await self._desk.answer(caller, scope["path"], body, peer)
        kind = HESSIAN if answered.status == 200 else PLAIN
        await answer(send, answered.status, answered.body, kind)
        _log(answered, began)

    async def _turn_away(self, error: Unauthorised, peer: str, send: Send) -> None:
        caller_id = str(error.ids.get("caller", ""))
        await self._admission.keep_refused(error, caller=caller_id, operation="", peer=peer)
        if error.ids.get("may_not"):
            await answer(send, 403, error.message.encode() + b"\n", PLAIN)
            return
        challenge = [(b"www-authenticate", b'Basic realm="billing-center", charset="UTF-8"')]
        await answer(send, 401, error.message.encode() + b"\n", PLAIN, challenge)

    async def _refuse_body(self, send: Send, status: int, text: bytes, outcome: str) -> None:
        log.warning("call_refused", outcome=outcome, status=status)
        await answer(send, status, text, PLAIN, [(b"connection", b"close")])


def _log(answered: Answered, began: float) -> None:
    ms = round((perf_counter() - began) * 1000, 3)
    log.info("call_answered", operation=answered.operation, outcome=answered.outcome, ms=ms)
