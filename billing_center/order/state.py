"""The life of an order: which change of state follows which. Design: contract, updateOrderState."""

from enum import StrEnum

from billing_center.errors import ForbiddenTransition


class OrderState(StrEnum):
    """Only an ACTIVE order is charged for the day, and only for days with some active moment."""

    PENDING = "PENDING"
    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    TERMINATED = "TERMINATED"


class StoppedFor(StrEnum):
    """Why an order is suspended: only what arrears stopped comes back by itself."""

    ARREARS = "ARREARS"
    NOTHING = "-"


ALLOWED = {
    OrderState.PENDING: {OrderState.ACTIVE, OrderState.TERMINATED},
    OrderState.ACTIVE: {OrderState.SUSPENDED, OrderState.TERMINATED},
    OrderState.SUSPENDED: {OrderState.ACTIVE, OrderState.TERMINATED},
    OrderState.TERMINATED: set[OrderState](),
}


def check_transition(order_id: str, before: OrderState, after: OrderState) -> None:
    """Raise ForbiddenTransition when the lifecycle does not lead from `before` to `after`."""
    if after not in ALLOWED[before]:
        message = f"an order that is {before} does not become {after}"
        raise ForbiddenTransition(message, field="state", order_id=order_id)
