"""Days rated inside the database beside days rated one by one: the same rows in every table, to the digit.

A town stands twice in one database. Its second copy goes the plain way, since each of its payers was granted money
for a product that nobody has, and whoever has a grant is looked at by himself.
"""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Table, select

from billing_center.allowance.store import GrantRow, insert_grant
from billing_center.bulk import insert_rows
from billing_center.catalog.load_catalog import load_catalog
from billing_center.center import Center, UnitOfWork
from billing_center.charge.book_inside import can_book_inside
from billing_center.ids import shard_of
from billing_center.order.orders_to_rate import cut, stretch_from
from billing_center.order.rate_crowd import rate_crowd
from billing_center.order.rate_days import DaysRated, rate_days
from billing_center.order.store import OrderRow, insert_order
from billing_center.period import ONE_DAY
from billing_center.rating.facts import Grant, GrantKind
from schema.tables.charges import charge, meter, rollup_dirty, running_sum
from schema.tables.jobs import job_failure
from schema.tables.orders import (
    account_change,
    first_opening,
    order_state_change,
    payer,
    payer_billing_day,
    service_order,
)
from tests.billing_center.order.test_alike_days import CATALOG, DAYS, FIRST, Town

HALVES = [(0, 127), (128, 255)]


@pytest.fixture
def stocked(center: Center) -> Center:
    center.transact("test", lambda work: load_catalog(work, CATALOG, "test.yaml"))
    return center


def settle(center: Center, town: Town, copy: str) -> None:
    """Write the town's people down, their names beginning with `copy`."""
    center.transact("test", lambda work: _settle(work, town, copy))


def _settle(work: UnitOfWork, town: Town, copy: str) -> None:
    at, facts = work.at, town.facts
    stamps = {"installed_at": at, "installed_by": "test", "promotion_note": ""}
    for row in facts.payers.values():
        name = copy + row.payer_id
        of = {"payer_id": name, "shard": shard_of(name)}
        insert_rows(work.connection, payer, [
            of | {"name": "", "cust_id": "c", "currency": row.currency, "billing_day": row.billing_day,
                  "grace_days": None, "closed_until": row.closed_until, "created_at": at}
        ])  # fmt: skip
        insert_rows(work.connection, payer_billing_day, [
            of | {"effective_from": c.effective_from, "billing_day": c.billing_day, "recorded_at": at,
                  "actor": "t"}
            for c in facts.schedules[row.payer_id].changes
        ])  # fmt: skip
        grants = list(facts.grants.get(row.payer_id, ()))
        if copy == "plain-":
            grants.append(Grant("none", GrantKind.MONEY, "nothing", Decimal(1), "CNY", FIRST, None, 1))
        for grant in grants:
            own = Grant(f"{name}-{grant.grant_id}", *(getattr(grant, f) for f in list(Grant.__slots__)[1:]))
            insert_grant(work.connection, GrantRow(own, name, "", at, "test", ""))
    for order in town.orders:
        name = copy + order.payer_id
        of = {"payer_id": name, "shard": shard_of(name)}
        _insert(work, order, copy, stamps)
        insert_rows(work.connection, order_state_change, [
            of | {"order_id": copy + order.order_id, "seq": n, "at": state.at, "from_state": "-",
                  "to_state": "ACTIVE" if state.active else "SUSPENDED", "actor": "test", "reason": ""}
            for n, state in enumerate(facts.states[order.order_id])
        ])  # fmt: skip
    for (payer_id, product_id), changes in facts.accounts.items():
        of = {"payer_id": copy + payer_id, "shard": shard_of(copy + payer_id), "product_id": product_id}
        insert_rows(work.connection, account_change, [
            of | {"change_id": f"{n:026d}", "at": c.at, "accounts": c.number, "actor": "test"}
            for n, c in enumerate(changes)
        ])  # fmt: skip
    for (payer_id, product_id), day in facts.openings.items():
        of = {"payer_id": copy + payer_id, "shard": shard_of(copy + payer_id), "product_id": product_id}
        insert_rows(work.connection, first_opening, [of | {"day": day}])


