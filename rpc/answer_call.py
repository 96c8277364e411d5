"""One call, from its bytes to the bytes of its answer.

Where it stands in the walk: `server` has let the caller in and read the body; here the body is decoded whole,
the operation found and allowed, its arguments judged, the command made durable or the question asked, and
every ending looked up in `outcome`. Nothing here knows HTTP beyond the status of an answer.

Nothing here waits either: a call that must is handed in, to the group commit or the group of readers, and goes on
when it is told. So ten thousand calls a second need no task and no timer each; `expire` bounds their time.
"""

import asyncio
import secrets
from collections import deque
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from time import monotonic
from typing import Any

import structlog

from billing_center.access.caller import Caller
from billing_center.access.refused_calls import RefusedCall, clean, keep_refused, refused_call
from billing_center.center import Center, UnitOfWork
from billing_center.errors import BillingError, Busy, Refused, Unauthorised
from billing_center.group_commit import Act, GroupCommit, Waiting
from billing_center.group_read import GroupRead, Question
from billing_center.settings import Settings
from rpc.admission import Admission, Pool
from rpc.hessian import (
    Call,
    CodecError,
    Framing,
    HMap,
    HObject,
    Limits,
    ReplyForm,
    Value,
    decode_call,
    default_reply_form,
    encode_fault,
    encode_reply,
)
from rpc.hessian.framing import framing_of
from rpc.method_names import ATTRIBUTE, attribute, bare_name
from rpc.operation import Asked, Operation, Reading, Writing
from rpc.operations import BY_NAME
from rpc.outcome import DONE, KEPT_REFUSAL, Kind, NoSuchMethod, WrongArgumentCount, fault_of, row_of

log = structlog.get_logger()

LARGE = 64 * 1024
"""Bodies above this many bytes are decoded in a thread, so that one large call holds up no small ones."""

_WORDS = {
    word: (encode_reply(word, ReplyForm.HESSIAN_1), encode_reply(word, ReplyForm.HESSIAN_2))
    for word in (DONE, KEPT_REFUSAL)
}
"""The replies that nearly every call gets, made once."""

_PROCESS = secrets.token_hex(5)
_NUMBERS = count(1)


@dataclass(slots=True)
class Answered:
    """The bytes of an answer, and for the log what became of the call. `status` 403 has a text for a body."""

    status: int
    body: bytes
    operation: str
    outcome: str


class CallUnderWay:
    """A call from its body to its answer.

    Once it is over nothing of it refers to itself, so it is gone at once: left to the garbage collector, calls
    cost as much again as answering them.
    """

    __slots__ = (
        "asked", "caller", "deadline", "done", "form", "mark", "operation", "peer", "refusal", "reply", "waiting"
    )  # fmt: skip

    def __init__(self, caller: Caller, mark: str, peer: str, reply: Callable[[Answered], None]) -> None:
        self.caller = caller
        self.mark = mark
        self.peer = peer
        self.reply = reply
        self.form = ReplyForm.HESSIAN_2
        self.operation: Operation | None = None
        self.asked: Asked | None = None
        self.refusal: Refused | None = None  # becomes the answer once it is kept
        self.waiting: Waiting | None = None
        self.deadline = 0.0
        self.done = False

    @property
    def name(self) -> str:
        """The operation's name, "-" when none was found."""
        return self.operation.name if self.operation is not None else "-"

    def end(self, answered: Answered) -> None:
        """Send the answer: the one way in which a call ends."""
        self.done = True
        self.waiting = self.refusal = None
        self.reply(answered)


