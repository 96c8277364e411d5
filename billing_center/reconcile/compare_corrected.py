"""A corrected fact: each of its charges by itself, and what all of them leave of it.

Each difference is the growth of the meter that it names, from where it says that the meter stood; and what they
all let each meter grow by is what the fact should have taken of it, nothing if it was withdrawn. That the places
where the meters stood follow each other is compared apart, in `compare_meters`.
Design: billing rules, "A correction never edits".
"""

from collections.abc import Mapping
from typing import Any

from billing_center.reconcile.difference import NOTHING, Rule, compare_fields
from billing_center.reconcile.expected import ZERO, ExpectedCharge, meter_of, meter_text
from billing_center.reconcile.fact_text import charge_name, fact_text
from billing_center.reconcile.plain_price import LeftOut, NotKnown
from billing_center.reconcile.plain_rows import worth_of
from billing_center.reconcile.raw_facts import Facts, PayerFacts
from billing_center.reconcile.recomputed import Recomputed, sum_key
from billing_center.reconcile.standing import Net, Standing


def compare_corrected(
    facts: Facts,
    one: PayerFacts,
    standing: Standing,
    expected: list[ExpectedCharge],
    out: Recomputed,
    *,
    credits_known: bool,
) -> None:
    """One fact that corrections have touched."""
    for row in standing.rows:
        _compare_row(facts, one, row, _plan(one, standing), out)
    left = [net for net in standing.nets() if net.is_live]
    for charge in expected:
        out.grow(charge, ZERO)  # list amounts are added up row by row
        net = next((net for net in left if net.component == charge.component), None)
        if net is not None:
            left.remove(net)
        if net is not None or charge.growth or charge.quantity or charge.amount:
            _compare_net(
                facts, one, standing, _expected_fields(charge), None if net is None else _fields(net), out
            )
    for net in left:
        if expected and not credits_known and _is_money(one, net):
            out.left_out["credits of corrected facts"] += 1
            out.meters[net.meter] += net.growth  # type: ignore[index]  # money has one
        else:
            _compare_net(facts, one, standing, None, _fields(net), out)


def _plan(one: PayerFacts, standing: Standing) -> str:
    if standing.kind == "use":
        return "per_use"
    return next((str(order.plan) for order in one.orders if order.order_id == standing.cause_id), NOTHING)


def _is_money(one: PayerFacts, net: Net) -> bool:
    grant_id = net.component.removeprefix("grant:")
    return any(grant.grant_id == grant_id and grant.kind == "MONEY" for grant in one.grants)


def _compare_row(facts: Facts, one: PayerFacts, row: Any, plan: str, out: Recomputed) -> None:
    """One charge: what its readings come to. Without a meter it is compared with all others of its fact alone."""
    stands = {"quantity": row.quantity, "amount": row.amount, "list_amount": row.list_amount}
    wanted = dict(stands)
    try:
        worth = worth_of(facts, one, row, plan)
    except LeftOut as left_out:
        out.left_out[f"corrected facts by {left_out}"] += 1
        out.unlisted.add((row.product_id, row.promotion_id))
    except NotKnown as unknown:
        out.differ(one.payer_id, Rule.CHARGE, charge_name(row), str(unknown), "a charge")
    else:
        if worth is not None:
            wanted["quantity"], wanted["amount"] = worth.quantity, worth.amount
            wanted["list_amount"] = row.list_amount if worth.list_amount is None else worth.list_amount
        if worth is None or worth.list_amount is None:
            out.listed[row.product_id, row.currency, row.promotion_id] += row.list_amount
    out.add(sum_key(row), wanted["quantity"], wanted["amount"], wanted["list_amount"], 1)
    out.credit(sum_key(row), row.meter_component, wanted["amount"])
    if wanted != stands:
        subject, detail = charge_name(row), fact_text(facts, row.cause, row.cause_id)
        out.differences += compare_fields(one.payer_id, Rule.CHARGE, subject, wanted, stands, detail)
        out.doubt(sum_key(row), subject, meter_of(row))


def _compare_net(
    facts: Facts,
    one: PayerFacts,
    standing: Standing,
    expected: Mapping[str, Any] | None,
    found: Mapping[str, Any] | None,
    out: Recomputed,
) -> None:
    """What corrections left of a fact in one place, beside what should be left."""
    if expected == found:
        return
    name = "use" if standing.kind == "use" else "order"
    subject = f"{name} {standing.cause_id} on {standing.day}, after corrections"
    detail = fact_text(facts, standing.kind, standing.cause_id)
    out.differences += compare_fields(one.payer_id, Rule.CHARGE, subject, expected, found, detail)
    out.doubted_meters |= {meter_of(row) for row in standing.rows} - {None}  # type: ignore[arg-type]


OF_FACT = ("order_id", "product_id", "user_id")
OF_SLOT = ("component", "currency", "version_id", "promotion_id")


def _expected_fields(charge: ExpectedCharge) -> dict[str, Any]:
    fields = {name: getattr(charge, name) for name in (*OF_SLOT, *OF_FACT)}
    if charge.meter is not None:
        return fields | {"meter": meter_text(charge.meter), "meter growth": charge.growth}
    return fields | {"meter": meter_text(None), "quantity": charge.quantity, "amount": charge.amount}


def _fields(net: Net) -> dict[str, Any]:
    fields = {name: getattr(net, name) for name in OF_SLOT} | {name: getattr(net.row, name) for name in OF_FACT}
    if net.meter is not None:
        return fields | {"meter": meter_text(net.meter), "meter growth": net.growth}
    return fields | {"meter": meter_text(None), "quantity": net.quantity, "amount": net.amount}
