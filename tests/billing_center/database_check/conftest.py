"""Books that are in order, and a way to tamper with them that is taken back."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Connection, Table, delete, insert, select, update

from billing_center.center import Center
from billing_center.charge.roll_up import roll_up
from billing_center.clock import SettableClock
from billing_center.correction.correct_use import UseNamed, WithdrawUse, withdraw_use
from billing_center.correction.credit_invoice import CreditInvoice, credit_invoice
from billing_center.database_check.check import Scope
from billing_center.database_check.run_checks import CHECKS, run_check
from tests.scenarios.story import Story

TODAY = date(2026, 4, 3)
SCOPE = Scope(TODAY, months_ahead=2)


@dataclass
class Tampering:
    """Changes of one transaction that is never committed, and what the checks say of them."""

    connection: Connection

    def first(self, table: Table, *where: Any) -> Any:
        """The first row by key."""
        statement = select(table).where(*where).order_by(*table.primary_key)
        return self.connection.execute(statement.limit(1)).one()

    def set(self, table: Table, row: Any, **values: Any) -> None:
        """Write over columns of one row."""
        changed = self.connection.execute(update(table).where(*self._is(table, row)).values(**values))
        assert changed.rowcount == 1

    def drop(self, table: Table, row: Any) -> None:
        """Delete one row."""
        assert self.connection.execute(delete(table).where(*self._is(table, row))).rowcount == 1

    def add(self, table: Table, row: Any, **values: Any) -> None:
        """Add a row like another one."""
        self.connection.execute(insert(table).values(**(dict(row._mapping) | values)))

    def _is(self, table: Table, row: Any) -> list[Any]:
        return [column == getattr(row, column.name) for column in table.primary_key]

    def findings(self, *names: str, scope: Scope = SCOPE) -> list[str]:
        """What the checks of these names (all of them) find."""
        return [
            f"{one.check}: {one.subject}: {one.what}"
            for check in CHECKS
            if not names or check.name in names
            for one in run_check(self.connection, check, scope).findings
        ]


CATALOG = """
products:
  - id: sms
    name: 短信
    currency: CNY
    unit: count
    filters: [{name: probes, users: [probe]}]
    packages: [{id: p100, units: 100, price: {CNY: 8.00}, days: 30}]
    plans:
      per_use:
        - valid_from: 2026-01-01
          prices: [{currency: CNY, model: graduated, tiers: [{up_to: 5, price: 0.10}, {price: 0.07}]}]
  - id: seat
    name: 坐席
    currency: CNY
    plans:
      day: [{valid_from: 2026-01-01, price: {CNY: 2.00}}]
      month: [{valid_from: 2026-01-01, in_advance: true, price: {CNY: 310.00}}]
promotions:
  - {id: tenth, percent_off: 10}
"""


@pytest.fixture
def living(center: Center, clock: SettableClock) -> Center:
    """Two payers from 20 February to 3 April: days, a month in advance, tiers, a package, a filtered use, one
    parked, one withdrawn of a closed period, an invoice that is credited in part."""
    story = Story(center, clock)
    story.begin("2026-02-20 09:00")
    story.sell(CATALOG)
    story.install("days-a", payer="a", product="seat", billing="日", promotion="tenth")
    story.install("month-b", payer="b", product="seat", billing="月")
    story.install("pack-b", payer="b", product="sms", billing="次", features={"package": "p100"})
    for day in (20, 21, 22):
        story.at(f"2026-02-{day} 10:00")
        for guid in range(3):
            story.use("sms", "1", user="u-a", payer="a", guid=f"{day}-{guid}")
    story.use("sms", "4", user="u-b", payer="b", guid="b")
    story.use("sms", "1", user="probe", payer="a", guid="probe")
    story.at("2026-03-02 10:00")
    story.use("sms", "1", user="nobody", guid="parked")
    story.pay("a-20260201")
    named = UseNamed(caller="product", guid="21-0")
    center.transact("olga", lambda work: withdraw_use(work, WithdrawUse(named, "sent twice")))
    credit = CreditInvoice("b-20260201", "goodwill", {1: Decimal("1.00")})
    center.transact("olga", lambda work: credit_invoice(work, credit))
    story.at("2026-04-03 10:00")
    while center.transact("job", lambda work: roll_up(work, first_shard=0, last_shard=255, limit=1000)):
        pass
    return center
