"""A billing center on an SQLite database of its own, served on a free port, with the facts of bad-input.md."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from billing_center.access.refused_calls import RefusedCallEntry, list_refused
from billing_center.bootstrap import open_center
from billing_center.bulk import insert_rows
from billing_center.catalog.load_catalog import load_catalog
from billing_center.center import UnitOfWork
from billing_center.clock import SettableClock
from billing_center.ids import shard_of
from billing_center.order.accept_order import InstallOrder, accept_order
from billing_center.settings import Settings
from schema.tables import metadata
from schema.tables.access import refused_call
from schema.tables.invoices import invoice
from tests.door import RunningDoor, running_door

CATALOG = Path(__file__).parent / "catalog.yaml"
NOW = datetime(2026, 2, 28, 16, tzinfo=UTC)
"""1 March 2026, 00:00 in Shanghai."""

INVOICE_ID = "payer-1-20260201"
ORDERS = {"known": "1", "waiting": "0", "stopped": "2", "ended": "3"}


def prepare(database_url: str) -> None:
    """Load catalog.yaml and the facts of docs/bad-input.md into an empty migrated database, for tests to copy."""
    center = open_center(Settings(database_url=database_url), clock=SettableClock(NOW))

    def add(work: UnitOfWork) -> None:
        for order_id, state in ORDERS.items():
            accept_order(work, order_of_mail(order_id, state))
        insert_rows(work.connection, invoice, [invoice_row(work)])

    center.transact("test", lambda work: load_catalog(work, CATALOG.read_text("utf-8"), CATALOG.name))
    center.transact("test", add)
    center.database.close()


@contextmanager
def serving(database_url: str) -> Iterator["ServedCenter"]:
    """A served center on a prepared database."""
    center = open_center(Settings(database_url=database_url), clock=SettableClock(NOW))
    try:
        with running_door(center) as door:
            yield ServedCenter(door)
    finally:
        center.database.close()


class ServedCenter:
    """A center, its door on a port, and a caller who may do everything."""

    def __init__(self, door: RunningDoor) -> None:
        self.center = door.center
        self.url = door.url
        self.door = door
        self.user, self.password = door.caller("operator")
        self._client = door.hessian("operator")

    def add_caller(self, caller_id: str, **allowed: Any) -> str:
        """The secret of a new caller."""
        return self.door.caller(caller_id, **allowed)[1]

    def call(self, operation: str, *arguments: Any) -> Any:
        """A call through the door. Raises: FaultReply; CallFailed."""
        return self._client.call(operation, *arguments)

    def refused_calls(self) -> list[RefusedCallEntry]:
        """The refused calls that are kept, the newest first."""
        with self.center.reading() as work:
            return list_refused(work)

    def forget_refused_calls(self) -> None:
        """So that the next test sees its own only."""
        self.center.transact("test", lambda work: work.connection.execute(refused_call.delete()))

    def rows(self, table_name: str) -> list[Any]:
        """Every row of a table."""
        with self.center.reading() as work:
            return list(work.connection.execute(select(metadata.tables[table_name])))

    def counts(self) -> dict[str, int]:
        """How many rows each table has, but for that of refused calls."""
        tables = [table for table in metadata.sorted_tables if table is not refused_call]
        with self.center.reading() as work:
            counted = [select(func.count()).select_from(table) for table in tables]
            numbers = [work.connection.execute(statement).scalar_one() for statement in counted]
        return {table.name: number for table, number in zip(tables, numbers, strict=True)}


def order_of_mail(order_id: str, state: str) -> InstallOrder:
    """The good argument of installOrder in docs/bad-input.md under another id and state."""
    return InstallOrder(
        order_id=order_id,
        order_code="OC-1",
        cust_id="customer-1",
        payer_id="payer-1",
        product_id="mail",
        billing_type="日",
        state=state,
        promotion_id="",
        start_at=NOW,
        features={},
        is_quota=False,
        installed_by="test",
    )


def invoice_row(work: UnitOfWork) -> dict[str, object]:
    """An invoice of payer-1 for February, sent."""
    return {
        "invoice_id": INVOICE_ID,
        "invoice_no": "2026-00000001",
        "payer_id": "payer-1",
        "shard": shard_of("payer-1"),
        "cust_id": "customer-1",
        "cust_name": "",
        "period_start": date(2026, 2, 1),
        "period_end": date(2026, 3, 1),
        "state": "SENT",
        "base_currency": "CNY",
        "base_amount": Decimal("60.00"),
        "billed_on": date(2026, 3, 1),
        "due_day": date(2026, 3, 8),
        "control_day": date(2026, 3, 11),
        "issued_at": work.at,
        "settled_at": None,
        "flagged": False,
        "run_id": "test",
    }
