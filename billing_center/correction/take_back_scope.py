"""Taking back all days of an order in one billing period or service year, for plans charged in advance. Pure.

There a day's charge depends on the days before it, so the scope is taken back whole and rated again from its first
day. All its meters belong to the order and to the scope alone, so nothing needs to be worked out: what was charged
is booked negative, and the meters begin anew. Design: billing rules, "A correction never edits".
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from billing_center.correction.position import ZERO, Position
from billing_center.errors import Broken
from billing_center.ids import NONE
from billing_center.rating.facts import Cause, Charge, MeterKey, Meters
from billing_center.rating.rate_day import PAID

LISTED = ":list"
"""How the component of a meter ends that only a list amount grows on."""


def take_back_scope(
    positions: Sequence[Position], meters: Meters, *, order_id: str, scope_start: date
) -> dict[date, list[Charge]]:
    """The negative charges of each day, latest day first taken back; the scope's meters read nothing afterwards.

    `positions` are all days of the order in the scope. Raises: Broken when a meter has counted anything else.
    """
    taken: dict[date, list[Charge]] = {}
    for position in sorted(positions, key=lambda p: p.day, reverse=True):
        taken[position.day] = [_negative(position, meters, slot_charge) for slot_charge in _as_charges(position)]
    for key in [k for k in meters.readings if k.order_id == order_id and k.scope == scope_start.isoformat()]:
        if key.component == PAID or key.component.endswith(LISTED):
            meters.advance(key, -meters.readings[key])
    left = {slot.meter for position in positions for slot in position.live if slot.meter is not None}
    if any(meters.readings.get(key, ZERO) for key in left):
        raise Broken(
            f"a meter of order {order_id} from {scope_start} counts more than its days", order_id=order_id
        )
    return taken


def _as_charges(position: Position) -> list[Charge]:
    """What the day stands at, one charge per slot."""
    return [
        Charge(
            day=position.day, payer_id=position.payer_id, cause=Cause.DAY, cause_id=position.cause_id,
            component=slot.component, order_id=position.order_id, product_id=position.product_id, user_id=NONE,
            currency=slot.currency, quantity=net.quantity, amount=net.amount, list_amount=net.list_amount,
            meter=slot.meter, reading_before=ZERO, reading_after=net.growth, version_id=slot.version_id,
            promotion_id=slot.promotion_id,
        )
        for slot, net in position.slots.items()
        if net.growth or net.quantity or net.amount or net.list_amount
    ]  # fmt: skip


def _negative(position: Position, meters: Meters, charge: Charge) -> Charge:
    before = after = Decimal(0)
    key: MeterKey | None = charge.meter
    if key is not None:
        before, after = meters.advance(key, -charge.reading_after)
    return Charge(
        day=position.day, payer_id=charge.payer_id, cause=charge.cause, cause_id=charge.cause_id,
        component=charge.component, order_id=charge.order_id, product_id=charge.product_id, user_id=NONE,
        currency=charge.currency, quantity=-charge.quantity, amount=-charge.amount,
        list_amount=-charge.list_amount, meter=key, reading_before=before, reading_after=after,
        version_id=charge.version_id, promotion_id=charge.promotion_id,
    )  # fmt: skip
