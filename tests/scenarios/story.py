"""A story about payers, told through the use cases: who orders, uses and pays, while the days pass.

The clock stands where the story put it. When it moves past a midnight, the night's work is done at 00:05 of
each new day, in the order of the daily cycle: parked uses are released, uses and yesterday's days are rated,
ended periods are invoiced and numbered, and services are controlled. Roll-ups follow when the books are checked.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TypeVar

from sqlalchemy import func, select

from billing_center.catalog.load_catalog import load_catalog
from billing_center.center import Center, UnitOfWork
from billing_center.charge.roll_up import roll_up
from billing_center.clock import SettableClock
from billing_center.invoice.invoice import Invoice
from billing_center.invoice.issue_invoices import issue_invoices
from billing_center.invoice.number_invoices import number_invoices
from billing_center.invoice.store import read_invoices
from billing_center.money import plain
from billing_center.order.accept_order import InstallOrder, accept_order
from billing_center.order.change_accounts import ChangeAccounts, change_accounts
from billing_center.order.change_state import ChangeOrderState, change_order_state
from billing_center.order.rate_days import rate_days
from billing_center.order.store import find_order
from billing_center.outbox.message import MessageKind
from billing_center.payer.change_payer import ChangePayer, change_payer
from billing_center.service_control.control_services import control_services
from billing_center.settlement.arrears import in_arrears
from billing_center.settlement.record_callback import RecordCallback, record_callback
from billing_center.usage.park import parked_uses, release_due
from billing_center.usage.rate_usage import rate_usage
from billing_center.usage.record_usage import record_usages
from billing_center.usage.reported_uses import RecordUsage
from schema.tables.charges import charge, running_sum, usage_rollup
from schema.tables.invoices import invoice, invoice_line
from schema.tables.outbox import outbox_message

T = TypeVar("T")
NIGHT = timedelta(minutes=5)
SHARDS = {"first_shard": 0, "last_shard": 255}


@dataclass(frozen=True, slots=True)
class Charged:
    """One charge as a story looks at it; amounts are text without trailing zeros."""

    day: str
    order_id: str
    amount: str
    list_amount: str
    note: str
    period_start: str


class Story:
    """One story over one center."""

    def __init__(self, center: Center, clock: SettableClock) -> None:
        self.center = center
        self.clock = clock
        self._runs = 0

    def _do(self, actor: str, act: Callable[[UnitOfWork], T]) -> T:
        return self.center.transact(actor, act)

    def begin(self, moment: str) -> None:
        """The story begins at this moment instead of 1 March 2026."""
        self.clock.at = self._instant(moment)

    def sell(self, catalog: str) -> None:
        """Load a catalog file's text."""
        self._do("catalog", lambda work: load_catalog(work, catalog, "story.yaml"))

    def _instant(self, moment: str) -> datetime:
        """`2026-03-01` or `2026-03-01 10:00` in the business time zone."""
        return datetime.fromisoformat(moment).replace(tzinfo=self.center.settings.zone)

    def at(self, moment: str) -> None:
        """Let the time pass until this moment; the night's work is done at 00:05 of each new day."""
        to, zone = self._instant(moment), self.center.settings.zone
        day = self.clock.at.astimezone(zone).date() + timedelta(days=1)
        if self.clock.at < self._midnight(day - timedelta(days=1)) + NIGHT:
            day -= timedelta(days=1)
        while self._midnight(day) + NIGHT <= to:
            self.clock.at = max(self.clock.at, self._midnight(day) + NIGHT)
            self.night()
            day += timedelta(days=1)
        assert self.clock.at <= to, "a story never goes back"
        self.clock.at = to

    def _midnight(self, day: date) -> datetime:
        return datetime(day.year, day.month, day.day, tzinfo=self.center.settings.zone)

    def night(self) -> None:
        """The night's work of the day that the clock stands in, in one transaction."""
        self._runs += 1
        self._do("job", lambda work: _night(work, f"night-{self._runs}"))

    def rate_uses(self, *, real_time_only: bool = False) -> int:
        """Rate the uses that wait; how many were dealt with."""
        done = 0
        while True:
            now = self._do(
                "job",
                lambda work: rate_usage(work, **SHARDS, limit=1000, run_id="uses", real_time_only=real_time_only),
            )
            if not now:
                return done
            done += now

    def install(
        self,
        order_id: str,
        *,
        payer: str,
        product: str,
        billing: str = "日",
        customer: str = "",
        state: str = "ACTIVE",
        promotion: str = "",
        start: str = "",
        quota: bool = False,
        features: Mapping[str, str] | None = None,
    ) -> None:
        """A new order line; it starts now unless `start` says when."""
        order = InstallOrder(
            order_id=order_id, order_code=f"code-{order_id}", cust_id=customer or payer, payer_id=payer,
            product_id=product, billing_type=billing, state=state, promotion_id=promotion,
            start_at=self._instant(start) if start else self.clock.at, features=features or {}, is_quota=quota,
            installed_by="orders",
        )  # fmt: skip
        self._do("orders", lambda work: accept_order(work, order))

    def change(self, order_id: str, state: str) -> None:
        """The order system changes a state, now."""
        self._do("orders", lambda work: change_order_state(work, ChangeOrderState(order_id, state)))

    def accounts(self, payer: str, product: str, number: int) -> None:
        """The payer's authorised accounts for a product are this many from now on."""
        self._do("orders", lambda work: change_accounts(work, ChangeAccounts(payer, product, number)))

    def billing_day(self, payer: str, day: int) -> None:
        """The payer asks for another billing day."""
        self._do("operator", lambda work: change_payer(work, ChangePayer(payer, billing_day=day)))

    def currency(self, payer: str, currency: str) -> None:
        """The payer is charged in this currency from now on, where a product has a price in it."""
        self._do("operator", lambda work: change_payer(work, ChangePayer(payer, currency=currency)))

    def use(
        self,
        product: str,
        quantity: str = "1",
        *,
        user: str,
        payer: str = "",
        at: str = "",
        guid: str = "",
        unit: str = "",
        amount: str = "",
        minutes: int = 0,
    ) -> None:
        """A use is reported now; it happened now unless `at` says when, and lasted so many minutes."""
        moment = self._instant(at) if at else self.clock.at
        report = RecordUsage(
            caller="product", guid=guid, user_id=user, user_name="", payer_id=payer, product_id=product,
            product_name="", started_at=moment, ended_at=moment + timedelta(minutes=minutes),
            amount=Decimal(amount) if amount else None, quantity=Decimal(quantity) if quantity else None,
            unit=unit,
        )  # fmt: skip
        [refused] = self._do("product", lambda work: record_usages(work, [report]))
        assert refused is None, refused

    def pay(self, invoice_id: str) -> None:
        """The account system says that the deduction succeeded."""
        self._do("account", lambda work: record_callback(work, RecordCallback(invoice_id, "PAID")))

    def fail(self, invoice_id: str) -> None:
        """The account system says that the deduction failed."""
        self._do("account", lambda work: record_callback(work, RecordCallback(invoice_id, "FAILED")))

    def state(self, order_id: str) -> str:
        """The order's state; `SUSPENDED ARREARS` when arrears stopped it."""
        with self.center.reading() as work:
            order = find_order(work.connection, order_id)
        assert order is not None
        return order.state.value if order.stopped_for.value == "-" else f"{order.state} {order.stopped_for}"

    def owes(self, payer: str) -> bool:
        """Whether the payer is in arrears."""
        with self.center.reading() as work:
            return in_arrears(work, payer)

    def parked(self) -> list[str]:
        """Why uses are parked, oldest first."""
        with self.center.reading() as work:
            return [use.reason for use in parked_uses(work)]

    def charges(self, payer: str) -> list[Charged]:
        """The payer's charges by day, order and component."""
        c = charge.c
        statement = select(charge).where(c.payer_id == payer)
        statement = statement.order_by(c.day, c.order_id, c.cause_id, c.component)
        with self.center.reading() as work:
            return [
                Charged(
                    row.day.isoformat(), row.order_id, plain(row.amount, least_digits=2),
                    plain(row.list_amount, least_digits=2), row.note, row.period_start.isoformat(),
                )
                for row in work.connection.execute(statement)
            ]  # fmt: skip

    def days_charged(self, payer: str, order_id: str = "") -> dict[str, str]:
        """Amount by day of the payer's (one order's) charges that are not free, `03-01` style."""
        amounts: dict[str, Decimal] = {}
        for one in self.charges(payer):
            if Decimal(one.amount) and order_id in ("", one.order_id):
                amounts[one.day[5:]] = amounts.get(one.day[5:], Decimal(0)) + Decimal(one.amount)
        return {day: plain(amount, least_digits=2) for day, amount in amounts.items()}

    def invoice(self, invoice_id: str) -> Invoice:
        """An invoice with totals and lines; it must exist."""
        with self.center.reading() as work:
            [found] = read_invoices(work.connection, [invoice_id])
        return found

    def lines(self, invoice_id: str) -> list[tuple[str, str, str, str]]:
        """(order, product, currency, amount) of each line of an invoice, in order."""
        return [
            (line.order_id, line.product_id, line.currency, plain(line.amount, least_digits=2))
            for line in self.invoice(invoice_id).lines
        ]

    def invoices(self, payer: str) -> dict[str, str]:
        """Base amount by invoice id, oldest first."""
        statement = select(invoice.c.invoice_id, invoice.c.base_amount).where(invoice.c.payer_id == payer)
        with self.center.reading() as work:
            rows = work.connection.execute(statement.order_by(invoice.c.period_start)).all()
        return {row.invoice_id: plain(row.base_amount, least_digits=2) for row in rows}

    def commands(self, order_id: str) -> list[str]:
        """What the outbox holds for the order system about an order, in order."""
        table = outbox_message.c
        statement = select(table.payload).where(table.subject_id == order_id, table.kind == MessageKind.CONTROL)
        with self.center.reading() as work:
            payloads = list(work.connection.execute(statement.order_by(table.seq)).scalars())
        return [str(json.loads(payload)["action"]) for payload in payloads]

    def check_the_books(self) -> None:
        """Running sums and roll-ups equal the charges, and every invoice line equals the charges of its period."""
        while self._do("job", lambda work: roll_up(work, **SHARDS, limit=1000)):
            pass
        assert self._added(running_sum, *_SUMMED) == self._added(charge, *_SUMMED)
        assert self._added(usage_rollup, *_ROLLED) == self._added(charge, *_ROLLED)
        billed = (
            select(invoice.c.payer_id, invoice.c.period_start, invoice_line.c.order_id, invoice_line.c.product_id)
            .add_columns(invoice_line.c.currency, invoice_line.c.rated_amount)
            .join(invoice_line, invoice_line.c.invoice_id == invoice.c.invoice_id)
        )
        sums = self._added(charge, *_SUMMED)
        with self.center.reading() as work:
            for *key, rated_amount in work.connection.execute(billed):
                assert sums[tuple(key)][0] == rated_amount, key

    def _added(self, table: object, *names: str) -> dict[tuple[object, ...], tuple[Decimal, Decimal, Decimal]]:
        columns = [table.c[name] for name in names]  # type: ignore[attr-defined]
        summed = [func.sum(table.c[name]) for name in ("amount", "list_amount", "quantity")]  # type: ignore[attr-defined]
        with self.center.reading() as work:
            rows = work.connection.execute(select(*columns, *summed).group_by(*columns))
            return {tuple(row[: len(names)]): tuple(row[len(names) :]) for row in rows}


def _night(work: UnitOfWork, run_id: str) -> None:
    release_due(work, **SHARDS, limit=1000)
    while rate_usage(work, **SHARDS, limit=1000, run_id=run_id):
        pass
    after = ""
    while True:
        yesterday = work.today - timedelta(days=1)
        rated = rate_days(work, **SHARDS, through=yesterday, after_order=after, limit=1000, run_id=run_id)
        assert rated.failures == 0, "a day could not be rated"
        if not rated.last_order_id:
            break
        after = rated.last_order_id
    issue_invoices(work, **SHARDS, on=work.today, after_payer="", limit=1000, run_id=run_id)
    number_invoices(work, run_id=run_id, limit=1000)
    control_services(work, **SHARDS, on=work.today, after_payer="", limit=1000, run_id=run_id)


_SUMMED = ("payer_id", "period_start", "order_id", "product_id", "currency")
_ROLLED = ("payer_id", "day", "user_id", "product_id", "currency")