def _insert(work: UnitOfWork, order: OrderRow, copy: str, stamps: dict[str, object]) -> None:
    values = {name: getattr(order, name) for name in OrderRow.__slots__} | {
        "order_id": copy + order.order_id,
        "payer_id": copy + order.payer_id,
        "shard": shard_of(copy + order.payer_id),
        "rated_through": max(order.start_day, FIRST) - ONE_DAY,
    }
    insert_order(work.connection, OrderRow(**values), extra=stamps)


def rate_half(center: Center, shards: tuple[int, int], day: date, limit: int) -> int:
    """Rate the days up to one as a task does, chunk after chunk; how many orders."""
    after, done = "", 0

    def chunk(work: UnitOfWork) -> DaysRated:
        first, last = shards
        return rate_days(
            work, first_shard=first, last_shard=last, through=day, after_order=after, limit=limit, run_id="r"
        )

    while True:
        found = center.transact("test", chunk)
        done, after = done + found.orders, found.last_order_id
        if not after:
            return done


def crowd_alone(center: Center, day: date, limit: int) -> int:
    """The crowd of the first orders, as when a run stops there."""

    def act(work: UnitOfWork) -> int:
        if not can_book_inside(work.connection):
            return 0
        stretch = stretch_from(work.connection, first_shard=0, last_shard=255, through=day, after_order="")
        return rate_crowd(work, cut(work.connection, stretch, limit), day, run_id="r")

    return center.transact("test", act)


def kept(center: Center, table: Table, copy: str) -> list[tuple[str, ...]]:
    """The copy's rows without the copy's name."""
    with center.reading() as work:
        owner = table.c["subject" if table is job_failure else "payer_id"]
        rows = work.connection.execute(select(table).where(owner.startswith(copy))).mappings().all()
    hidden = {"shard", "message"}  # a message names the payer
    return sorted(tuple(str(row[n]).replace(copy, "") for n in row if n not in hidden) for row in rows)


def check_copies(center: Center, town: str) -> None:
    for table in (charge, meter, running_sum, job_failure):
        assert kept(center, table, "crowd-") == kept(center, table, "plain-"), f"{town}: {table.name}"
    decided = select(service_order.c.order_id, service_order.c.rated_through)
    with center.reading() as work:
        days = {row[0]: row[1] for row in work.connection.execute(decided)}
        marks = set(work.connection.execute(select(rollup_dirty.c.shard, rollup_dirty.c.day)))
        cells = set(work.connection.execute(select(charge.c.shard, charge.c.day).distinct()))
    assert marks == cells
    for name, day in days.items():
        assert day == days[name.replace("crowd-", "plain-")], f"{town}: {name}"


@pytest.mark.parametrize("seed", [1, 2])
def test_a_crowd_is_rated_as_each_order_by_itself(stocked: Center, seed: int) -> None:
    town, dice = Town(seed), random.Random(seed)
    settle(stocked, town, "crowd-")
    settle(stocked, town, "plain-")
    alike = 0
    with ThreadPoolExecutor(2) as workers:
        for n, day in enumerate(DAYS[::seed]):  # every day, or two days at once
            if n % 3 == 0:
                alike += crowd_alone(stocked, day, limit=200)
            limit = dice.choice([7, 40, 1000])
            list(workers.map(lambda half, d=day, size=limit: rate_half(stocked, half, d, size), HALVES))
            if n % 5 == 0:
                charges = len(kept(stocked, charge, "crowd-"))
                failed = len(kept(stocked, job_failure, "crowd-")) + len(kept(stocked, job_failure, "plain-"))
                again = sum(rate_half(stocked, half, day, limit) for half in HALVES)
                assert (again, len(kept(stocked, charge, "crowd-"))) == (failed, charges)
    check_copies(stocked, f"seed {seed}")
    assert alike > 50 or seed > 1 or stocked.database.kind == "oracle", "hardly anyone went with the crowd"