class CallDesk:
    """Answers calls of callers who were let in. All of it runs in one event loop."""

    def __init__(
        self,
        center: Center,
        group: GroupCommit,
        reads: GroupRead,
        admission: Admission,
        *,
        aside: Pool,
        operations: Mapping[str, Operation] = BY_NAME,
    ) -> None:
        """`aside` are the threads that decode large bodies."""
        self._settings = center.settings
        self._limit_s = center.settings.call_timeout_s
        self._group = group
        self._reads = reads
        self._aside = aside
        self._admission = admission
        self._operations = operations
        self._limits = limits_of(center.settings)
        self._old_paths = tuple(f"{path.rstrip('/')}/" for path in center.settings.hessian1_paths)
        self._waiting: deque[CallUnderWay] = deque()  # all have the same time, so the first ends first
        self._tasks: set[asyncio.Task[None]] = set()

    def answer(self, call: CallUnderWay, path: str, body: bytes) -> None:
        """See to it that `call.reply` is called once with the answer. Never raises."""
        if len(body) > LARGE:
            self.spawn(self._decode_aside(call, path, body))
            return
        try:
            decoded = decode_call(body, self._limits)
        except CodecError as error:
            call.form = self._form_of_body(body, path, call.caller)
            self._faulty(call, error)
            return
        self._understood(call, path, decoded)

    def failed(self, call: CallUnderWay, path: str, body: bytes, error: Exception) -> None:
        """Answer a call whose caller could not be looked up."""
        call.form = self._form_of_body(body, path, call.caller)
        self._faulty(call, error)

    def expire(self) -> None:
        """Answer busy what has waited too long; asked every fraction of a second."""
        now = monotonic()
        while self._waiting and (self._waiting[0].done or self._waiting[0].deadline <= now):
            call = self._waiting.popleft()
            if not call.done:
                if call.waiting is not None:
                    self._group.withdraw(call.waiting)
                self._ended(call, Busy("the call took too long: send it again, a repeat does no harm"))

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run what has to wait for something, for the few calls that do."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _decode_aside(self, call: CallUnderWay, path: str, body: bytes) -> None:
        try:
            async with asyncio.timeout(self._limit_s):
                decoded = await self._aside.run(lambda: decode_call(body, self._limits))
        except (CodecError, Busy) as error:
            self.failed(call, path, body, error)
        except TimeoutError:
            self.failed(call, path, body, Busy("the call took too long: send it again, a repeat does no harm"))
        else:
            self._understood(call, path, decoded)

    def _understood(self, call: CallUnderWay, path: str, decoded: Call) -> None:
        """The body was one call: find what it asks for, and do it or hand it in."""
        call.form = self._form(decoded.framing, path, call.caller.reply_form)
        name = bare_name(decoded.method)
        operation = self._operations.get(name)
        if operation is None:
            if name == ATTRIBUTE:
                self._end(call, attribute(decoded.arguments), operation=name)
            else:
                self._faulty(call, NoSuchMethod(f"The service has no method named: {clean(decoded.method, 64)}"))
            return
        call.operation = operation
        try:
            self._carry_out(call, operation, decoded.arguments)
        except Exception as error:  # noqa: BLE001 (the table has an answer for everything, also the unforeseen)
            self._ended(call, error)

    def _carry_out(self, call: CallUnderWay, operation: Operation, arguments: tuple[Value, ...]) -> None:
        """Do what the call asks. A refusal is answered only after it was kept."""
        caller = call.caller
        if not caller.may_call(operation.name):
            raise Unauthorised(f"the caller may not call {operation.name}")
        if len(arguments) != len(operation.parameters):
            expected = len(operation.parameters)
            raise WrongArgumentCount(f"{operation.name} takes {expected} arguments, not {len(arguments)}")
        call.asked = asked = Asked(caller, arguments, self._settings)
        try:
            work = operation.prepare(asked)
        except Refused as error:
            if operation.answer_to is not None or row_of(error).kind is not Kind.REFUSAL:
                raise
            call.refusal = error
            kept = _kept_form(asked, operation, error)
            self._hand_in(call, Act(caller.caller_id, kept, verb=keep_refused))
            return
        if isinstance(work, Writing):
            if work.product_id and not caller.may_report(work.product_id):
                raise Unauthorised(f"the caller may not call {operation.name} for this product")
            self._hand_in(call, _act(asked, operation, work))
        elif isinstance(work, Reading):
            self._ask(call, work)
        else:
            self._end(call, work.value)

    def _hand_in(self, call: CallUnderWay, act: Act) -> None:
        def told(error: BaseException | None) -> None:
            if call.done:
                return
            error = error if error is not None else call.refusal
            if error is None:
                self._end(call, DONE)
            else:
                self._ended(call, error)

        call.waiting = self._group.hand_in(act, told, asyncio.get_running_loop())
        self._wait(call)

    def _ask(self, call: CallUnderWay, work: Reading) -> None:
        def told(value: Value, error: BaseException | None) -> None:
            if call.done:
                return
            if error is None:
                self._end(call, value)
            else:
                self._ended(call, error)

        loop = asyncio.get_running_loop()
        self._reads.hand_in(Question(call.caller.caller_id, work.question, told, loop))
        self._wait(call)

    def _wait(self, call: CallUnderWay) -> None:
        waiting = self._waiting
        while waiting and waiting[0].done:  # what is over is not held until the next tick
            waiting.popleft()
        call.deadline = monotonic() + self._limit_s
        waiting.append(call)

    def _ended(self, call: CallUnderWay, error: BaseException) -> None:
        """Answer a call of an operation that did not end well."""
        operation = call.operation
        assert operation is not None
        if isinstance(error, Unauthorised):
            self.spawn(self._turn_away(call, error))
            return
        own = operation.answer_to(self._settings, error) if operation.answer_to is not None else None
        if own is not None:
            self._report(call, error)
            self._end(call, own, _word(error))
        elif row_of(error).kind is Kind.REFUSAL:
            self._end(call, KEPT_REFUSAL, _word(error))
        else:
            self._faulty(call, error)

    async def _turn_away(self, call: CallUnderWay, error: Unauthorised) -> None:
        call.done = True
        caller_id = call.caller.caller_id
        await self._admission.keep_refused(error, caller=caller_id, operation=call.name, peer=call.peer)
        call.end(Answered(403, error.message.encode(), call.name, "not_authorised"))

    def _faulty(self, call: CallUnderWay, error: BaseException) -> None:
        incident_id = self._report(call, error)
        reply = encode_fault(fault_of(error, incident_id), call.form)
        call.end(Answered(200, reply, call.name, _word(error)))

    def _end(self, call: CallUnderWay, value: Value, outcome: str = "answered", operation: str = "") -> None:
        try:
            word = _WORDS.get(value) if isinstance(value, str) else None
            reply = word[call.form is ReplyForm.HESSIAN_2] if word is not None else encode_reply(value, call.form)
        except CodecError as error:  # our own value: a bug of ours
            failure = RuntimeError("an answer that Hessian cannot carry")
            failure.__cause__ = error
            self._faulty(call, failure)
            return
        call.end(Answered(200, reply, operation or call.name, outcome))

    def _report(self, call: CallUnderWay, error: BaseException) -> str:
        """Log what must be mended, under a new incident id; "" when there is nothing to mend."""
        if row_of(error).tells:
            return ""
        incident_id = new_mark()
        told = {"request": call.mark, "caller": call.caller.caller_id, "operation": call.name}
        log.error("call_failed", incident=incident_id, exc_info=error, **told)
        return incident_id

    def _form_of_body(self, body: bytes, path: str, caller: Caller) -> ReplyForm:
        try:
            framing, _ = framing_of(body)
        except CodecError:
            framing = Framing.CALL_2_0
        return self._form(framing, path, caller.reply_form)

    def _form(self, framing: Framing, path: str, reply_form: str) -> ReplyForm:
        """How to answer: as the call was framed, but in Hessian 1 where an old client says `c 2 0`."""
        if framing is Framing.H_2_0 or framing is Framing.BARE_C:
            return ReplyForm.HESSIAN_2
        if reply_form:
            return ReplyForm.HESSIAN_1 if reply_form == "hessian1" else ReplyForm.HESSIAN_2
        if self._old_paths and f"{path}/".startswith(self._old_paths):
            return ReplyForm.HESSIAN_1
        return default_reply_form(framing)


