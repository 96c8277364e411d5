"""Settling what is exactly as it should be: most of all charges, compared without an object for each of them.

Only the plainest facts are settled so, an order's days as a whole (`plain_runs`) and a payer's uses of a product
as a whole (`plain_uses`). Whatever differs in one column, or that anything else may have touched, is left in
`one.rest` to `compare_charges`, which says what differs.
"""

from collections import defaultdict
from typing import Any

from billing_center.reconcile.plain_runs import settle_days
from billing_center.reconcile.plain_uses import settle_uses
from billing_center.reconcile.raw_facts import Facts, PayerFacts, of_charge
from billing_center.reconcile.recomputed import Recomputed

_fact = of_charge("cause", "cause_id", "product_id")
OF_USES = ("use", "withdrawal", "rerate_use")


def settle(facts: Facts, one: PayerFacts, out: Recomputed) -> None:
    """Settle what is plain; `one.rest` is what is left to be compared."""
    if one.grants or one.reratings or one.terms.currencies or facts.catalog.replaced:
        return
    rest: list[Any] = []
    days: dict[str, list[Any]] = defaultdict(list)
    uses: dict[str, list[Any]] = defaultdict(list)
    again = set()  # orders of which days were corrected
    mended = set()  # products of which uses were
    for row in one.charges:
        cause, cause_id, product_id = _fact(row)
        if cause == "day":
            days[cause_id].append(row)
        elif cause in OF_USES:
            uses[product_id].append(row)
            if cause != "use" or cause_id in facts.withdrawn or cause_id in facts.corrects:
                mended.add(product_id)
        else:
            rest.append(row)
            again |= {cause_id} if cause == "rerate_day" else set()
    for order in one.orders:
        rows = days.get(order.order_id)
        if rows and order.order_id not in again and settle_days(facts, one, order, rows, out):
            del days[order.order_id]
    for product_id, charged in uses.items():
        if product_id in mended or not settle_uses(facts, one, product_id, charged, out):
            rest += charged
    for charged in days.values():
        rest += charged
    one.rest = rest
