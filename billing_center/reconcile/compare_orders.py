"""A payer's orders beside their history: the mirror's state, who is stopped for arrears, and what was sent of it.

Design: billing rules, modes 8 and 9; field problem 19.
"""

from typing import Any

from billing_center.reconcile.difference import NOTHING, Difference, Rule, compare_fields
from billing_center.reconcile.expected import ZERO
from billing_center.reconcile.plain_days import day_of
from billing_center.reconcile.raw_facts import Facts, PayerFacts

UNSETTLED = ("ISSUED", "SENDING", "SENT")
UNSENT = ("WAITING", "HELD")
MIRRORED = ("state", "change_count", "changes", "ended_day")
BY_CENTER = {"SUSPENDED": "SUSPEND", "ACTIVE": "RESUME"}


def compare_orders(facts: Facts, one: PayerFacts) -> list[Difference]:
    """Mirror, arrears and outbox of one payer's orders."""
    owes = any(_is_arrears(row, facts) for row in one.invoices)
    found: list[Difference] = []
    for order in one.orders:
        as_installed = _is_as_installed(facts, order)
        if not as_installed:
            found += _compare_mirror(facts, one, order)
        if order.stopped_for == "ARREARS" and not owes:
            subject = f"order {order.order_id}"
            found.append(
                Difference(one.payer_id, Rule.ARREARS, subject, "not stopped: the payer owes nothing", "ARREARS")
            )
        if not as_installed:
            found += _compare_outbox(facts, one, order)
    return found


def _is_as_installed(facts: Facts, order: Any) -> bool:
    """Whether an order has the one state that it came with, says so, and nothing was sent of it: as most are."""
    changes = facts.changes.get(order.order_id, ())
    if len(changes) != 1 or order.order_id in facts.messages:
        return False
    first = changes[0]
    return (
        first.seq == 0
        and order.state == first.to_state != "TERMINATED"
        and order.change_count == 1
        and order.ended_day is None
    )


def _is_arrears(row: Any, facts: Facts) -> bool:
    """FAILED, or due before today and not paid."""
    overdue = row.state in UNSETTLED and row.due_day < facts.today and row.base_amount > ZERO
    return row.state == "FAILED" or overdue


def _compare_mirror(facts: Facts, one: PayerFacts, order: Any) -> list[Difference]:
    """The order's row says what its changes of state add up to."""
    changes = facts.changes.get(order.order_id, [])
    state = changes[-1].to_state if changes else NOTHING
    ended_day = day_of(changes[-1].at, facts.zone) if state == "TERMINATED" else None
    wanted = (state, len(changes), list(range(len(changes))), ended_day)
    stands = (order.state, order.change_count, sorted([change.seq for change in changes]), order.ended_day)
    if wanted == stands:
        return []
    expects, found = (dict(zip(MIRRORED, values, strict=True)) for values in (wanted, stands))
    return compare_fields(one.payer_id, Rule.ORDER, f"order {order.order_id}", expects, found)


def _compare_outbox(facts: Facts, one: PayerFacts, order: Any) -> list[Difference]:
    """Each change that the center decided was sent, under its own number; nothing else was, nor out of turn."""
    decided = {
        change.seq: BY_CENTER.get(change.to_state, "")
        for change in facts.changes.get(order.order_id, ())
        if change.actor == "center" and change.seq
    }
    messages = [m for m in facts.messages.get(order.order_id, ()) if m.kind == "CONTROL"]
    found: list[Difference] = []
    by_seq = {m.seq: m for m in messages}
    for seq in sorted(decided.keys() | by_seq.keys()):
        subject = f"order {order.order_id}, change {seq}"
        expected = f"control:{order.order_id}:{seq}" if seq in decided else NOTHING
        text = by_seq[seq].message_id if seq in by_seq else NOTHING
        if expected != text:
            detail = f"the center decided {decided.get(seq) or 'nothing'}"
            found.append(Difference(one.payer_id, Rule.OUTBOX, subject, expected, text, detail))
    waiting = False
    for message in messages:
        if message.state == "SENT" and waiting:
            subject = f"order {order.order_id}, change {message.seq}"
            found.append(Difference(one.payer_id, Rule.OUTBOX, subject, "sent after the ones before it", "sent"))
        waiting = waiting or message.state in UNSENT
    return found
