"""The HTTP door for Hessian: POST /hessian/<anything>.

Where it stands in the walk: the first step, a handler of `rpc.http`. It says who is calling before the body is
read; `answer_call` does the rest. Faults travel with status 200, since a Java client loses the body of any other.
Design: contract, "How callers reach it"; wire, section 2.
"""

import asyncio
from collections.abc import Mapping
from time import perf_counter

from billing_center.access.caller import Caller
from billing_center.access.check_caller import CallerCheck
from billing_center.center import Center
from billing_center.errors import Busy, Unauthorised
from billing_center.group_commit import GroupCommit
from billing_center.group_read import GroupRead
from billing_center.logs import EveryCall, let_lines_go
from billing_center.metrics.counted import calls
from billing_center.tracing import begin_call, end_call, is_tracing
from rpc.admission import Admission, Pool
from rpc.answer_call import Answered, CallDesk, CallUnderWay, new_mark
from rpc.http.exchange import PLAIN, Exchange
from rpc.operation import Operation
from rpc.operations import BY_NAME
from rpc.welcome_page import PAGE

call_answered = EveryCall("call_answered", "request", "caller", "operation", "outcome", "ms")

ROOT = "/hessian"
HESSIAN = b"x-application/hessian"
HTML = b"text/html; charset=utf-8"

LOOK_UPS = 4
"""Threads that look callers up and decode large bodies."""

NOBODY = Caller("-", frozenset(), frozenset())
"""Stands for a caller that could not be looked up."""


class HessianDoor:
    """The handler of Hessian's paths. Its threads start here and stop with `close`."""

    def __init__(
        self,
        center: Center,
        group: GroupCommit,
        checks: CallerCheck | None = None,
        operations: Mapping[str, Operation] = BY_NAME,
    ) -> None:
        settings = center.settings
        self._limit_s = settings.call_timeout_s
        self._aside = Pool(LOOK_UPS, waiting=settings.queue_limit, name="look-ups")
        self._reads = GroupRead(center).start()
        checks = checks if checks is not None else CallerCheck(center)
        self._admission = Admission(checks, group, self._aside, open_door=settings.open_door)
        self._desk = CallDesk(
            center, group, self._reads, self._admission, aside=self._aside, operations=operations
        )

    def head(self, exchange: Exchange) -> None:
        """Let the body of a known caller come; look an unknown one up; answer what is no call."""
        if exchange.method == b"POST" and is_hessian(exchange.path):
            began = perf_counter()
            caller = self._admission.known(self._admission.mark_of(exchange.raw_header(b"authorization")))
            exchange.memory = (began, caller, None)
            if caller is None:
                exchange.hold()
                self._desk.spawn(self._look_up(exchange, began))
        elif not is_hessian(exchange.path):
            exchange.answer(404, b"Hessian is served under /hessian/\n", PLAIN)
        elif exchange.method == b"GET":
            exchange.answer(200, PAGE, HTML)
        else:
            allowed = [(b"allow", b"GET, POST")]
            exchange.answer(405, b"Hessian calls are sent with POST\n", PLAIN, allowed)

    def body(self, exchange: Exchange, body: bytes) -> None:
        """Answer the call in a body."""
        began, caller, away = exchange.memory
        mark = new_mark()
        span = begin_call(exchange.raw_header(b"traceparent")) if is_tracing() else None

        def reply(answered: Answered) -> None:
            kind = HESSIAN if answered.status == 200 else PLAIN
            exchange.answer(answered.status, answered.body, kind)
            seconds = perf_counter() - began
            call_answered(mark, caller.caller_id, answered.operation, answered.outcome, round(seconds * 1000, 3))
            calls.add(answered.operation, answered.outcome, seconds)
            if span is not None:
                told = {"operation": answered.operation, "outcome": answered.outcome, "caller": caller.caller_id}
                end_call(span, **told, request=mark)

        call = CallUnderWay(caller, mark, exchange.peer, reply)
        if away is None:
            self._desk.answer(call, exchange.path, body)
        else:
            self._desk.failed(call, exchange.path, body, away)

    def note(self, exchange: Exchange) -> bytes | None:
        """A known caller's header, as its MAC."""
        if exchange.method != b"POST" or exchange.memory is None or exchange.memory[1] is None:
            return None
        if is_tracing() and exchange.raw_header(b"traceparent"):
            return None  # of a remembered head nothing is left to read it from
        return self._admission.mark_of(exchange.raw_header(b"authorization"))

    def recall(self, note: bytes) -> "tuple[float, Caller, None] | None":
        """A call of the caller with this header, while it is known."""
        began = perf_counter()
        caller = self._admission.known(note)
        return (began, caller, None) if caller is not None else None

    def tick(self) -> None:
        """Answer busy what has waited too long, and let the log have what was held."""
        self._desk.expire()
        let_lines_go()

    def close(self) -> None:
        """Stop the threads, once no more requests come."""
        self._admission.close()
        self._reads.close()
        self._aside.close()
        let_lines_go()

    async def _look_up(self, exchange: Exchange, began: float) -> None:
        said = [exchange.header(name) for name in (b"authorization", b"host", b"origin")]
        try:
            async with asyncio.timeout(self._limit_s):
                caller = await self._admission.admit(*said)
            exchange.memory = (began, caller, None)
        except Unauthorised as error:
            await self._turn_away(error, exchange)
            calls.add("-", "not_admitted", perf_counter() - began)
        except TimeoutError:
            late = Busy("the caller could not be looked up in time: send it again")
            exchange.memory = (began, NOBODY, late)
        except Exception as error:  # noqa: BLE001 (busy, or a bug of ours: it is the answer to this call)
            exchange.memory = (began, NOBODY, error)
        exchange.go_on()

    async def _turn_away(self, error: Unauthorised, exchange: Exchange) -> None:
        caller_id = str(error.ids.get("caller", ""))
        await self._admission.keep_refused(error, caller=caller_id, operation="", peer=exchange.peer)
        if error.ids.get("may_not"):
            exchange.answer(403, error.message.encode() + b"\n", PLAIN)
            return
        challenge = [(b"www-authenticate", b'Basic realm="billing-center", charset="UTF-8"')]
        exchange.answer(401, error.message.encode() + b"\n", PLAIN, challenge)


def is_hessian(path: str) -> bool:
    """Whether a path is the Hessian door's."""
    return path == ROOT or path.startswith(ROOT + "/")
