"""A payer's charges beside what its raw facts should have been charged, fact by fact.

What comes out of it is also the base of everything above: the expected total of each running sum.
"""

from datetime import UTC, datetime
from typing import Any

from billing_center.reconcile.compare_corrected import compare_corrected
from billing_center.reconcile.compare_packages import compare_packages
from billing_center.reconcile.compare_shares import compare_shares
from billing_center.reconcile.compare_true_ups import compare_true_ups
from billing_center.reconcile.difference import (
    NOTHING,
    Difference,
    Rule,
    compare_fields,
    told,
    told_fields,
)
from billing_center.reconcile.expected import ZERO, ExpectedCharge, meter_of
from billing_center.reconcile.expected_days import expected_days
from billing_center.reconcile.expected_uses import expected_of_use
from billing_center.reconcile.fact_text import charge_name, fact_text
from billing_center.reconcile.openings import opening_known, products_opened
from billing_center.reconcile.plain_metered import compare_seen
from billing_center.reconcile.plain_price import LeftOut, NotKnown
from billing_center.reconcile.raw_facts import Facts, PayerFacts
from billing_center.reconcile.recomputed import Recomputed
from billing_center.reconcile.settle import left_of, settle
from billing_center.reconcile.standing import FactKey, Standing, Standings

FACTS = {"use", "day", "withdrawal", "rerate_use", "rerate_day"}
APART = {"package", "true_up", "promotion"}


def recompute(facts: Facts, one: PayerFacts) -> Recomputed:
    """Compare every charge of a payer with its fact; the expected sums come with it. Raises: RowsNeeded."""
    out = Recomputed()
    if not settle(facts, one, out):
        one.rest = left_of(one, out)
    standings = Standings.of(one.rest, facts.withdrawn, facts.corrects)
    met: set[FactKey] = set()
    for key, standing in standings.found.items():
        if key[0] == "use" and standing.cause_id in facts.uses:
            met.add(key)
            _compare_use(facts, one, standing, standings, out)
    compare_seen(one, standings.seen, out)
    for order in one.orders:
        if order.plan != "per_use" and order.order_id not in out.settled_orders:
            met |= _compare_days(facts, one, order, standings, out)
    for key, standing in standings.found.items():
        if key not in met:
            _compare_fact(facts, one, standing, [], out)
    compare_packages(facts, one, out)
    compare_true_ups(facts, one, out)  # sees everything but what is taken off the invoice as a whole
    compare_shares(facts, one, out)
    for row in one.rest:
        if row.cause not in FACTS | APART:
            out.believe(f"charges by {row.cause}", [row])
        elif row.cause in FACTS:
            out.differences += _in_its_period(one, row)
    _compare_openings(facts, one, out)
    return out


def _compare_use(facts: Facts, one: PayerFacts, standing: Standing, standings: Standings, out: Recomputed) -> None:
    use = facts.uses[standing.cause_id]
    try:
        expected = expected_of_use(facts, one, use, standing, standings)
    except LeftOut as left_out:
        out.believe(f"uses by {left_out}", standing.rows)
    except NotKnown as unknown:
        text = f"charged: {', '.join(standing.charged())}"
        out.differ(one.payer_id, Rule.CHARGE, f"use {use.event_id}", str(unknown), text)
    else:
        known = not standing.corrected or standings.is_settled(standing)
        _compare_fact(facts, one, standing, expected, out, credits_known=known)


def _compare_days(
    facts: Facts, one: PayerFacts, order: Any, standings: Standings, out: Recomputed
) -> set[FactKey]:
    """Every decided day of an order; which facts that were."""
    met: set[FactKey] = set()
    for day, expected in expected_days(facts, one, order, standings, out.meters):
        key = ("day", order.order_id, day)
        standing = standings.found.get(key)
        rows = standing.rows if standing is not None else []
        if isinstance(expected, LeftOut):
            out.believe(f"order days by {expected}", rows)
        elif isinstance(expected, NotKnown):
            subject = f"order {order.order_id} on {day}"
            out.differ(one.payer_id, Rule.CHARGE, subject, str(expected), "charged or decided")
        else:
            _compare_fact(facts, one, standing or Standing(*key), expected, out)
        met.add(key)
    return met


