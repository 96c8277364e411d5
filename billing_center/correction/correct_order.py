"""Changes dated back by an operator: an order's state, or a number of accounts, that held from an earlier instant.

The change is a fact of its own beside those that were recorded, with its own instant; it holds up to the next
change in time. Days that were decided meanwhile are decided again, and the difference is booked: a day that was
active after all is charged, one that was not is taken back. The order system is told nothing: it knows.
Design: billing rules, "A correction never edits", modes 2, 3 and 5; field problem 25.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise

from billing_center.center import UnitOfWork
from billing_center.clock import civil_day
from billing_center.correction.desk import Desk
from billing_center.correction.once import once
from billing_center.correction.reopen import free_anew, move_opening
from billing_center.correction.report import Correction
from billing_center.correction.settle_uses import Changed
from billing_center.errors import ForbiddenTransition, OutOfRange, ResultCode, Unknown
from billing_center.ids import NONE, shard_of
from billing_center.order.change_state import state_meant
from billing_center.order.order_package import buy_ordered
from billing_center.order.state import OrderState, StoppedFor, check_transition
from billing_center.order.store import (
    AccountChangeRow,
    OrderRow,
    StateChangeRow,
    account_changes,
    find_order,
    insert_account_change,
    insert_state_change,
    locked_order,
    note_first_opening,
    orders_of_payers,
    set_state,
    state_changes,
)
from billing_center.payer.store import locked_payers
from billing_center.period import ONE_DAY, days_of
from billing_center.rating.facts import PlanKind
from billing_center.usage.park import wake_parked


@dataclass(frozen=True, slots=True)
class CorrectOrderState:
    """The order was in the state from the instant on, up to its next change."""

    order_id: str
    state: str
    since: datetime
    why: str
    correction_id: str = ""


@dataclass(frozen=True, slots=True)
class CorrectAccounts:
    """The payer had the number of accounts for the product from the instant on, up to the next number."""

    payer_id: str
    product_id: str
    accounts: int
    since: datetime
    why: str
    correction_id: str = ""


def correct_order_state(work: UnitOfWork, command: CorrectOrderState) -> Correction:
    """Date a change of state back. With the state before it, at a change's own instant, it undoes that change.

    Raises: Unknown (UNKNOWN_ORDER); Refused (UNKNOWN_STATE); OutOfRange before the order's start or ahead of
    now; ForbiddenTransition when what came before or after does not go with it; MissingField.
    """
    to_state = state_meant(work, command.state)
    if find_order(work.connection, command.order_id) is None:
        message = f"order {command.order_id!r} is not known"
        raise Unknown(message, code=ResultCode.UNKNOWN_ORDER, field="order", order_id=command.order_id)
    asked = [command.order_id, to_state.value, command.since.isoformat()]

    def act(correction_id: str, why: str) -> Correction:
        return _change_state(work, command, to_state, correction_id, why)

    return once(work, kind="state", asked=asked, chosen_id=command.correction_id, why=command.why, act=act)


def correct_accounts(work: UnitOfWork, command: CorrectAccounts) -> Correction:
    """Date a number of accounts back.

    Raises: Unknown (UNKNOWN_PRODUCT, UNKNOWN_PAYER); OutOfRange; MissingField.
    """
    if command.accounts < 0:
        raise OutOfRange("a number of accounts must not be negative", field="accounts")
    asked = [command.payer_id, command.product_id, command.accounts, command.since.isoformat()]

    def act(correction_id: str, why: str) -> Correction:
        return _change_accounts(work, command, correction_id, why)

    return once(work, kind="accounts", asked=asked, chosen_id=command.correction_id, why=command.why, act=act)


def _change_state(
    work: UnitOfWork, command: CorrectOrderState, to_state: OrderState, correction_id: str, why: str
) -> Correction:
    known = find_order(work.connection, command.order_id)
    assert known is not None
    desk = Desk(work, correction_id, payer_id=known.payer_id, product_id=known.product_id)
    order = locked_order(work.connection, command.order_id) or known
    if not order.start_at <= command.since <= work.at:
        message = f"the instant must lie between the order's start, {order.start_at:%Y-%m-%d %H:%M}Z, and now"
        raise OutOfRange(message, field="at", order_id=order.order_id)
    history = state_changes(work.connection, [order.order_id])[order.order_id]
    opened = desk.opening()
    before = _state_at(history, command.since)
    later = [change for change in history if change.at > command.since]
    if before == to_state:
        raise ForbiddenTransition(f"the order was {to_state} at that instant already", field="state")
    change = StateChangeRow(
        order.order_id, order.change_count, command.since, before, to_state.value, work.actor[:64], why[:200]
    )
    _check_history(order, [*history, change])
    ended = civil_day(command.since, work.zone) if to_state is OrderState.TERMINATED else None
    if later:
        set_state(work.connection, order, order.state, stopped_for=order.stopped_for, ended_day=order.ended_day)
    else:
        set_state(work.connection, order, to_state, stopped_for=StoppedFor.NOTHING, ended_day=ended)
    insert_state_change(work.connection, order, change)
    order = find_order(work.connection, order.order_id) or order
    since = civil_day(command.since, work.zone)
    if to_state is OrderState.ACTIVE:
        opening = {(order.payer_id, order.product_id): (order.shard, max(order.start_day, since))}
        note_first_opening(work.connection, opening)
        buy_ordered(work, order, max(order.start_day, since))
        wake_parked(work, product_id=order.product_id, reason="no_payer")
    elif before == OrderState.ACTIVE and opened == max(order.start_day, since):
        move_opening(desk, Changed())
    until = civil_day(later[0].at, work.zone) if later else order.rated_through
    days = _decide_again(desk, order, since, until)
    desk.touch(order, days_of(since, (civil_day(later[0].at, work.zone) if later else work.today) + ONE_DAY))
    free_anew(desk, Changed(), opened, desk.opening())
    now = f"{order.state} as before" if later else f"{to_state}"
    notes = (f"{before} -> {to_state} since {command.since:%Y-%m-%d %H:%M}Z; the order is {now}", days)
    return Correction(correction_id, "state", order.order_id, why, desk.book(), notes)


def _change_accounts(work: UnitOfWork, command: CorrectAccounts, correction_id: str, why: str) -> Correction:
    if command.payer_id not in locked_payers(work.connection, [command.payer_id]):
        message = f"payer {command.payer_id!r} is not known"
        raise Unknown(message, code=ResultCode.UNKNOWN_PAYER, field="payer_id", payer_id=command.payer_id)
    if command.since > work.at:
        raise OutOfRange("the instant must not lie ahead", field="at")
    desk = Desk(work, correction_id, payer_id=command.payer_id, product_id=command.product_id)
    key = (command.payer_id, command.product_id)
    history = account_changes(work.connection, [key]).get(key, [])
    later = [change for change in history if change.at > command.since]
    change = AccountChangeRow(*key, command.since, Decimal(command.accounts))
    insert_account_change(
        work.connection, change, change_id=work.new_id(), shard=shard_of(command.payer_id), actor=work.actor[:64]
    )
    since = civil_day(command.since, work.zone)
    notes = []
    for order in orders_of_payers(work.connection, [command.payer_id]):
        if order.product_id == command.product_id and order.plan is PlanKind.ACCOUNT_DAY:
            until = civil_day(later[0].at, work.zone) if later else order.rated_through
            notes.append(f"order {order.order_id}: {_decide_again(desk, order, since, until)}")
    return Correction(
        correction_id, "accounts", f"{command.payer_id} {command.product_id}", why, desk.book(), tuple(notes)
    )


def _state_at(history: Sequence[StateChangeRow], at: datetime) -> str:
    """The state in force just after an instant; '-' before the first change."""
    in_force = [change.to_state for change in history if change.at <= at]
    return in_force[-1] if in_force else NONE


def _check_history(order: OrderRow, changes: Sequence[StateChangeRow]) -> None:
    """The states in the order of time must follow from each other; of one instant only the last one counts.

    Raises: ForbiddenTransition.
    """
    by_instant = {change.at: change.to_state for change in sorted(changes, key=lambda c: (c.at, c.seq))}
    states = [OrderState(state) for state in by_instant.values()]
    for before, after in pairwise(states):
        if before is not after:
            check_transition(order.order_id, before, after)


def _decide_again(desk: Desk, order: OrderRow, since: date, until: date) -> str:
    """Rate the days from `since` to `until` anew as far as they were decided; says which."""
    first, last = max(since, order.start_day), min(until, order.rated_through)
    if order.plan is PlanKind.PER_USE or last < first:
        return "no day was decided yet"
    desk.rerate_days(order, list(days_of(first, last + ONE_DAY)))
    return f"days {first} to {last} were decided again"
