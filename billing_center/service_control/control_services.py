"""Fixed service control: on the control day, every active order of every payer in arrears is suspended.

Where it stands in the walk: the last stair of the day's cycle, after invoices are issued and sent.
Design: billing rules, "Invoice, deduction, service control"; field problem 19.
"""

from dataclasses import dataclass
from datetime import date
from functools import partial

import structlog

from billing_center.center import UnitOfWork
from billing_center.errors import OutOfRange
from billing_center.order.state import OrderState
from billing_center.order.store import orders_of_payers
from billing_center.payer.store import locked_payers
from billing_center.service_control.store import payers_to_control, still_to_control
from billing_center.service_control.suspend import suspend_orders

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class ServicesControlled:
    """What a chunk did. `last_payer_id` is where the next chunk begins, "" when the shards are done."""

    payers: int  # of which some order was suspended
    orders: int
    last_payer_id: str


def control_services(
    work: UnitOfWork, *, first_shard: int, last_shard: int, on: date, after_payer: str, limit: int, run_id: str
) -> ServicesControlled:
    """Suspend the ACTIVE orders of up to `limit` payers that are in arrears on the civil day `on`, with an
    invoice of arrears whose control day has come.

    Who pays at the same moment is served: arrears are read again under the payers' locks. Running it again
    finds only what has become active since. Raises: OutOfRange for a day that has not come; Busy.
    """
    if on > work.today:
        raise OutOfRange(f"{on} has not come yet: nobody is suspended for a day to come", field="on")
    candidates = payers_to_control(
        work.connection,
        first_shard=first_shard,
        last_shard=last_shard,
        on=on,
        after_payer=after_payer,
        limit=limit,
    )
    locked_payers(work.connection, candidates)
    owing = still_to_control(work.connection, candidates, on=on)
    orders = orders_of_payers(work.connection, sorted(owing), states=[OrderState.ACTIVE])
    suspended = suspend_orders(work, orders)
    payers = len({order.payer_id for order in orders})
    if suspended:
        note = partial(log.info, "services_suspended", payers=payers, orders=suspended, on=str(on), run_id=run_id)
        work.after_commit.append(note)
    return ServicesControlled(payers, suspended, candidates[-1] if len(candidates) == limit else "")
