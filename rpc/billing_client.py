"""The project's own client of the seven operations: typed methods over Hessian, as a Java caller has them.

Where it stands in the walk: outside it, where an order system or a product stands. The demo, the tests and the
examples call the center through it. Objects are written under the class names of the 2009 interfaces.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from rpc.client import AnswerUnreadable, HessianClient
from rpc.hessian import CodecError, HObject, ReplyForm, Value, as_bool, as_decimal, as_text, fields_of

PACKAGE = "com.alibaba.billing.model."


@dataclass(frozen=True, slots=True)
class UseReport:
    """Billinginfo: one act of use. `started_at` and `ended_at` are aware instants."""

    user_id: str
    product_id: str
    started_at: datetime
    ended_at: datetime | None = None
    quantity: Decimal | None = None
    amount: Decimal | None = None
    unit: str = ""
    payer_id: str = ""
    user_name: str = ""
    product_name: str = ""
    guid: str = ""


@dataclass(frozen=True, slots=True)
class NewOrder:
    """Order: a new order line. `start_at` is an aware instant on the day of opening."""

    order_id: str
    order_code: str
    cust_id: str
    payer_id: str
    product_id: str
    billing_type: str
    start_at: datetime
    state: str = "ACTIVE"
    promotion_id: str = ""
    features: Mapping[str, str] = field(default_factory=dict)
    is_quota: bool = False


@dataclass(frozen=True, slots=True)
class Quotation:
    """EsbResultModel: the total price, or the code -1 to -4 with a description."""

    succeeded: bool
    value: Decimal
    description: str


class BillingClient:
    """Calls the billing center. Every method may be called from any thread, and raises what `HessianClient` does.

    Methods that answer "1" or "-1" return that word.
    """

    def __init__(
        self,
        url: str,
        user: str = "",
        password: str = "",
        timeout_s: float = 30.0,
        form: ReplyForm = ReplyForm.HESSIAN_2,
    ) -> None:
        self.hessian = HessianClient(url, user, password, timeout_s, form)

    def insert_service_op(self, use: UseReport) -> str:
        """Report one act of use: "1" once it is durable, "-1" when it is refused."""
        fields = _present(
            username=use.user_name,
            userId=use.user_id,
            payerMemId=use.payer_id,
            productName=use.product_name,
            productId=use.product_id,
            useUnit=use.unit,
            guid=use.guid,
        )
        dates = {"startDate": use.started_at, "endDate": use.ended_at}
        amounts = {"amount": use.amount, "useAge": use.quantity}
        return self._word("insertServiceOp", HObject(PACKAGE + "Billinginfo", {**fields, **dates, **amounts}))

    def install_order(self, order: NewOrder) -> str:
        """Report a new order line: "1" once it is durable, "-1" when it is refused."""
        features = ";".join(f"{name}={value}" for name, value in order.features.items())
        fields = _present(
            orderId=order.order_id,
            ordercode=order.order_code,
            custId=order.cust_id,
            billingType=order.billing_type,
            productId=order.product_id,
            status=order.state,
            productStrategyId=order.promotion_id,
            specCondition=features,
            isQuota="1" if order.is_quota else "0",
            payerMemId=order.payer_id,
        )
        return self._word("installOrder", HObject(PACKAGE + "Order", {**fields, "startDate": order.start_at}))

    def update_order_state(self, order_id: str, state: str) -> str:
        """Report an order's new state."""
        return self._word("updateOrderState", order_id, state)

    def get_total_price(
        self,
        product_id: str,
        features: Mapping[str, str],
        measure_units: str,
        count: Decimal,
        currency: str,
    ) -> Quotation:
        """Ask for a price; blank `measure_units` means pieces."""
        answer = self.hessian.call(
            "getTotalPrice", product_id, dict(features), measure_units or None, count, currency
        )
        try:
            model = fields_of(answer)
            description = model.get("exceptionDesc")
            return Quotation(
                as_bool(model.get("isSuccessed")),
                as_decimal(model.get("returnValue")),
                "" if description is None else as_text(description),
            )
        except CodecError as error:
            raise AnswerUnreadable("the answer is no EsbResultModel") from error

    def feedback_user(self, payer_id: str) -> str:
        """Whether a payer is in arrears: "1" it is not, "-1" it is."""
        return self._word("feedbackUser", payer_id)

    def pay_callback(self, invoice_id: str, state: str) -> str:
        """Report how a deduction ended."""
        return self._word("payCallback", invoice_id, state)

    def change_account_num(self, payer_id: str, accounts: int, product_id: str) -> str:
        """Report a payer's authorised accounts for a product."""
        return self._word("changeAccountNum", payer_id, accounts, product_id)

    def close(self) -> None:
        """Close the idle connections."""
        self.hessian.close()

    def __enter__(self) -> "BillingClient":
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()

    def _word(self, method: str, *arguments: Value) -> str:
        answer = self.hessian.call(method, *arguments)
        if not isinstance(answer, str):
            raise AnswerUnreadable(f"{method} answers with a text")
        return answer


def _present(**texts: str) -> dict[str, Value]:
    """The texts, blank ones as null."""
    return {name: text or None for name, text in texts.items()}
