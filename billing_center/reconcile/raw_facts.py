"""What some payers' books and raw facts are: rows as they stand, in bulk, for a bounded number of payers.

Nothing is worked out here. Where it stands in the walk: `reconcile_payers` reads one of these for each chunk.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from billing_center.center import UnitOfWork
from billing_center.history.history_month import MonthState, months_known
from billing_center.history.whole import charge, usage_event
from billing_center.ids import NONE
from billing_center.reconcile.known_then import Catalog, PayerTerms, histories, read_catalog, read_terms
from billing_center.reconcile.read_rows import Row, grouped, read_rows, rows_of
from schema.partitions import last_day
from schema.tables.allowances import allowance_grant
from schema.tables.catalog import factor_value, redemption
from schema.tables.charges import meter, running_sum
from schema.tables.corrections import (
    correction,
    correction_payer,
    credit_note,
    credit_note_line,
    usage_correction,
    usage_withdrawal,
)
from schema.tables.invoices import invoice, invoice_line, invoice_total
from schema.tables.orders import account_change, first_opening, order_state_change, payer, service_order
from schema.tables.outbox import outbox_message, outbox_try

MeterName = tuple[str, str, str, str, str]
"""(product, order, scope, price version, component) within a payer."""

EVER = "ever"
CLOCKS_DIFFER = timedelta(minutes=10)
OUTLIVES_VERSIONS = ("allowance", "promotion", "paid-until")
BALANCES = ("included:", "grant:")
NOT_COMPARED = ("note", "shard")
"""Columns of charges that say nothing about money."""
CHARGE_COLUMNS = tuple(column for column in charge.c if column.name not in NOT_COMPARED)
_PLACES = {column.name: place for place, column in enumerate(CHARGE_COLUMNS)}


def of_charge(*names: str) -> Callable[[Row], tuple[Any, ...]]:
    """Takes several columns out of a charge's row, together."""
    return itemgetter(*(_PLACES[name] for name in names))


def meter_name(product_id: str, order_id: str, scope: str, version_id: str, component: str) -> MeterName:
    """A meter's name. Free units outlive price versions, and a grant may be for any product."""
    if component.startswith("grant:"):
        return NONE, NONE, scope, NONE, component
    return product_id, order_id, scope, NONE if component in OUTLIVES_VERSIONS else version_id, component


@dataclass(frozen=True, slots=True)
class Rerating:
    """A payer's days of a product were rated anew at an instant, `first` to `last`, both included.

    No product where it is not told yet: the re-rating has not come to its end for other payers.
    """

    correction_id: str
    at: datetime
    product_id: str
    first: date
    last: date


@dataclass(slots=True)
class PayerFacts:
    """One payer: its row, its facts, its books; and what was found out by product, so as not to ask twice."""

    payer_id: str
    row: Row
    terms: PayerTerms
    orders: list[Row] = field(default_factory=list)
    charges: list[Row] = field(default_factory=list)
    meters: dict[MeterName, Decimal] = field(default_factory=dict)
    sums: list[Row] = field(default_factory=list)
    invoices: list[Row] = field(default_factory=list)
    openings: dict[str, date] = field(default_factory=dict)
    grants: list[Row] = field(default_factory=list)
    reratings: list[Rerating] = field(default_factory=list)
    told_openings: dict[str, tuple[list[tuple[datetime, date]], date | None]] = field(default_factory=dict)
    orders_for: dict[tuple[str, str], list[Row]] = field(default_factory=dict)
    ends: set[date] | None = None
    moves: dict[MeterName, list[Row]] = field(default_factory=dict)
    used: list[Row] | None = None
    rated: dict[str, datetime] = field(default_factory=dict)
    rest: list[Row] = field(default_factory=list)  # the charges that are not settled yet (`settle`)

    def most_read(self, name: MeterName, at: datetime) -> Decimal:
        """The most that a meter may have read at about an instant, by its charges: clocks of nodes differ."""
        return max(self._read_about(name, at))

    def least_read(self, name: MeterName, at: datetime) -> Decimal:
        """The least that it may have read."""
        return min(self._read_about(name, at))

    def _read_about(self, name: MeterName, at: datetime) -> list[Decimal]:
        if not self.moves:
            for row in self.rest:
                if row.meter_scope == EVER:
                    of = meter_name(row.product_id, row.meter_order_id, EVER, row.version_id, row.meter_component)
                    self.moves.setdefault(of, []).append(row)
        before, found = Decimal(0), []
        for row in self.moves.get(name, ()):
            if row.rated_at < at - CLOCKS_DIFFER:
                before += row.reading_after - row.reading_before
            elif row.rated_at <= at + CLOCKS_DIFFER:
                found += [row.reading_before, row.reading_after]
        return [before, *found]

    def closed_ends(self) -> set[date]:
        """The days on which periods ended that are invoiced."""
        if self.ends is None:
            self.ends = {self.terms.billing_days.period(row.period_start)[1] for row in self.invoices}
        return self.ends

    def uses(self) -> list[Row]:
        """The charges of uses, corrections apart."""
        if self.used is None:
            self.used = [row for row in self.charges if row.cause == "use"]
        return self.used

    def first_rated(self) -> dict[str, datetime]:
        """When each use was first rated."""
        if not self.rated:
            for row in self.uses():
                if row.cause_id not in self.rated or row.rated_at < self.rated[row.cause_id]:
                    self.rated[row.cause_id] = row.rated_at
        return self.rated

    def began(self) -> date:
        """The first day that the payer may have facts of, by its orders and running sums."""
        days = [order.start_day for order in self.orders] + [row.period_start for row in self.sums]
        return min(days, default=date.max)


