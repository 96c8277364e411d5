"""An operator grants a balance, or sells a package: units of use or money that later charges burn.

A grant under an id that is there already changes nothing when it is the same, and is refused otherwise. It holds
for what is rated from now on: what was charged before stands. Design: billing rules, "prepaid package".
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from billing_center.allowance.store import GrantRow, find_grant, insert_grant
from billing_center.audit.write_entry import write_entry
from billing_center.center import UnitOfWork
from billing_center.charge.book import book
from billing_center.errors import ConflictingRepeat, NoPrice, OutOfRange, ResultCode, Unknown
from billing_center.ids import NONE
from billing_center.money import currency_code, exact, plain, rated
from billing_center.order.store import find_order
from billing_center.payer.store import PayerRow, locked_payers, schedules_of
from billing_center.rating.facts import Cause, Charge, Grant, GrantKind, Meters, PlanKind
from billing_center.rating.price_version import Promotion
from billing_center.rating.promotion import price_once

DEFAULT_PRIORITY = 100
LONGEST_ID = 40


@dataclass(frozen=True, slots=True)
class GrantAllowance:
    """Either `units` of a product, or `amount` in `currency` for one product or any ('')."""

    payer_id: str
    product_id: str = ""
    units: Decimal | None = None
    amount: Decimal | None = None
    currency: str = ""
    valid_from: date | None = None  # None: today
    valid_to: date | None = None  # the first day that it no longer holds for
    priority: int = DEFAULT_PRIORITY
    why: str = ""
    grant_id: str = ""  # "": a new one


@dataclass(frozen=True, slots=True)
class BuyPackage:
    """A package of the catalog for a payer; `order_id` names the order that buys it, whose promotions hold."""

    payer_id: str
    product_id: str
    package_id: str
    order_id: str = ""
    why: str = ""
    grant_id: str = ""
    from_day: date | None = None  # the first day that its units hold for, and its price's; None: today


def grant_allowance(work: UnitOfWork, command: GrantAllowance) -> str:
    """Keep the grant; its id.

    Raises: OutOfRange; Unknown (UNKNOWN_PAYER, UNKNOWN_PRODUCT); ConflictingRepeat for an id with other content.
    """
    _locked(work, command.payer_id)
    asked = command.amount if command.units is None else command.units
    if asked is None or (command.units is not None and command.amount is not None):
        raise OutOfRange("a grant is of units or of an amount", field="units")
    quantity = exact(asked, field="quantity")
    if quantity <= 0:
        raise OutOfRange("a grant must be above 0", field="quantity")
    if command.product_id:
        listed = work.catalog.product(command.product_id, named="product").product
        if command.units is not None and all(v.plan is not PlanKind.PER_USE for v in listed.versions):
            raise OutOfRange(f"{command.product_id} is not sold per use: it has no units", field="product")
    elif command.units is not None:
        raise OutOfRange("units are granted of a product", field="product")
    grant = Grant(
        command.grant_id or work.new_id(),
        GrantKind.UNITS if command.amount is None else GrantKind.MONEY,
        command.product_id or NONE,
        quantity,
        "" if command.amount is None else currency_code(command.currency),
        command.valid_from or work.today,
        command.valid_to,
        command.priority,
    )
    _keep(work, grant, command.payer_id, "", command.why)
    return grant.grant_id


def buy_package(work: UnitOfWork, command: BuyPackage) -> str:
    """Keep the package's units as a grant from its first day on and charge its price on that day; the grant's id.

    The price is in the payer's currency if the package has one in it, else in the product's, with the percentage
    and the amount of the order's promotions taken off. Under a grant's id that is there already nothing is bought.
    Raises: as `grant_allowance`; OutOfRange for a package that the product has not, and for an order of another
    payer or product; Unknown (UNKNOWN_ORDER); NoPrice.
    """
    payer = _locked(work, command.payer_id)
    listed = work.catalog.product(command.product_id, named="product")
    package = listed.packages.get(command.package_id)
    if package is None:
        known = ", ".join(sorted(listed.packages)) or "none"
        message = f"{command.product_id} has no package {command.package_id!r}; known: {known}"
        raise OutOfRange(message, field="package")
    currency = payer.currency if payer.currency in package.price else listed.product.currency
    if currency not in package.price:
        raise NoPrice(f"package {command.package_id} has no price in {currency}", field="currency")
    grant_id = command.grant_id or work.new_id()
    known_grant = find_grant(work.connection, grant_id)
    start = known_grant.grant.valid_from if known_grant else command.from_day or work.today
    grant = Grant(
        grant_id, GrantKind.UNITS, command.product_id, package.units, "", start,
        None if package.days is None else start + timedelta(days=package.days), package.priority,
    )  # fmt: skip
    if not _keep(work, grant, command.payer_id, package.package_id, command.why):
        return grant_id
    listed_at = rated(package.price[currency])
    promotion = _promotion_of(work, command)
    charge = Charge(
        day=start, payer_id=command.payer_id, cause=Cause.PACKAGE, cause_id=grant_id,
        component=f"package {package.package_id}", order_id=command.order_id or NONE,
        product_id=command.product_id, user_id=NONE, currency=currency, quantity=Decimal(0),
        amount=price_once(listed_at, promotion, currency), list_amount=listed_at, meter=None,
        reading_before=Decimal(0), reading_after=Decimal(0), version_id=NONE,
        promotion_id=NONE if promotion is None else promotion.promotion_id,
        note=f"package {package.package_id}: {plain(package.units)} units",
    )  # fmt: skip
    schedules = schedules_of(work.connection, [payer])
    book(
        work, [charge], Meters(), payers={payer.payer_id: payer}, schedules=schedules, run_id=f"package:{grant_id}"
    )
    return grant_id


def _promotion_of(work: UnitOfWork, command: BuyPackage) -> Promotion | None:
    """The promotions of the order that buys, if one does."""
    if not command.order_id:
        return None
    order = find_order(work.connection, command.order_id)
    if order is None:
        raise Unknown(f"order {command.order_id!r} is not known", code=ResultCode.UNKNOWN_ORDER, field="order")
    if (order.payer_id, order.product_id) != (command.payer_id, command.product_id):
        raise OutOfRange(f"order {command.order_id} is of another payer or product", field="order")
    return work.catalog.promotions.get(order.promotion_id)


def _locked(work: UnitOfWork, payer_id: str) -> PayerRow:
    found = locked_payers(work.connection, [payer_id]).get(payer_id)
    if found is None:
        raise Unknown(f"payer {payer_id!r} is not known", code=ResultCode.UNKNOWN_PAYER, field="payer_id")
    return found


def _keep(work: UnitOfWork, grant: Grant, payer_id: str, package_id: str, why: str) -> bool:
    """Whether it was kept now; False for the same grant again."""
    if not grant.grant_id.isprintable() or " " in grant.grant_id or len(grant.grant_id) > LONGEST_ID:
        raise OutOfRange(f"a grant's id is at most {LONGEST_ID} characters without blanks", field="grant_id")
    if grant.valid_to is not None and grant.valid_to <= grant.valid_from:
        raise OutOfRange("valid_to is the first day not included and must be after valid_from", field="valid_to")
    if not 0 <= grant.priority <= 999:
        raise OutOfRange("a priority is 0 to 999", field="priority")
    kept = find_grant(work.connection, grant.grant_id)
    if kept is not None:
        if (kept.grant, kept.payer_id, kept.package_id) != (grant, payer_id, package_id):
            raise ConflictingRepeat(f"grant {grant.grant_id!r} is another one already", field="grant_id")
        return False
    insert_grant(work.connection, GrantRow(grant, payer_id, package_id, work.at, work.actor, why[:200]))
    detail = {"payer": payer_id, "product": grant.product_id, "kind": grant.kind.value, "quantity": grant.quantity,
              "currency": grant.currency, "valid_from": grant.valid_from, "valid_to": grant.valid_to,
              "priority": grant.priority, "package": package_id, "why": why}  # fmt: skip
    write_entry(work, "allowance_grant", grant.grant_id, detail)
    return True
