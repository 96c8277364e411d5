"""A use withdrawn, or corrected: a new fact that points at the old one, and charges of the difference.

A use that waits in the queue leaves it; one that was rated has its charges taken back. A corrected use is a
withdrawal and a new use in its place, rated at once. The wrong use's identity stays claimed, so that its late
repeat is still a repeat. Design: billing rules, "A correction never edits"; field problem 25.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from billing_center.center import UnitOfWork
from billing_center.correction.desk import Desk
from billing_center.correction.once import once
from billing_center.correction.reopen import reopen
from billing_center.correction.report import Correction, Difference, differences_of
from billing_center.correction.settle_uses import Changed, settle_uses
from billing_center.correction.store import (
    filtered_by,
    keep_replacement,
    keep_withdrawal,
    leave_queue_for_good,
    newest_of,
    payer_charged,
    withdrawn,
)
from billing_center.errors import ForbiddenTransition, OutOfRange, Unknown
from billing_center.ids import NONE
from billing_center.money import plain
from billing_center.payer.store import locked_payers, payers, schedules_of
from billing_center.rating.facts import Charge
from billing_center.usage.rate_usage import rate_claimed
from billing_center.usage.record_usage import enter_corrected, event_of_guid
from billing_center.usage.reported_uses import RecordUsage
from billing_center.usage.store import FILTERED, RATED, queued_uses
from billing_center.usage.usage_event import UsageEvent, usage_events


@dataclass(frozen=True, slots=True)
class UseNamed:
    """A use by its event id, or by the caller and its guid."""

    event_id: str = ""
    caller: str = ""
    guid: str = ""


@dataclass(frozen=True, slots=True)
class WithdrawUse:
    """The use never was."""

    use: UseNamed
    why: str
    correction_id: str = ""


@dataclass(frozen=True, slots=True)
class CorrectUse:
    """The use was another one: what is None stays as it was reported. Instants are UTC."""

    use: UseNamed
    why: str
    correction_id: str = ""
    quantity: Decimal | None = None
    unit: str | None = None
    amount: Decimal | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    user_id: str | None = None
    payer_id: str | None = None

    @property
    def changes(self) -> dict[str, object]:
        """What is to be another."""
        names = ("quantity", "unit", "amount", "started_at", "ended_at", "user_id", "payer_id")
        return {name: value for name in names if (value := getattr(self, name)) is not None}


def withdraw_use(work: UnitOfWork, command: WithdrawUse) -> Correction:
    """Take the use back. The same again answers the same and books nothing.

    Raises: Unknown when there is no such use; ForbiddenTransition when it is withdrawn already; MissingField
    without a reason; Refused when its charges cannot be taken back exactly.
    """
    event = _event(work, command.use)

    def act(correction_id: str, why: str) -> Correction:
        gone = _leave(work, event)
        differences, notes = _settle(work, correction_id, gone, entered="", charges=[])
        keep_withdrawal(work, event.event_id, correction_id=correction_id, found=gone.found)
        return Correction(correction_id, "withdrawal", event.event_id, why, differences, (gone.note, *notes))

    return once(
        work, kind="withdrawal", asked=[event.event_id], chosen_id=command.correction_id, why=command.why, act=act
    )


def correct_use(work: UnitOfWork, command: CorrectUse) -> Correction:
    """Put another use in the place of this one, and rate it at once; also of one that was withdrawn only.

    What cannot be rated (no payer, no price) is parked, as any use. Raises: as `withdraw_use`, and what makes
    the door refuse a use.
    """
    first = _event(work, command.use, newest=False)
    asked = [first.event_id, *(f"{name}={_word(value)}" for name, value in sorted(command.changes.items()))]

    def act(correction_id: str, why: str) -> Correction:
        event = _event(work, command.use)
        gone = None
        if event.event_id not in withdrawn(work.connection, [event.event_id]):
            gone = _leave(work, event)
        reported = _as_reported(event, command)
        entered = enter_corrected(work, reported)
        keep_replacement(work, entered, corrects=event.event_id, correction_id=correction_id)
        charges: list[Charge] = []
        if reported.started_at <= work.at:
            use = queued_uses(work.connection, {entered: 0})
            charges = rate_claimed(work, use, run_id=f"correct:{correction_id}")
        differences, notes = _settle(work, correction_id, gone, entered=entered, charges=charges)
        if gone is not None:
            keep_withdrawal(work, event.event_id, correction_id=correction_id, found=gone.found)
            notes.insert(0, gone.note)
        notes.append(f"use {entered} stands in its place" + ("" if charges else ", not rated: see `usage parked`"))
        return Correction(correction_id, "use", event.event_id, why, differences, tuple(notes))

    return once(work, kind="use", asked=asked, chosen_id=command.correction_id, why=command.why, act=act)


def _event(work: UnitOfWork, named: UseNamed, *, newest: bool = True) -> UsageEvent:
    """The use that is meant; the one that stands in its place, when it was corrected before."""
    event_id = named.event_id or event_of_guid(work, named.caller, named.guid)
    if event_id and newest:
        event_id = newest_of(work.connection, event_id)
    found = usage_events(work.connection, [event_id]).get(event_id) if event_id else None
    if found is None:
        what = f"event {named.event_id!r}" if named.event_id else f"guid {named.guid!r} of caller {named.caller!r}"
        raise OutOfRange(f"no use was collected with the {what}", field="use")
    return found


@dataclass(frozen=True, slots=True)
class _Gone:
    """A use that is being withdrawn: where it was, and who had been charged for it ('' for nobody)."""

    event: UsageEvent
    found: str
    payer_id: str
    note: str


def _leave(work: UnitOfWork, event: UsageEvent) -> _Gone:
    """Take the use out of the queue, or find who was charged for it; its payer is locked then."""
    event_id = event.event_id
    found = leave_queue_for_good(work.connection, event_id)
    payer_id = "" if found else payer_charged(work.connection, event) or ""
    if payer_id:
        locked_payers(work.connection, [payer_id])
    by = withdrawn(work.connection, [event_id]).get(event_id)  # under the payer's lock
    if by is not None:
        message = f"use {event_id} is withdrawn already, by correction {by}"
        raise ForbiddenTransition(message, field="use", event_id=event_id)
    if found is not None:
        return _Gone(event, found, "", f"use {event_id} was {found} and left the queue: nothing had been charged")
    if payer_id:
        return _Gone(event, RATED, payer_id, f"use {event_id} was rated: its charges are taken back")
    if filtered_by(work.connection, event_id) is not None:
        return _Gone(event, FILTERED, "", f"use {event_id} had been filtered: nothing had been charged")
    raise Unknown(f"use {event_id} is neither queued nor rated", field="use", event_id=event_id)


def _settle(
    work: UnitOfWork, correction_id: str, gone: _Gone | None, *, entered: str, charges: list[Charge]
) -> tuple[tuple[Difference, ...], list[str]]:
    """Book what the use that is gone, and the one that stands in its place, change; and say what else did."""
    differences, notes = _differences(work, charges), []
    product_id = gone.event.product_id if gone is not None else charges[0].product_id if charges else ""
    who = {gone.payer_id} if gone is not None else set()
    for payer_id in sorted((who | {charge.payer_id for charge in charges}) - {""}):
        here = charges[0].payer_id == payer_id if charges else False
        changed = Changed(
            withdrawn=frozenset({gone.event.event_id} if gone is not None and gone.payer_id == payer_id else ()),
            entered=frozenset({entered} if here else ()),
        )
        desk = Desk(work, correction_id, payer_id=payer_id, product_id=product_id)
        opened = desk.opening()
        withdrawn_on = gone.event.day if gone is not None and changed.withdrawn else None
        if reopen(desk, changed, withdrawn_on=withdrawn_on):
            notes.append(f"the first opening was {opened}, and is {desk.opening() or 'not yet'}")
        else:
            settle_uses(desk, changed)
        for charge in charges if here else ():  # what it is in place of may have been in a closed period
            order = desk.order(charge.order_id)
            if order is not None:
                desk.touch(order, [charge.day])
        differences = _joined(differences, desk.book())
    return differences, notes


def _as_reported(event: UsageEvent, command: CorrectUse) -> RecordUsage:
    """What the caller should have reported."""
    told = RecordUsage(
        caller=event.caller, guid=event.guid, user_id=event.user_id, user_name=event.user_name,
        payer_id=event.payer_id, product_id=event.product_id, product_name=event.product_name,
        started_at=event.started_at, ended_at=event.ended_at, amount=event.amount, quantity=event.quantity,
        unit=event.unit,
    )  # fmt: skip
    if command.started_at is not None and command.ended_at is None:
        told = replace(told, ended_at=command.started_at + (event.ended_at - event.started_at))
    return replace(told, **command.changes)  # type: ignore[arg-type]  # names and kinds are those of RecordUsage


def _differences(work: UnitOfWork, charges: list[Charge]) -> tuple[Difference, ...]:
    if not charges:
        return ()
    payer = payers(work.connection, [charges[0].payer_id])[charges[0].payer_id]
    return differences_of(charges, payer, schedules_of(work.connection, [payer])[payer.payer_id])


def _joined(one: tuple[Difference, ...], other: tuple[Difference, ...]) -> tuple[Difference, ...]:
    found: dict[tuple[object, ...], Difference] = {}
    for d in (*one, *other):
        key = (d.payer_id, d.order_id, d.product_id, d.currency, d.period_start)
        known = found.get(key)
        found[key] = d if known is None else replace(
            known, quantity=known.quantity + d.quantity, amount=known.amount + d.amount,
            list_amount=known.list_amount + d.list_amount, charges=known.charges + d.charges,
        )  # fmt: skip
    return tuple(found.values())


def _word(value: object) -> str:
    return plain(value) if isinstance(value, Decimal) else str(value) or NONE
