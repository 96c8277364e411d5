"""The company's days as a stream of RPC calls, in the order in which its systems make them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from benchmarks.company.company import Company
from benchmarks.company.facts import AccountFact, OrderFact, StateFact, UseFact
from rpc.billing_client import BillingClient, NewOrder, UseReport


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the contract: the client's method, and what it is called with."""

    operation: str
    arguments: tuple[Any, ...]

    def send(self, client: BillingClient) -> str:
        """Make the call; the answer's word."""
        answer: str = getattr(client, self.operation)(*self.arguments)
        return answer


def calls(company: Company, *, days: int, uses_a_day: int) -> Iterator[Call]:
    """The orders, then so many days from the company's first one on."""
    for order in company.orders():
        yield order_call(order)
    for n in range(days):
        yield from day_calls(company, company.first_day + timedelta(days=n), uses_a_day)


def day_calls(company: Company, day: date, uses: int) -> Iterator[Call]:
    """What is reported on one day, in the order of time."""
    for fact in company.day(day, uses):
        match fact:
            case UseFact():
                yield use_call(fact)
            case StateFact():
                yield Call("update_order_state", (fact.order_id, fact.state))
            case AccountFact():
                yield Call("change_account_num", (fact.payer_id, fact.accounts, fact.product_id))


def order_call(order: OrderFact) -> Call:
    """installOrder."""
    new = NewOrder(
        order.order_id, order.order_id, order.cust_id, order.payer_id, order.product_id, order.billing_type,
        order.start_at, is_quota=order.is_quota, features=order.features,
    )  # fmt: skip
    return Call("install_order", (new,))


def use_call(use: UseFact) -> Call:
    """insertServiceOp."""
    report = UseReport(
        use.user_id, use.product_id, use.started_at, use.ended_at, use.quantity, unit=use.unit,
        payer_id=use.payer_id, guid=use.guid,
    )  # fmt: skip
    return Call("insert_service_op", (report,))
