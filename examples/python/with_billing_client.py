"""Calls the billing center with the project's own client: typed arguments, exact decimals, errors with names.

    python with_billing_client.py URL USER PASSWORD

The ids of the products are those of the sample catalog.
"""

import secrets
import sys
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from rpc.billing_client import BillingClient, NewOrder, UseReport

PER_USE = "sms"
PER_ACCOUNT_DAY = "crm"


def main(url: str, user: str, password: str) -> None:
    run = secrets.token_hex(4)  # ids of our own, so that the example can be run again
    now = datetime.now(UTC)  # noqa: TID251 (a caller has the machine's clock)
    with BillingClient(url, user, password) as center:
        quote = center.get_total_price(PER_USE, {}, "", Decimal("10"), "RMB")
        price = f"{quote.value} RMB" if quote.succeeded else f"{quote.value}: {quote.description}"
        say("getTotalPrice, 10 uses", price)

        order = NewOrder(
            order_id=f"crm-{run}",
            order_code=f"code-{run}",
            cust_id=f"customer-{run}",
            payer_id=f"payer-{run}",
            product_id=PER_ACCOUNT_DAY,
            billing_type="日",
            start_at=now,
            is_quota=True,
        )
        say("installOrder, charged per account and day", center.install_order(order))
        say("installOrder again: a repeat does no harm", center.install_order(order))
        say("changeAccountNum to 8 accounts", center.change_account_num(order.payer_id, 8, PER_ACCOUNT_DAY))

        use = UseReport(
            user_id=f"user-{run}",
            user_name="小王",
            payer_id=order.payer_id,
            product_id=PER_USE,
            started_at=now,
            quantity=Decimal("3"),
            unit="次",
            guid=f"guid-{run}",
        )
        say("insertServiceOp, 3 uses", center.insert_service_op(use))
        say("insertServiceOp, the same guid: counted once", center.insert_service_op(use))
        say(
            "insertServiceOp, no quantity: refused",
            center.insert_service_op(replace(use, quantity=None, guid="bad")),
        )

        say("updateOrderState, suspended", center.update_order_state(order.order_id, "SUSPENDED"))
        say("feedbackUser, not in arrears", center.feedback_user(order.payer_id))
        say("payCallback, an invoice nobody issued: refused", center.pay_callback("no-such-invoice", "PAID"))


def say(what: str, answer: object) -> None:
    print(f"{what:<48} {answer}")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
