"""Counting ends at the bound, and says so."""

from sqlalchemy import select

from billing_center.bounded_count import BoundedCount, count_rows
from billing_center.center import Center
from billing_center.payer.store import NewPayer, make_known
from schema.tables.orders import payer


def test_rows_are_counted_up_to_the_bound_and_no_further(center: Center) -> None:
    met = [NewPayer(f"p-{n}", "", "CNY", 1) for n in range(3)]
    center.transact("test", lambda work: make_known(work.connection, met, at=work.at))
    ids = select(payer.c.payer_id)
    with center.reading() as work:
        assert count_rows(work.connection, ids, most=3) == BoundedCount(3)
        assert count_rows(work.connection, ids, most=2) == BoundedCount(2, more=True)
        assert not count_rows(work.connection, ids.where(payer.c.payer_id == "x"))