@dataclass(slots=True)
class Facts:
    """The payers of a chunk, and what their rows lead to."""

    zone: ZoneInfo
    today: date
    base_currency: str
    catalog: Catalog
    payers: dict[str, PayerFacts]
    uses: dict[str, Row]
    users_orders: dict[str, list[Row]]  # of users whose uses named no payer, by user
    changes: dict[str, list[Row]]  # of state, by order, in order
    accounts: dict[tuple[str, str], list[tuple[datetime, Decimal]]]
    lines: dict[str, list[Row]]  # by invoice
    totals: dict[str, list[Row]]  # by invoice
    messages: dict[str, list[Row]]  # by invoice or order
    first_tries: dict[str, datetime]  # when a deduction was first sent, by message
    notes: dict[str, list[Row]]  # credit notes by invoice, in the order in which they were issued
    note_lines: dict[str, list[Row]]  # by credit note
    corrections: dict[str, list[Row]]  # by the invoice or order that they are about
    recorded: dict[tuple[str, int], datetime]  # when changes of state were dated back, by order and number
    withdrawn: dict[str, Row]  # by use
    factors: dict[str, list[tuple[datetime, Decimal]]]
    corrects: dict[str, str]  # the use in whose place each corrected one stands
    granted: dict[str, Mapping[str, Any]]  # what the audit says of grants, by their ids
    redeemed: dict[str, list[Row]]  # promotions that orders of a payer were promised, by payer
    deleted_through: date | None  # the last day of which history policy has deleted facts
    has_use: Callable[[str, str, date], bool]  # whether the payer (or nobody) used the product on the day
    alike: dict[Any, Any] = field(default_factory=dict)  # what was worked out for one payer and holds for others

    def known_since(self, change: Row) -> datetime:
        """When a change of state became known: what an operator dated back, later than it holds from."""
        at: datetime = self.recorded.get((change.order_id, change.seq), change.at)
        return at


def read_facts(work: UnitOfWork, payer_ids: Sequence[str]) -> Facts:
    """Everything that the books of these payers are compared with; a few statements, however many rows."""
    connection = work.connection
    rows = {row.payer_id: row for row in rows_of(connection, payer, "payer_id", payer_ids)}
    terms = read_terms(connection, rows, base_currency=work.settings.base_currency)
    found = {payer_id: PayerFacts(payer_id, row, terms[payer_id]) for payer_id, row in rows.items()}
    for one in rows_of(connection, service_order, "payer_id", payer_ids):
        found[one.payer_id].orders.append(one)
    for one in read_rows(connection, select(*CHARGE_COLUMNS), [charge.c.payer_id], payer_ids):
        found[one.payer_id].charges.append(one)
    for of_payer in found.values():
        of_payer.rest = of_payer.charges
    for one in rows_of(connection, running_sum, "payer_id", payer_ids):
        found[one.payer_id].sums.append(one)
    for one in rows_of(connection, invoice, "payer_id", payer_ids):
        found[one.payer_id].invoices.append(one)
    for one in rows_of(connection, meter, "payer_id", payer_ids):
        name = meter_name(one.product_id, one.order_id, one.scope, one.version_id, one.component)
        found[one.payer_id].meters[name] = one.reading
    for one in rows_of(connection, first_opening, "payer_id", payer_ids):
        found[one.payer_id].openings[one.product_id] = one.day
    for one in rows_of(connection, allowance_grant, "payer_id", payer_ids):
        found[one.payer_id].grants.append(one)
    _read_reratings(connection, found)
    return _led_to(work, found)


