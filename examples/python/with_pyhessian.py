"""Calls the billing center with python-hessian (pip install python-hessian).

    python with_pyhessian.py URL USER PASSWORD

Two things to know about this library: a Decimal has to be sent as the object that Java makes of it, and a datetime
has to be in UTC, since it drops the time zone. The ids of the products are those of the sample catalog.
"""

import secrets
import sys
from datetime import UTC, datetime
from decimal import Decimal

from pyhessian.client import HessianProxy
from pyhessian.protocol import Fault, object_factory

PER_USE = "sms"
PER_ACCOUNT_DAY = "crm"


def big_decimal(number: Decimal | str) -> object:
    """What java.math.BigDecimal looks like on the wire."""
    return object_factory("java.math.BigDecimal", value=str(number))


def main(url: str, user: str, password: str) -> None:
    center = HessianProxy(url, credentials=(user, password), timeout=60)
    run = secrets.token_hex(4)  # ids of our own, so that the example can be run again
    now = datetime.now(UTC)  # noqa: TID251 (a caller has the machine's clock)

    quote = center.getTotalPrice(PER_USE, {}, "", big_decimal("10"), "RMB")
    price = Decimal(quote.returnValue.value)
    say("getTotalPrice, 10 uses", f"{price} RMB" if quote.isSuccessed else f"{price}: {quote.exceptionDesc}")

    order = {
        "orderId": f"crm-{run}",
        "ordercode": f"code-{run}",
        "custId": f"customer-{run}",
        "payerMemId": f"payer-{run}",
        "billingType": "日",
        "productId": PER_ACCOUNT_DAY,
        "status": "1",
        "startDate": now,
        "isQuota": "1",
    }
    say("installOrder, charged per account and day", center.installOrder(order))
    say("changeAccountNum to 8 accounts", center.changeAccountNum(order["payerMemId"], 8, PER_ACCOUNT_DAY))

    use = {
        "userId": f"user-{run}",
        "username": "小王",
        "payerMemId": order["payerMemId"],
        "productId": PER_USE,
        "startDate": now,
        "useAge": big_decimal("3"),
        "useUnit": "次",
        "guid": f"guid-{run}",
    }
    say("insertServiceOp, 3 uses", center.insertServiceOp(use))
    say("insertServiceOp, the same guid: counted once", center.insertServiceOp(use))
    say("insertServiceOp, no quantity: refused", center.insertServiceOp({**use, "useAge": None, "guid": "bad"}))

    say("updateOrderState, suspended", center.updateOrderState(order["orderId"], "2"))
    say("feedbackUser, not in arrears", center.feedbackUser(order["payerMemId"]))
    say("payCallback, an invoice nobody issued: refused", center.payCallback("no-such-invoice", "1"))
    try:
        center.noSuchOperation()
    except Fault as fault:
        say("an operation that does not exist", f"{fault.code}: {fault.message}")


def say(what: str, answer: object) -> None:
    print(f"{what:<48} {answer}")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
