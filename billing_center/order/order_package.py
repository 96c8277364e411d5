"""A package that an order buys: its `specCondition` says `package=p1000`.

The price is charged once and the units are granted when the order is first active, from its first day on; what was
bought stays when the order ends. Where it stands in the walk: `accept_order` checks what is named, and buys with
the order; one that was PENDING buys when it becomes ACTIVE. Design: billing rules, "prepaid package".
"""

from collections.abc import Mapping
from datetime import date
from hashlib import sha256

from billing_center.allowance.grant_allowance import LONGEST_ID, BuyPackage, buy_package
from billing_center.allowance.store import find_grant
from billing_center.catalog.snapshot import CatalogProduct
from billing_center.center import UnitOfWork
from billing_center.errors import OutOfRange
from billing_center.order.store import OrderRow
from billing_center.rating.facts import PlanKind

BOUGHT = "order:"
"""The ids of grants that orders bought begin with it; the order's id follows."""


def check_package(listed: CatalogProduct, plan: PlanKind, features: Mapping[str, str]) -> None:
    """Refuse a package that cannot be bought so.

    Raises: OutOfRange for one that the product has not (specCondition), or of an order that is not per use
    (billingType).
    """
    package_id = listed.package_named(features)
    if not package_id:
        return
    if package_id not in listed.packages:
        known = ", ".join(sorted(listed.packages))
        raise OutOfRange(f"package {package_id!r} is none of {known}", field="specCondition")
    if plan is not PlanKind.PER_USE:
        raise OutOfRange("a package is bought by an order per use", field="billingType")


def buy_ordered(work: UnitOfWork, order: OrderRow, day: date) -> None:
    """Let the order, which is kept, buy the package that it names, its units from `day` on, unless it has bought.

    Raises: NoPrice for a package without a price in the payer's or the product's currency.
    """
    listed = work.catalog.products.get(order.product_id)
    package_id = listed.package_named(order.features) if listed is not None else ""
    grant_id = grant_id_of(order.order_id)
    if package_id and find_grant(work.connection, grant_id) is None:
        why = f"ordered by {order.order_id}"
        buy_package(
            work, BuyPackage(order.payer_id, order.product_id, package_id, order.order_id, why, grant_id, day)
        )


def grant_id_of(order_id: str) -> str:
    """The id of the grant that an order buys: `order:` and the order's id; a digest of one that is too long."""
    plain = f"{BOUGHT}{order_id}"
    if len(plain) <= LONGEST_ID and plain.isprintable() and " " not in plain:
        return plain
    return BOUGHT + sha256(order_id.encode("utf-8", "surrogatepass")).hexdigest()[: LONGEST_ID - len(BOUGHT)]
