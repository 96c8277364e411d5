"""Books: a center with payers, orders and running sums put in by hand, for the rooms that money goes out of."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, Table, select

from billing_center.catalog.snapshot import CatalogCache, CatalogProduct, CatalogSnapshot
from billing_center.center import Center
from billing_center.clock import SettableClock
from billing_center.ids import shard_of
from billing_center.invoice.invoice import Invoice
from billing_center.invoice.issue_invoices import InvoicesIssued, issue_invoices
from billing_center.invoice.number_invoices import number_invoices
from billing_center.invoice.show_invoice import find_invoice
from billing_center.order.state import OrderState, StoppedFor
from billing_center.order.store import OrderRow, find_order, insert_order, insert_state_change
from billing_center.order.store import StateChangeRow as Change
from billing_center.rating.facts import PlanKind
from billing_center.rating.price_version import Product
from billing_center.settings import Settings
from billing_center.settlement.record_callback import RecordCallback, record_callback
from schema.tables import metadata
from schema.tables.charges import running_sum
from schema.tables.orders import payer

SHANGHAI = ZoneInfo("Asia/Shanghai")
MARCH, APRIL, MAY, JUNE = (date(2026, month, 1) for month in (3, 4, 5, 6))


@dataclass
class Books:
    """Everything by hand: a catalog in memory, and rows as the rating side would have left them."""

    opened: Center
    clock: SettableClock
    products: dict[str, CatalogProduct] = field(default_factory=dict)
    rates: dict[str, tuple[tuple[date, Decimal], ...]] = field(default_factory=dict)
    settings_changed: dict[str, Any] = field(default_factory=dict)

    @property
    def center(self) -> Center:
        """The center over the catalog and settings as they are now."""

        def snapshot(connection: Connection, version: str) -> CatalogSnapshot:
            return CatalogSnapshot(version=version, products=dict(self.products), rates=dict(self.rates))

        settings = Settings.model_validate(self.opened.settings.model_dump() | self.settings_changed)
        return replace(self.opened, catalogs=CatalogCache(snapshot), settings=settings)

    def day(self, day: date, hour: int = 0, minute: int = 5) -> None:
        """Set the clock to a time of a civil day in Shanghai."""
        self.clock.at = datetime(day.year, day.month, day.day, hour, minute, tzinfo=SHANGHAI)

    def product(self, product_id: str, **terms: Any) -> None:
        """Put a product without prices into the catalog."""
        product = Product(product_id, terms.pop("name", f"{product_id} name"), True, "CNY", ())
        self.products[product_id] = CatalogProduct(product, "", **terms)

    def rate(self, currency: str, rate: str, since: date = date(2026, 1, 1)) -> None:
        """Add an exchange rate, later ones last."""
        self.rates[currency] = (*self.rates.get(currency, ()), (since, Decimal(rate)))

    def payer(self, payer_id: str, **columns: Any) -> None:
        """Put a payer in: no grace days of its own, nothing closed."""
        row = {
            "payer_id": payer_id, "shard": shard_of(payer_id), "name": "", "cust_id": "", "currency": "CNY",
            "billing_day": 1, "grace_days": None, "closed_until": date(1970, 1, 1), "created_at": self.clock.at,
        } | columns  # fmt: skip
        self._insert(payer, row)

    def order(
        self, order_id: str, payer_id: str, *, product_id: str = "mail", state: OrderState = OrderState.ACTIVE,
        stopped_for: StoppedFor = StoppedFor.NOTHING, order_code: str = "OC",
    ) -> None:  # fmt: skip
        """Put an order in, installed on 1 March in the state given."""
        at = datetime(2026, 3, 1, tzinfo=SHANGHAI)
        row = OrderRow(
            order_id=order_id, order_code=order_code, cust_id="c-1", payer_id=payer_id, shard=shard_of(payer_id),
            product_id=product_id, plan=PlanKind.DAY, promotion_id="-", start_at=at, start_day=MARCH, features={},
            is_quota=False, state=state, stopped_for=stopped_for, change_count=1, facts_hash="-",
            rated_through=MARCH - timedelta(days=1), ended_day=None,
        )  # fmt: skip
        extra = {"promotion_note": "", "installed_at": at, "installed_by": "test"}

        def put(connection: Connection) -> None:
            insert_order(connection, row, extra=extra)
            insert_state_change(connection, row, Change(order_id, 0, at, "-", state.value, "test", "installed"))

        self.opened.database.transact(put)

    def sum(
        self, payer_id: str, amount: str, *, order_id: str = "-", product_id: str = "mail", currency: str = "CNY",
        start: date = MARCH, end: date = APRIL, list_amount: str | None = None, quantity: str = "1",
    ) -> None:  # fmt: skip
        """Put a running sum in, as if its charges had been booked."""
        row = {
            "payer_id": payer_id, "period_start": start, "order_id": order_id, "product_id": product_id,
            "currency": currency, "period_end": end, "shard": shard_of(payer_id), "quantity": Decimal(quantity),
            "amount": Decimal(amount), "list_amount": Decimal(list_amount or amount), "charges": 1,
            "invoice_id": "",
        }  # fmt: skip
        self._insert(running_sum, row)

    def _insert(self, table: Table, row: dict[str, Any]) -> None:
        self.opened.database.transact(lambda connection: connection.execute(table.insert(), [row]))

    def issue(self, on: date, *, run_id: str = "run-1", limit: int = 1000) -> InvoicesIssued:
        """Run the bill run over every shard in chunks of `limit` payers; the sums of what the chunks did."""
        invoices = lines = failures = 0
        after, center = "", self.center
        while True:
            done = center.transact(
                "jobs",
                lambda work, after=after: issue_invoices(  # type: ignore[misc]
                    work, first_shard=0, last_shard=255, on=on, after_payer=after, limit=limit, run_id=run_id
                ),
            )
            invoices, lines, failures = invoices + done.invoices, lines + done.lines, failures + done.failures
            after = done.last_payer_id
            if not after:
                return InvoicesIssued(invoices, lines, "", failures)

    def number(self, *, limit: int = 1000, run_id: str = "run-1") -> int:
        """Number everything that is issued, in chunks."""
        total, center = 0, self.center
        while done := center.transact("jobs", lambda work: number_invoices(work, run_id=run_id, limit=limit)):
            total += done
        return total

    def callback(self, invoice_id: str, word: str) -> None:
        """The account system calls back."""
        self.center.transact(
            "account-system", lambda work: record_callback(work, RecordCallback(invoice_id, word))
        )

    def invoice(self, id_or_number: str) -> Invoice:
        """The invoice as it is kept."""
        with self.opened.reading() as work:
            return find_invoice(work.connection, id_or_number)

    def order_now(self, order_id: str) -> OrderRow:
        """The order as it is kept."""
        with self.opened.reading() as work:
            found = find_order(work.connection, order_id)
        assert found is not None
        return found

    def rows(self, table: Table | str, *order_by: str) -> Sequence[Any]:
        """Every row of a table."""
        chosen = metadata.tables[table] if isinstance(table, str) else table
        with self.opened.reading() as work:
            return work.connection.execute(select(chosen).order_by(*(chosen.c[name] for name in order_by))).all()


@pytest.fixture
def books(center: Center, clock: SettableClock) -> Books:
    """Empty books on 1 March 2026, with a product `mail` and the default settings (grace 7 days, control 10)."""
    made = Books(center, clock)
    made.product("mail", name="Mail")
    return made


@pytest.fixture
def issued(books: Books) -> Callable[..., str]:
    """Issue and number one invoice of 100.00 CNY for March on 1 April; returns its id."""

    def issue(payer_id: str = "p-1", amount: str = "100.00") -> str:
        books.payer(payer_id)
        books.sum(payer_id, amount)
        books.day(APRIL)
        books.issue(APRIL)
        books.number()
        return f"{payer_id}-20260301"

    return issue