RERATED = re.compile(r"(.+) (\d{4}-\d\d-\d\d) (\d{4}-\d\d-\d\d)( .*)?")


def _read_reratings(connection: Connection, found: Mapping[str, PayerFacts]) -> None:
    """What was rated anew of each payer: told by the correction that asked for it."""
    parts = rows_of(connection, correction_payer, "payer_id", found)
    asked = {
        row.correction_id: RERATED.fullmatch(row.subject)
        for row in rows_of(connection, correction, "correction_id", {part.correction_id for part in parts})
    }
    for part in parts:
        told = asked.get(part.correction_id)
        if told is not None:
            days = (date.fromisoformat(told[2]), date.fromisoformat(told[3]))
            one = Rerating(part.correction_id, part.at, told[1], *days)
        else:
            one = Rerating(part.correction_id, part.at, "", date.min, date.max)
        found[part.payer_id].reratings.append(one)


def _led_to(work: UnitOfWork, found: dict[str, PayerFacts]) -> Facts:
    """What orders, charges and invoices lead to: uses, changes of state, lines, messages, the catalog's part."""
    connection, everyone = work.connection, found.values()
    use_ids = {c.cause_id for one in everyone for c in one.charges if c.cause == "use"}
    uses = {row.event_id: row for row in rows_of(connection, usage_event, "event_id", use_ids)}
    users_orders = _orders_of(connection, {use.user_id for use in uses.values() if not use.payer_id})
    orders = [o for one in everyone for o in one.orders] + [o for own in users_orders.values() for o in own]
    order_ids = {order.order_id for order in orders}
    invoice_ids = {row.invoice_id for one in everyone for row in one.invoices}
    redeemed = rows_of(connection, redemption, "payer_id", found)
    notes = rows_of(connection, credit_note, "invoice_id", invoice_ids)
    changes = rows_of(connection, order_state_change, "order_id", order_ids)
    corrections = rows_of(connection, correction, "subject", invoice_ids | order_ids)
    return Facts(
        zone=work.zone,
        today=work.today,
        base_currency=work.settings.base_currency,
        catalog=_catalog(connection, everyone, orders, redeemed),
        payers=found,
        uses=uses,
        users_orders=users_orders,
        changes=grouped(changes, "order_id", "at", "seq"),
        accounts=_accounts(connection, {(o.payer_id, o.product_id) for o in orders if o.plan == "account_day"}),
        lines=grouped(rows_of(connection, invoice_line, "invoice_id", invoice_ids), "invoice_id", "line_no"),
        totals=grouped(rows_of(connection, invoice_total, "invoice_id", invoice_ids), "invoice_id", "currency"),
        messages=grouped(
            rows_of(connection, outbox_message, "subject_id", invoice_ids | order_ids), "subject_id", "seq"
        ),
        first_tries=_first_tries(connection, [f"deduct:{note.invoice_id}" for note in notes]),
        notes=grouped(notes, "invoice_id", "at", "credit_no"),
        note_lines=grouped(
            rows_of(connection, credit_note_line, "credit_no", [note.credit_no for note in notes]),
            "credit_no",
            "line_no",
        ),
        corrections=grouped(corrections, "subject", "at", "correction_id"),
        recorded=_recorded(changes, corrections),
        withdrawn={row.event_id: row for row in rows_of(connection, usage_withdrawal, "event_id", use_ids)},
        factors=_factors(connection),
        corrects={
            row.event_id: row.corrects for row in rows_of(connection, usage_correction, "event_id", use_ids)
        },
        granted=_granted(connection, [grant.grant_id for one in everyone for grant in one.grants]),
        redeemed=grouped(redeemed, "payer_id", "at", "order_id"),
        deleted_through=_deleted_through(connection),
        has_use=partial(_has_use, connection),
    )


