"""Settling what is exactly as it should be: most of all charges, compared without an object for each of them.

Only the plainest facts are settled so, an order's days as a whole (`plain_runs`) and a payer's uses of a product
as a whole (`plain_uses`). Whatever differs in one column, or that anything else may have touched, is left to
`compare_charges`, which says what differs.
"""

from collections import defaultdict
from typing import Any

from billing_center.ids import NONE
from billing_center.reconcile.alike import Alike
from billing_center.reconcile.plain_runs import settle_days
from billing_center.reconcile.plain_uses import settle_uses
from billing_center.reconcile.raw_facts import Facts, PayerFacts
from billing_center.reconcile.recomputed import Recomputed

OF_USES = ("use", "withdrawal", "rerate_use")


def may_settle(one: PayerFacts) -> bool:
    """Whether anything of the payer can be settled, as far as its terms tell."""
    return not (one.grants or one.reratings or one.terms.currencies)


def may_settle_whole(one: PayerFacts) -> bool:
    """Whether all of it may, so that its charges need not be read as rows."""
    return may_settle(one) and all(order.promotion_id == NONE for order in one.orders)


def settle(facts: Facts, one: PayerFacts, out: Recomputed) -> bool:
    """Settle what is plain; whether that is all there is."""
    if not may_settle(one) or facts.catalog.replaced:
        return not one.alike
    days: dict[str, list[Alike]] = defaultdict(list)
    uses: dict[str, list[Alike]] = defaultdict(list)
    again: set[str] = set()  # orders of which days were corrected
    mended = set()  # products of which uses were
    rest = False
    for alike in one.alike:
        if alike.cause == "day":
            days[alike.order_id].append(alike)
            continue
        alike.read()
        if alike.cause in OF_USES:
            uses[alike.product_id].append(alike)
            if alike.cause != "use" or alike.touched:
                mended.add(alike.product_id)
        else:
            rest = True
            again.update(alike.cause_ids if alike.cause == "rerate_day" else ())
    for order in one.orders:
        charged = days.get(order.order_id)
        if charged and order.order_id not in again and settle_days(facts, one, order, charged, out):
            out.settled_orders.add(order.order_id)
    for product_id, charged in uses.items():
        if product_id not in mended and settle_uses(facts, one, product_id, charged, out):
            out.settled_products.add(product_id)
    return not rest and days.keys() <= out.settled_orders and uses.keys() <= out.settled_products


def left_of(one: PayerFacts, out: Recomputed) -> list[Any]:
    """The charges that are not settled, where they were read as rows."""
    orders, products = out.settled_orders, out.settled_products
    if not orders and not products:
        return one.charges
    causes = {"day": orders, **dict.fromkeys(OF_USES, products)}
    return [
        row
        for row in one.charges
        if (row.cause_id if row.cause == "day" else row.product_id) not in causes.get(row.cause, ())
    ]
