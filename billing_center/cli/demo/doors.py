"""The public doors, as everyone around the center uses them: each act of the story goes through one of them.

Orders come from an order system that writes Hessian 2, uses from a product that writes Hessian 1; the clock
moves and results are read over REST; payments come back from the simulated account system by themselves.
"""

import base64
import json
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from time import monotonic, sleep
from typing import Any, Self
from zoneinfo import ZoneInfo

from billing_center.cli.demo.acts import (
    Accounts,
    Act,
    AskArrears,
    Behave,
    Change,
    CountParked,
    Install,
    LookAhead,
    Quote,
    SetPayer,
    TopUp,
    Trespass,
    Use,
)
from billing_center.cli.demo.company import Company
from billing_center.money import plain
from rpc.billing_client import BillingClient, NewOrder, UseReport
from rpc.client import NotAdmitted
from rpc.hessian import ReplyForm

ZONE = ZoneInfo("Asia/Shanghai")
AT_ONCE_S = 5.0
"""Seconds that a use of a real-time product may take to be rated, on a machine that is busy with other things."""


class Doors:
    """The callers of one company. Use as a context manager."""

    def __init__(self, company: Company) -> None:
        self._company = company
        url = f"{company.base_url}/hessian/billing"
        secrets = company.secrets
        self._orders = BillingClient(url, "order-system", secrets["order-system"], form=ReplyForm.HESSIAN_2)
        self._product = BillingClient(url, "saas-product", secrets["saas-product"], form=ReplyForm.HESSIAN_1)
        token = base64.b64encode(f"clerk:{secrets['clerk']}".encode()).decode()
        self._headers = {"Authorization": f"Basic {token}", "Content-Type": "application/json"}
        self.now = datetime.min.replace(tzinfo=ZONE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self._orders.close()
        self._product.close()

    def advance(self, moment: str) -> None:
        """Move the test clock to `2026-01-05 10:00` in Shanghai; what falls due on the way is done."""
        self.now = instant(moment)
        self.rest("clock/advance", {"to": self.now.isoformat()})

    def rest(self, path: str, told: dict[str, Any] | None = None) -> Any:
        """Ask, or tell, the REST door. Raises: RuntimeError with the problem that it answers."""
        body = None if told is None else json.dumps(told).encode()
        request = urllib.request.Request(f"{self._company.base_url}/api/v1/{path}", body, self._headers)
        try:
            with urllib.request.urlopen(request, timeout=120) as reply:
                return json.load(reply)
        except urllib.error.HTTPError as error:
            with error:
                raise RuntimeError(f"{path}: {error.read().decode()}") from None

    def call_back(self, today: date) -> list[dict[str, str]]:
        """Let the account system tell what it knows by the day."""
        return self._company.simulators.call_back(today)

    def commands(self) -> list[dict[str, str]]:
        """What the order system was told so far."""
        return self._company.simulators.commands()

    def deductions(self) -> list[dict[str, Any]]:
        """What the account system took so far."""
        return self._company.simulators.deductions()

    def carry_out(self, act: Act) -> str:
        """Carry out one act now; the answer in one word."""
        way: Callable[[Any], str] = getattr(self, f"_{type(act).__name__.lower()}")
        return way(act)

    def _install(self, act: Install) -> str:
        order = NewOrder(
            order_id=act.order_id,
            order_code=f"OC-{act.order_id}",
            cust_id=act.customer or act.payer_id,
            payer_id=act.payer_id,
            product_id=act.product_id,
            billing_type=act.billing_type,
            start_at=instant(act.start) if act.start else self.now,
            promotion_id=act.promotion,
            is_quota=act.by_accounts,
        )
        return self._orders.install_order(order)

    def _change(self, act: Change) -> str:
        return self._orders.update_order_state(act.order_id, act.state)

    def _accounts(self, act: Accounts) -> str:
        return self._orders.change_account_num(act.payer_id, act.number, act.product_id)

    def _use(self, act: Use) -> str:
        use = UseReport(
            user_id=act.user_id,
            product_id=act.product_id,
            started_at=instant(act.started) if act.started else self.now,
            ended_at=instant(act.ended) if act.ended else None,
            quantity=Decimal(act.quantity),
            unit=act.unit,
            payer_id=act.payer_id,
            guid=act.guid,
        )
        return self._product.insert_service_op(use)

    def _quote(self, act: Quote) -> str:
        quotation = self._orders.get_total_price(
            act.product_id, act.features, act.measure, Decimal(act.count), act.currency
        )
        return plain(quotation.value, least_digits=2 if quotation.succeeded else 0)

    def _askarrears(self, act: AskArrears) -> str:
        return self._orders.feedback_user(act.payer_id)

    def _behave(self, act: Behave) -> str:
        self._company.simulators.set_policy(act.payer_id, act.behaviour, **act.details)
        return ""

    def _topup(self, act: TopUp) -> str:
        told = self._company.simulators.top_up(act.payer_id)
        return " ".join(one["state"] for one in told if one.get("answer") == "1")

    def _setpayer(self, act: SetPayer) -> str:
        self._company.command("payer", "set", act.payer_id, "--currency", act.currency)
        return ""

    def _lookahead(self, act: LookAhead) -> str:
        """What the product has come to, as soon as something has been rated."""
        give_up_at = monotonic() + AT_ONCE_S
        while True:
            preview = self.rest(f"payers/{act.payer_id}")["preview"]
            lines = [line for one in preview for line in one["lines"] if line["product_id"] == act.product_id]
            if lines or monotonic() > give_up_at:
                return " ".join(f"{money(line['amount'])} {line['currency']}" for line in lines)
            sleep(0.05)

    def _countparked(self, act: CountParked) -> str:
        return str(len(self.rest("usage/parked")))

    def _trespass(self, act: Trespass) -> str:
        try:
            return self._product.pay_callback(act.invoice_id, "PAID")
        except NotAdmitted as error:
            return str(error.status)


def instant(moment: str) -> datetime:
    """`2026-01-05` or `2026-01-05 10:00` in Shanghai."""
    return datetime.fromisoformat(moment).replace(tzinfo=ZONE)


def money(amount: str) -> str:
    """An amount with at least two decimals."""
    return plain(Decimal(amount), least_digits=2)


def civil_day_of(at: str) -> str:
    """The civil day in Shanghai of an ISO instant."""
    return datetime.fromisoformat(at).astimezone(ZONE).date().isoformat()
