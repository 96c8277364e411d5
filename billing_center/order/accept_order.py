"""A new order line: mirrored once, with its first state, its promotions, its first opening and its package.

Design: contract, installOrder; billing rules, mode 4 and "Promotions".
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from billing_center.catalog.snapshot import CatalogProduct
from billing_center.center import UnitOfWork
from billing_center.clock import civil_day
from billing_center.errors import ConflictingRepeat, OutOfRange, Refused, ResultCode
from billing_center.ids import NONE, shard_of
from billing_center.order.change_state import state_meant
from billing_center.order.order_package import buy_ordered, check_package
from billing_center.order.promise_promotion import promotions_named, redeem
from billing_center.order.state import OrderState, StoppedFor
from billing_center.order.store import (
    OrderRow,
    StateChangeRow,
    find_order,
    insert_order,
    insert_state_change,
    note_first_opening,
)
from billing_center.payer.store import NewPayer, locked_payers, make_known
from billing_center.period import ONE_DAY
from billing_center.rating.facts import PlanKind
from billing_center.rating.promotion_stack import stack_id
from billing_center.usage.park import wake_parked

log = structlog.get_logger()

YEARS_BACK, YEARS_AHEAD = 20, 10
"""How far from today an order may start; a caller's year 9999 or 1970 is a mistake, not an order."""


@dataclass(frozen=True, slots=True)
class InstallOrder:
    """An order line as the order system reports it; `start_at` is an instant on the day of opening."""

    order_id: str
    order_code: str
    cust_id: str
    payer_id: str
    product_id: str
    billing_type: str
    state: str
    promotion_id: str  # one id, or several joined by commas
    start_at: datetime
    features: Mapping[str, str]
    is_quota: bool
    installed_by: str


def accept_order(work: UnitOfWork, command: InstallOrder) -> None:
    """Mirror the order. The same order again with the same facts changes nothing.

    Raises: Unknown (UNKNOWN_PRODUCT, UNKNOWN_PROMOTION); Refused (UNKNOWN_STATE, NO_PRICE); OutOfRange, also for
    promotions that do not go together and a package that is not sold so; ConflictingRepeat when the id is known
    with other facts.
    """
    product = work.catalog.product(command.product_id)
    plan = _plan(work, command, product)
    state = state_meant(work, command.state, named="status")
    start_day = civil_day(command.start_at, work.zone)
    if not work.today.year - YEARS_BACK <= start_day.year <= work.today.year + YEARS_AHEAD:
        raise OutOfRange(f"startDate {start_day} is too far from today", field="startDate")
    check_package(product, plan, command.features)
    promotions = promotions_named(work, command.promotion_id)
    facts_hash = _facts_hash(command, plan, state, stack_id(promotions))
    _make_payer_known(work, command, product)
    locked_payers(work.connection, [command.payer_id])
    known = find_order(work.connection, command.order_id)
    if known is not None:
        if known.facts_hash != facts_hash:
            message = f"orderId {command.order_id!r} is known with other facts"
            raise ConflictingRepeat(message, field="orderId", order_id=command.order_id)
        return
    order = OrderRow(
        order_id=command.order_id, order_code=command.order_code, cust_id=command.cust_id,
        payer_id=command.payer_id, shard=shard_of(command.payer_id), product_id=command.product_id, plan=plan,
        promotion_id=NONE, start_at=command.start_at, start_day=start_day, features=command.features,
        is_quota=command.is_quota, state=state, stopped_for=StoppedFor.NOTHING, change_count=1,
        facts_hash=facts_hash, rated_through=start_day - ONE_DAY,
        ended_day=start_day if state is OrderState.TERMINATED else None,
    )  # fmt: skip
    promised, note = redeem(work, order, promotions)
    _keep(work, replace(order, promotion_id=promised), note, command.installed_by)


def _keep(work: UnitOfWork, order: OrderRow, promotion_note: str, installed_by: str) -> None:
    extra = {"promotion_note": promotion_note, "installed_at": work.at, "installed_by": installed_by}
    insert_order(work.connection, order, extra=extra)
    first = StateChangeRow(order.order_id, 0, order.start_at, NONE, order.state.value, work.actor, "installed")
    insert_state_change(work.connection, order, first)
    if order.state is OrderState.ACTIVE:
        opening = {(order.payer_id, order.product_id): (order.shard, order.start_day)}
        note_first_opening(work.connection, opening)
    if order.state in (OrderState.ACTIVE, OrderState.SUSPENDED):
        buy_ordered(work, order, order.start_day)
    wake_parked(work, product_id=order.product_id, reason="no_payer")
    log.info("order_accepted", order_id=order.order_id, product_id=order.product_id, plan=order.plan.value)


def _plan(work: UnitOfWork, command: InstallOrder, product: CatalogProduct) -> PlanKind:
    """The plan that the billing type and the quota flag mean; the product must have prices for it."""
    word = command.billing_type.strip()
    meant = work.settings.billing_types.get(word)
    if meant is None:
        raise OutOfRange(f"billingType {word!r} is none of 次, 年, 月, 日", field="billingType")
    plan = PlanKind.ACCOUNT_DAY if command.is_quota else PlanKind(meant)
    if not any(version.plan is plan for version in product.product.versions):
        message = f"product {command.product_id} has no prices for {plan.value}"
        field = "isQuota" if command.is_quota else "billingType"
        raise Refused(message, code=ResultCode.NO_PRICE, field=field, product_id=command.product_id)
    return plan


def _make_payer_known(work: UnitOfWork, command: InstallOrder, product: CatalogProduct) -> None:
    billing_day = product.billing_day or work.settings.billing_day
    met = NewPayer(command.payer_id, command.cust_id, work.settings.base_currency, billing_day)
    make_known(work.connection, [met], at=work.at)


def _facts_hash(command: InstallOrder, plan: PlanKind, state: OrderState, promotions: str) -> str:
    facts = [
        command.order_code, command.cust_id, command.payer_id, command.product_id, plan.value, state.value,
        promotions, command.start_at.isoformat(), dict(command.features), command.is_quota,
    ]  # fmt: skip
    text = json.dumps(facts, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