def _catalog(
    connection: Connection, everyone: Iterable[PayerFacts], orders: Iterable[Row], redeemed: Iterable[Row]
) -> Catalog:
    """The catalog's part that charges, orders, grants and promises lead to."""
    products = {order.product_id for order in orders}
    promotions = {order.promotion_id for order in orders} | {row.promotion_id for row in redeemed}
    for one in everyone:
        products |= {row.product_id for row in one.charges} | {row.product_id for row in one.grants}
    return read_catalog(connection, products, promotions)


def _first_tries(connection: Connection, message_ids: Iterable[str]) -> dict[str, datetime]:
    """When messages were first sent; asked only of deductions beside which there are credit notes."""
    tries = rows_of(connection, outbox_try, "message_id", message_ids)
    return {row.message_id: row.at for row in tries if row.try_no == 1}


def _recorded(changes: Iterable[Row], corrections: Iterable[Row]) -> dict[tuple[str, int], datetime]:
    """Each correction of an order's state added one change, with its own reason."""
    found: dict[tuple[str, int], datetime] = {}
    backdated = sorted((row for row in corrections if row.kind == "state"), key=lambda row: row.at)
    if not backdated:
        return found
    for change in sorted(changes, key=lambda row: row.seq):
        for row in backdated:
            same = row.subject == change.order_id and row.why[:200] == (change.reason or "")
            if same and row.actor == change.actor and f"-> {change.to_state} since" in row.report:
                found[change.order_id, change.seq] = row.at
                backdated.remove(row)
                break
    return found


def _factors(connection: Connection) -> dict[str, list[tuple[datetime, Decimal]]]:
    found: dict[str, list[tuple[datetime, Decimal]]] = defaultdict(list)
    for row in connection.execute(select(factor_value).order_by(factor_value.c.name, factor_value.c.valid_from)):
        found[row.name].append((row.valid_from, row.value))
    return dict(found)


def _granted(connection: Connection, grant_ids: Iterable[str]) -> dict[str, Mapping[str, Any]]:
    found = histories(connection, grant_ids, ("allowance_grant",))
    return {grant_id: entries[0][1] for grant_id, entries in found.items()}


def _has_use(connection: Connection, payer_id: str, product_id: str, day: date) -> bool:
    """Also one that waits or was withdrawn: it opened the product when it was first met. Asked rarely."""
    use = usage_event.c
    whose = (use.payer_id == payer_id) | use.payer_id.is_(None)
    statement = select(use.event_id).where(use.day == day, use.product_id == product_id, whose).limit(1)
    return connection.execute(statement).first() is not None


def _deleted_through(connection: Connection) -> date | None:
    months = months_known(connection, MonthState.DROPPING, MonthState.DROPPED)
    return last_day(max(one.month for one in months)) if months else None


def _orders_of(connection: Connection, users: set[str]) -> dict[str, list[Row]]:
    """Every order whose customer or payer the user is, oldest first."""
    found: dict[str, dict[str, Row]] = defaultdict(dict)
    for column in ("cust_id", "payer_id"):
        for order in rows_of(connection, service_order, column, users):
            found[getattr(order, column)][order.order_id] = order
    return {user: sorted(own.values(), key=lambda o: (o.start_at, o.order_id)) for user, own in found.items()}


def _accounts(
    connection: Connection, quotas: set[tuple[str, str]]
) -> dict[tuple[str, str], list[tuple[datetime, Decimal]]]:
    """The numbers of accounts of each (payer, product) in order of effect; of one instant the last one."""
    table = account_change
    rows = read_rows(connection, select(table), [table.c.payer_id, table.c.product_id], list(quotas))
    found: dict[tuple[str, str], dict[datetime, Decimal]] = defaultdict(dict)
    for row in sorted(rows, key=lambda row: (row.at, row.change_id)):
        found[row.payer_id, row.product_id][row.at] = row.accounts
    return {key: list(numbers.items()) for key, numbers in found.items()}
