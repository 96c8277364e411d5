"""One call, from its bytes to the bytes of its answer.

Where it stands in the walk: `server` has let the caller in and read the body; here the body is decoded whole,
the operation found and allowed, its arguments judged, the command made durable or the question asked, and
every ending looked up in `outcome`. Nothing here knows HTTP beyond the status of an answer.
"""

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import structlog

from billing_center.access.caller import Caller
from billing_center.access.refused_calls import RefusedCall, clean, keep_refused, refused_call
from billing_center.center import Center, UnitOfWork
from billing_center.errors import BillingError, Busy, Refused, Unauthorised
from billing_center.group_commit import Act, GroupCommit
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

_PROCESS = secrets.token_hex(5)
_NUMBERS = count(1)


@dataclass(frozen=True, slots=True)
class Answered:
    """The bytes of an answer, and for the log what became of the call. `status` 403 has a text for a body."""

    status: int
    body: bytes
    operation: str
    outcome: str


class CallDesk:
    """Answers calls of callers who were let in."""

    def __init__(self, center: Center, group: GroupCommit, reads: Pool, admission: Admission) -> None:
        self._center = center
        self._settings = center.settings
        self._group = group
        self._reads = reads
        self._admission = admission
        self._limits = Limits(body_bytes=center.settings.body_limit)
        self._old_paths = tuple(path.rstrip("/") for path in center.settings.hessian1_paths)

    async def answer(self, caller: Caller, path: str, body: bytes, peer: str) -> Answered:
        """The answer to a call. Never raises but for being cancelled."""
        form = self._form(body, path, caller.reply_form)
        try:
            call = await self._decoded(body)
        except (CodecError, Busy) as error:
            return self._faulty(error, form, "-")
        name = bare_name(call.method)
        if name == ATTRIBUTE:
            return self._encoded(attribute(call.arguments), form, name)
        operation = BY_NAME.get(name)
        if operation is None:
            unknown = NoSuchMethod(f"The service has no method named: {clean(call.method, 64)}")
            return self._faulty(unknown, form, "-")
        structlog.contextvars.bind_contextvars(operation=name)
        try:
            async with asyncio.timeout(self._settings.call_timeout_s):
                value = await self._value(caller, operation, call)
            return self._encoded(value, form, name)
        except Unauthorised as error:
            await self._admission.keep_refused(error, caller=caller.caller_id, operation=name, peer=peer)
            return Answered(403, error.message.encode(), name, "not_authorised")
        except TimeoutError:
            late = Busy("the call took too long: send it again, a repeat does no harm")
            return self._ended(operation, late, form)
        except Exception as error:  # noqa: BLE001 (the table has an answer for everything, also the unforeseen)
            return self._ended(operation, error, form)

    def failed(self, error: Exception, path: str, body: bytes) -> Answered:
        """The answer to a call whose caller could not be looked up."""
        return self._faulty(error, self._form(body, path, ""), "-")

    async def _decoded(self, body: bytes) -> Call:
        if len(body) > LARGE:
            return await self._reads.run(lambda: decode_call(body, self._limits))
        return decode_call(body, self._limits)

    async def _value(self, caller: Caller, operation: Operation, call: Call) -> Value:
        """Do what the call asks. A refusal is raised only after it was kept."""
        if not caller.may_call(operation.name):
            raise Unauthorised(f"the caller may not call {operation.name}")
        expected, got = len(operation.parameters), len(call.arguments)
        if got != expected:
            raise WrongArgumentCount(f"{operation.name} takes {expected} arguments, not {got}")
        asked = Asked(caller, call.arguments, self._settings)
        try:
            work = operation.prepare(asked)
            if isinstance(work, Reading):
                return await self._read(caller, work)
        except Refused as error:
            if operation.answer_to is None and row_of(error).kind is Kind.REFUSAL:
                kept = _kept_form(asked, operation, error)
                await self._group.commit(Act(caller.caller_id, kept, verb=keep_refused))
            raise
        if work.product_id and not caller.may_report(work.product_id):
            raise Unauthorised(f"the caller may not call {operation.name} for this product")
        await self._group.commit(_act(asked, operation, work))
        return DONE

    async def _read(self, caller: Caller, work: Reading) -> Value:
        def ask() -> Value:
            with self._center.reading(caller.caller_id) as unit:
                return work.question(unit)

        return await self._reads.run(ask)

    def _ended(self, operation: Operation, error: Exception, form: ReplyForm) -> Answered:
        """The answer to a call that did not end well."""
        own = operation.answer_to(self._settings, error) if operation.answer_to is not None else None
        if own is not None:
            self._report(error)
            return self._encoded(own, form, operation.name, _word(error))
        if row_of(error).kind is Kind.REFUSAL:
            return self._encoded(KEPT_REFUSAL, form, operation.name, _word(error))
        return self._faulty(error, form, operation.name)

    def _faulty(self, error: Exception, form: ReplyForm, operation: str) -> Answered:
        incident_id = self._report(error)
        return Answered(200, encode_fault(fault_of(error, incident_id), form), operation, _word(error))

    def _encoded(self, value: Value, form: ReplyForm, operation: str, outcome: str = "answered") -> Answered:
        try:
            return Answered(200, encode_reply(value, form), operation, outcome)
        except CodecError as error:  # our own value: a bug of ours
            failure = RuntimeError("an answer that Hessian cannot carry")
            failure.__cause__ = error
            return self._faulty(failure, form, operation)

    def _report(self, error: Exception) -> str:
        """Log what must be mended, under a new incident id; "" when there is nothing to mend."""
        if row_of(error).tells:
            return ""
        incident_id = new_mark()
        log.error("call_failed", incident=incident_id, exc_info=error)
        return incident_id

    def _form(self, body: bytes, path: str, reply_form: str) -> ReplyForm:
        """How to answer: as the call was framed, but in Hessian 1 where an old client says `c 2 0`."""
        try:
            framing, _ = framing_of(body)
        except CodecError:
            framing = Framing.CALL_2_0
        if framing in (Framing.H_2_0, Framing.BARE_C):
            return ReplyForm.HESSIAN_2
        if reply_form:
            return ReplyForm.HESSIAN_1 if reply_form == "hessian1" else ReplyForm.HESSIAN_2
        if any(path == old or path.startswith(old + "/") for old in self._old_paths):
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


def _word(error: Exception) -> str:
    """The ending of a call for the log: a result code, else the error's class."""
    return error.code.value if isinstance(error, BillingError) else type(error).__name__
