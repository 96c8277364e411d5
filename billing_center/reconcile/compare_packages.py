"""What a payer was granted, and the charges of the packages that were sold.

A grant is kept twice: as a balance, and in the audit with who granted it. A package is a grant with a charge, of
the price that the catalog named on that day. Design: billing rules, "prepaid package"; docs/prices.md.
"""

import json
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from typing import Any

from billing_center.ids import NONE
from billing_center.reconcile.difference import NOTHING, Rule, compare_fields, told
from billing_center.reconcile.expected import ZERO, price_of
from billing_center.reconcile.plain_price import RATED_DIGITS, NotKnown, half_up
from billing_center.reconcile.raw_facts import Facts, PayerFacts
from billing_center.reconcile.recomputed import Recomputed, sum_key

TOLD = ("product", "kind", "quantity", "currency", "valid_from", "valid_to", "priority", "package")


def compare_packages(facts: Facts, one: PayerFacts, out: Recomputed) -> None:
    """Every grant of a payer, and every charge of a package."""
    rows: dict[str, list[Any]] = {}
    for row in one.rest:
        if row.cause == "package":
            rows.setdefault(row.cause_id, []).append(row)
    for grant in one.grants:
        _compare_grant(facts, one, grant, out)
        if grant.package_id:
            _compare_package(facts, one, grant, rows.pop(grant.grant_id, []), out)
    _compare_ordered(facts, one, out)
    for grant_id, loose in rows.items():
        for row in loose:
            out.differ(one.payer_id, Rule.GRANT, f"package {grant_id}", NOTHING, f"amount {told(row.amount)}")


def _compare_ordered(facts: Facts, one: PayerFacts, out: Recomputed) -> None:
    """An order per use that names a package of its product has bought it once it was active."""
    bought = {grant.grant_id for grant in one.grants}
    for order in one.orders:
        if order.plan != "per_use" or order.features == "{}":
            continue
        named = next((v for n, v in json.loads(order.features).items() if n.casefold() == "package"), "")
        if not named:
            continue
        changes = facts.changes.get(order.order_id, ())
        begun = any(c.to_state == "ACTIVE" or (c.seq == 0 and c.to_state == "SUSPENDED") for c in changes)
        sold = facts.catalog.product(order.product_id, order.installed_at).get("packages", ())
        if begun and any(package["id"] == named for package in sold) and not _bought(order.order_id) & bought:
            out.differ(one.payer_id, Rule.GRANT, f"order {order.order_id}", f"package {named}", NOTHING)


def _bought(order_id: str) -> set[str]:
    """The ids that the grant of an order's package may have: a long one ends in a digest."""
    digest = sha256(order_id.encode("utf-8", "surrogatepass")).hexdigest()
    return {f"order:{order_id}", f"order:{digest[:34]}"}


def _compare_grant(facts: Facts, one: PayerFacts, grant: Any, out: Recomputed) -> None:
    told_then = facts.granted.get(grant.grant_id)
    stands = {
        "payer": grant.payer_id, "product": grant.product_id, "kind": grant.kind,
        "quantity": Fraction(grant.quantity), "currency": grant.currency or "",
        "valid_from": str(grant.valid_from),
        "valid_to": str(grant.valid_to), "priority": str(grant.priority), "package": grant.package_id or "",
    }  # fmt: skip
    wanted = None
    if told_then is not None:
        wanted = {name: str(told_then[name]) for name in ("payer", *TOLD)} | {
            "quantity": Fraction(str(told_then["quantity"]))
        }
    subject = f"grant {grant.grant_id}"
    out.differences += compare_fields(one.payer_id, Rule.GRANT, subject, wanted, stands, "as its audit entry says")


def _compare_package(facts: Facts, one: PayerFacts, grant: Any, rows: list[Any], out: Recomputed) -> None:
    """The one charge of a package, and the units and days that it gives."""
    subject = f"package {grant.grant_id}"
    try:
        package, listed, currency = _sold(facts, one, grant)
    except NotKnown as unknown:
        out.differ(one.payer_id, Rule.GRANT, subject, str(unknown), "a package")
        out.believe("packages that are not known", rows)
        return
    until = None if package["days"] is None else grant.valid_from + timedelta(days=package["days"])
    wanted: dict[str, Any] = {
        "units": Decimal(package["units"]), "valid_to": until, "priority": package["priority"], "charges": 1,
    }  # fmt: skip
    stands: dict[str, Any] = {
        "units": grant.quantity, "valid_to": grant.valid_to, "priority": grant.priority, "charges": len(rows),
    }  # fmt: skip
    for row in rows[:1]:
        wanted |= {
            "day": grant.valid_from, "component": f"package {grant.package_id}",
            "product_id": grant.product_id, "currency": currency, "quantity": ZERO, "list_amount": listed,
        }  # fmt: skip
        order = next((o for o in one.orders if (o.order_id, o.product_id) == (row.order_id, row.product_id)), None)
        promotion = facts.catalog.promotion(order.promotion_id, grant.granted_at) if order is not None else None
        wanted["amount"] = price_of({"price": str(listed)}, promotion=promotion, currency=currency)(Decimal(1))
        wanted["promotion_id"] = NONE if order is None or promotion is None else order.promotion_id
        stands |= {name: getattr(row, name) for name in wanted if name not in stands}
        wanted["of its order"], stands["of its order"] = True, order is not None or row.order_id == NONE
        values = (ZERO, wanted["amount"], listed, 1)
        out.add((row.period_start, row.order_id, row.product_id, currency), *values)
        if wanted != stands:
            out.doubt(sum_key(row), subject)
    out.differences += compare_fields(one.payer_id, Rule.GRANT, subject, wanted, stands)


def _sold(facts: Facts, one: PayerFacts, grant: Any) -> tuple[Any, Decimal, str]:
    """(the package as the catalog had it then, its price, in the payer's currency or else the product's)."""
    product = facts.catalog.product(grant.product_id, grant.granted_at)
    package = next((p for p in product.get("packages", ()) if p["id"] == grant.package_id), None)
    if package is None:
        raise NotKnown(f"{grant.product_id} had no package {grant.package_id}")
    currency = one.terms.currency(grant.granted_at)
    if currency not in package["price"]:
        currency = product["currency"]
    if currency not in package["price"]:
        raise NotKnown(f"package {grant.package_id} had no price in {currency}")
    return package, half_up(Fraction(package["price"][currency]), RATED_DIGITS), currency