def _compare_fact(
    facts: Facts,
    one: PayerFacts,
    standing: Standing,
    expected: list[ExpectedCharge],
    out: Recomputed,
    *,
    credits_known: bool = False,
) -> None:
    """One fact's charges beside those that it should have."""
    if standing.corrected:
        compare_corrected(facts, one, standing, expected, out, credits_known=credits_known)
        return
    rows = {row.component: row for row in standing.rows}
    for charge in expected:
        _compare_one(facts, one, charge, rows.pop(charge.component, None), out)
    for row in rows.values():
        _without_fact(facts, one, row, out)


def _compare_one(facts: Facts, one: PayerFacts, expected: ExpectedCharge, row: Any, out: Recomputed) -> None:
    """One charge beside what it should be, and what it adds to its running sum."""
    start = row.period_start if row is not None else one.terms.billing_days.period(expected.day)[0]
    key = (start, expected.order_id, expected.product_id, expected.currency)
    listed = expected.list_amount
    if listed is None:
        listed = row.list_amount if row is not None else ZERO
    out.add(key, expected.quantity, expected.amount, listed, 1)
    out.credit(key, expected.component, expected.amount)
    out.grow(expected, listed)
    if row is None:
        parts = {"amount": expected.amount, "quantity": expected.quantity}
        text = told_fields(parts, list(parts))
        detail = fact_text(facts, expected.cause, expected.cause_id)
        out.differ(one.payer_id, Rule.CHARGE, charge_name(expected), text, NOTHING, detail)
        if expected.meter is not None:
            out.doubted_meters.add(expected.meter)
        return
    wanted, stands = expected.fields(row)
    if wanted != stands:
        subject, detail = charge_name(expected), fact_text(facts, expected.cause, expected.cause_id)
        out.differences += compare_fields(one.payer_id, Rule.CHARGE, subject, wanted, stands, detail)
        out.doubt(key, subject, expected.meter, meter_of(row))


def _in_its_period(one: PayerFacts, row: Any) -> list[Difference]:
    """A charge is invoiced with its own day's period, or with one that was open when that was closed."""
    own = one.terms.billing_days.period(row.day)[0]
    if row.period_start == own or (row.period_start > row.day and row.period_start in one.closed_ends()):
        return []
    expected, found = f"{own}, or later where that is closed", str(row.period_start)
    return [Difference(one.payer_id, Rule.PERIOD, charge_name(row), expected, found)]


def _without_fact(facts: Facts, one: PayerFacts, row: Any, out: Recomputed) -> None:
    """A charge that no fact accounts for."""
    name = meter_of(row)
    if name is not None:
        out.doubted_meters.add(name)
    if row.cause == "use" and row.cause_id in facts.uses:
        why = "the use has no such charge"
    elif row.cause == "use":
        why = "there is no such use"
    else:
        why = "the order was not active on that day, or the day is not decided"
    found = {"amount": row.amount, "quantity": row.quantity}
    text = told_fields(found, list(found))
    detail = f"{why}; {fact_text(facts, row.cause, row.cause_id)}"
    out.differ(one.payer_id, Rule.CHARGE, charge_name(row), NOTHING, text, detail)


def _compare_openings(facts: Facts, one: PayerFacts, out: Recomputed) -> None:
    """The openings that are kept, beside those that the facts tell."""
    now = datetime.max.replace(tzinfo=UTC)
    expected = {product_id: opening_known(facts, one, product_id, now) for product_id in products_opened(one)}
    if expected == one.openings:
        return
    for product_id, day in sorted(expected.items()):
        found = one.openings.get(product_id)
        if day != found:
            texts = [NOTHING if opened is None else told(opened) for opened in (day, found)]
            out.differences.append(
                Difference(one.payer_id, Rule.OPENING, f"product {product_id}", texts[0], texts[1])
            )
