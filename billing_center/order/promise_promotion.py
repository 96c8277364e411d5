"""Whether an order gets the promotion it names: validity, first-time customers, a limit of redemptions.

An order whose promotion does not apply is accepted without it, and says why: the order was sold already.
Limits are counted by the database: each redemption takes a numbered slot under a unique key.
Design: billing rules, "Promotions"; field problem 18.
"""

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from billing_center.bulk import insert_rows
from billing_center.center import UnitOfWork
from billing_center.errors import Busy
from billing_center.ids import NONE
from billing_center.order.store import OrderRow, first_openings
from billing_center.rating.price_version import Promotion
from schema.tables.catalog import redemption


def redeem(work: UnitOfWork, order: OrderRow, promotion_id: str) -> tuple[str, str]:
    """(promotion, "") when it applies and its slot is taken; ("-", why not) otherwise.

    The payer's row must be locked. Raises: Busy when another order took the slot at the same moment.
    """
    if not promotion_id:
        return NONE, ""
    promotion = work.catalog.promotion(promotion_id)
    reason = _not_for(work, order, promotion) or _take_slot(work, order, promotion)
    return (NONE, f"{promotion_id} does not apply: {reason}") if reason else (promotion_id, "")


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
        "payer_id": order.payer_id, "at": work.at,
    }  # fmt: skip
    try:
        with work.connection.begin_nested():
            insert_rows(work.connection, redemption, [row])
    except IntegrityError as error:
        raise Busy("another order took the promotion's last slot", order_id=order.order_id) from error
    return ""
