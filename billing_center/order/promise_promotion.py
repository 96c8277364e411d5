"""Which of the promotions it names an order gets: validity, first-time customers, a limit of redemptions.

Promotions that do not go together are refused at the door. An order of which one does not apply is accepted
without that one, and says why: the order was sold already. What is taken off the order itself becomes its stack
(`rating/promotion_stack.py`); a promotion over the invoice is known by its redemption alone.
Limits are counted by the database: each redemption takes a numbered slot under a unique key.
Design: billing rules, "Promotions"; field problem 18.
"""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from billing_center.bulk import insert_rows
from billing_center.center import UnitOfWork
from billing_center.errors import Busy, OutOfRange
from billing_center.ids import NONE
from billing_center.order.store import OrderRow, first_openings
from billing_center.rating.price_version import Promotion
from billing_center.rating.promotion_stack import against, named, place_of, stack_id
from schema.tables.catalog import redemption

LONGEST_NOTE = 200
"""Characters of an order's note that the table holds."""


def promotions_named(work: UnitOfWork, text: str) -> tuple[Promotion, ...]:
    """The promotions of `welcome,minus20`, in the order in which they work, whatever order they stand in.

    Raises: Unknown (UNKNOWN_PROMOTION); OutOfRange (productStrategyId) for what does not go together.
    """
    found = sorted((work.catalog.promotion(one) for one in named(text)), key=place_of)
    reason = against(found)
    if reason:
        raise OutOfRange(f"productStrategyId {text!r}: {reason}", field="productStrategyId")
    return tuple(found)


def redeem(work: UnitOfWork, order: OrderRow, promotions: Sequence[Promotion]) -> tuple[str, str]:
    """The stack ("-" for none) of those that apply, their slots taken, and why the others do not ("" for none).

    The payer's row must be locked. Raises: Busy when another order took the slot at the same moment.
    """
    applied: list[Promotion] = []
    notes: list[str] = []
    for promotion in promotions:
        reason = _not_for(work, order, promotion) or _take_slot(work, order, promotion)
        if reason:
            notes.append(f"{promotion.promotion_id} does not apply: {reason}")
        elif not promotion.over_invoice:
            applied.append(promotion)
    return stack_id(applied) or NONE, "; ".join(notes)[:LONGEST_NOTE]


def _not_for(work: UnitOfWork, order: OrderRow, promotion: Promotion) -> str:
    if promotion.product_ids and order.product_id not in promotion.product_ids:
        return "it is for other products"
    if promotion.valid_from is not None and order.start_day < promotion.valid_from:
        return f"it begins on {promotion.valid_from}"
    if promotion.valid_to is not None and order.start_day >= promotion.valid_to:
        return f"it ended before {promotion.valid_to}"
    if promotion.first_time_only:
        key = (order.payer_id, order.product_id)
        if first_openings(work.connection, [key]):
            return "it is for first-time customers"
    return ""


def _take_slot(work: UnitOfWork, order: OrderRow, promotion: Promotion) -> str:
    if promotion.max_redemptions is None:
        slot = order.order_id  # unlimited: every order has a slot of its own
    else:
        counted = select(func.count()).where(redemption.c.promotion_id == promotion.promotion_id)
        taken = work.connection.execute(counted).scalar_one()
        if taken >= promotion.max_redemptions:
            return "its redemptions are used up"
        slot = str(taken + 1)
    row = {
        "promotion_id": promotion.promotion_id, "slot": slot, "order_id": order.order_id,
        "payer_id": order.payer_id, "shard": order.shard, "at": work.at,
    }  # fmt: skip
    try:
        with work.connection.begin_nested():
            insert_rows(work.connection, redemption, [row])
    except IntegrityError as error:
        raise Busy("another order took the promotion's last slot", order_id=order.order_id) from error
    return ""