def new_mark() -> str:
    """A mark to find a call in the log by: a random word of this process, and a number.

    It needs no clock: under the test clock telling the time reads the database, which may have just failed.
    """
    return f"{_PROCESS}-{next(_NUMBERS)}"


def _act(asked: Asked, operation: Operation, work: Writing) -> Act:
    def keep(unit: UnitOfWork, error: Refused) -> None:
        if row_of(error).kind is Kind.REFUSAL:  # faults keep nothing
            keep_refused(unit, _kept_form(asked, operation, error))

    return Act(asked.caller.caller_id, work.command, work.verb, work.bulk_verb, keep)


def _kept_form(asked: Asked, operation: Operation, error: Refused) -> RefusedCall:
    plain = [_plain(value) for value in asked.arguments]
    return refused_call(asked.caller.caller_id, operation.name, plain, error)


def _plain(value: Any) -> Any:
    """A decoded value without the codec's own classes; the arguments hold no circles."""
    if isinstance(value, HObject):
        return {name: _plain(inner) for name, inner in value.fields.items()}
    if isinstance(value, HMap):
        return {str(name): _plain(inner) for name, inner in value.pairs}
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [_plain(inner) for inner in value]
    return value


def _word(error: BaseException) -> str:
    """The ending of a call for the log: a result code, else the error's class."""
    return error.code.value if isinstance(error, BillingError) else type(error).__name__


def limits_of(settings: Settings) -> Limits:
    """The bounds that the settings put on one call."""
    return Limits(
        body_bytes=settings.body_limit,
        depth=settings.hessian_depth,
        values=settings.hessian_values,
        references=settings.hessian_references,
        definitions=settings.hessian_definitions,
        fields_per_definition=settings.hessian_fields,
        string_units=settings.hessian_string,
        binary_bytes=settings.hessian_binary,
    )
