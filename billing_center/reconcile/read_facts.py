"""Reading what some payers' books are compared with: a few statements for a chunk, however many rows."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, select

from billing_center.bulk import rows_by_key
from billing_center.center import UnitOfWork
from billing_center.history.history_month import MonthState, months_known
from billing_center.history.whole import charge, usage_event
from billing_center.reconcile.bring_together import bring_together
from billing_center.reconcile.known_then import Catalog, histories, read_catalog, read_terms
from billing_center.reconcile.raw_facts import CHARGE_COLUMNS, USE_COLUMNS, Facts, PayerFacts, Rerating, meter_name
from billing_center.reconcile.read_alike import read_alike
from billing_center.reconcile.read_rows import Row, grouped, read_rows, rows_of
from billing_center.reconcile.settle import may_settle_whole
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

METERS = select(
    meter.c.payer_id, meter.c.product_id, meter.c.order_id, meter.c.scope, meter.c.version_id, meter.c.component,
    meter.c.reading,
)  # fmt: skip
OPENINGS = select(first_opening.c.payer_id, first_opening.c.product_id, first_opening.c.day)


def read_facts(work: UnitOfWork, payer_ids: Sequence[str], *, together: bool = False) -> Facts:
    """Everything that the books of these payers are compared with; a few statements, however many rows.

    `together`: the charges of payers that may be plain are read brought together and not as rows.
    """
    connection = work.connection
    rows = {row.payer_id: row for row in rows_of(connection, payer, "payer_id", payer_ids)}
    terms = read_terms(connection, rows, base_currency=work.settings.base_currency)
    found = {payer_id: PayerFacts(payer_id, row, terms[payer_id]) for payer_id, row in rows.items()}
    for one in rows_of(connection, service_order, "payer_id", payer_ids):
        found[one.payer_id].orders.append(one)
    for one in rows_of(connection, running_sum, "payer_id", payer_ids):
        found[one.payer_id].sums.append(one)
    for one in rows_of(connection, invoice, "payer_id", payer_ids):
        found[one.payer_id].invoices.append(one)
    for payer_id, *named, reading in rows_by_key(connection, METERS, [meter.c.payer_id], payer_ids):
        found[payer_id].meters[meter_name(*named)] = reading
    for payer_id, product_id, day in rows_by_key(connection, OPENINGS, [first_opening.c.payer_id], payer_ids):
        found[payer_id].openings[product_id] = day
    for one in rows_of(connection, allowance_grant, "payer_id", payer_ids):
        found[one.payer_id].grants.append(one)
    _read_reratings(connection, found)
    plain = [payer_id for payer_id, one in found.items() if may_settle_whole(one)] if together else []
    uses, touched = _read_charges(connection, found, plain)
    return _led_to(work, found, uses, touched)


@dataclass(frozen=True, slots=True)
class _Touched:
    """Uses that were withdrawn, and in whose place corrected ones stand, by use."""

    withdrawn: dict[str, Row]
    corrects: dict[str, str]


def _read_charges(
    connection: Connection, found: Mapping[str, PayerFacts], plain: Sequence[str]
) -> tuple[dict[str, Row], _Touched]:
    """Charges: brought together for the `plain` payers, for the others as rows, with the uses they lead to."""
    for one in read_alike(connection, plain) if plain else ():
        found[one.payer_id].alike.append(one)
    others = sorted(found.keys() - set(plain))
    for payer_id in others:
        found[payer_id].rows = []
    for row in read_rows(connection, select(*CHARGE_COLUMNS), [charge.c.payer_id], others):
        found[row.payer_id].charges.append(row)
    use_ids = sorted({row.cause_id for payer_id in others for row in found[payer_id].uses()})
    read = read_rows(connection, select(*USE_COLUMNS), [usage_event.c.event_id], use_ids)
    uses = {row.event_id: row for row in read}
    withdrawn = {row.event_id: row for row in rows_of(connection, usage_withdrawal, "event_id", use_ids)}
    corrects = {row.event_id: row.corrects for row in rows_of(connection, usage_correction, "event_id", use_ids)}
    for payer_id in others:
        found[payer_id].alike = bring_together(
            payer_id, found[payer_id].charges, uses, withdrawn.keys() | corrects.keys()
        )
    return uses, _Touched(withdrawn, corrects)


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


def _led_to(work: UnitOfWork, found: dict[str, PayerFacts], uses: dict[str, Row], touched: _Touched) -> Facts:
    """What orders, charges and invoices lead to: changes of state, lines, messages, the catalog's part."""
    connection, everyone = work.connection, found.values()
    own_orders = [order for one in everyone for order in one.orders]
    users_orders = _orders_of(connection, {user for one in everyone for user in one.users_alone()}, own_orders)
    orders = own_orders + [order for of_user in users_orders.values() for order in of_user]
    order_ids = sorted({order.order_id for order in orders})
    invoice_ids = sorted({row.invoice_id for one in everyone for row in one.invoices})
    subjects = sorted(order_ids + invoice_ids)
    redeemed = rows_of(connection, redemption, "payer_id", found)
    notes = rows_of(connection, credit_note, "invoice_id", invoice_ids)
    changes = rows_of(connection, order_state_change, "order_id", order_ids)
    corrections = rows_of(connection, correction, "subject", subjects)
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
        messages=grouped(rows_of(connection, outbox_message, "subject_id", subjects), "subject_id", "seq"),
        first_tries=_first_tries(connection, [f"deduct:{note.invoice_id}" for note in notes]),
        notes=grouped(notes, "invoice_id", "at", "credit_no"),
        note_lines=grouped(
            rows_of(connection, credit_note_line, "credit_no", [note.credit_no for note in notes]),
            "credit_no",
            "line_no",
        ),
        corrections=grouped(corrections, "subject", "at", "correction_id"),
        recorded=_recorded(changes, corrections),
        withdrawn=touched.withdrawn,
        factors=_factors(connection),
        corrects=touched.corrects,
        granted=_granted(connection, [grant.grant_id for one in everyone for grant in one.grants]),
        redeemed=grouped(redeemed, "payer_id", "at", "order_id"),
        deleted_through=_deleted_through(connection),
        has_use=partial(_has_use, connection),
    )


def _catalog(
    connection: Connection, everyone: Iterable[PayerFacts], orders: Iterable[Row], redeemed: Iterable[Row]
) -> Catalog:
    """The catalog's part that charges, orders, grants and promises lead to."""
    of_product = attrgetter("product_id")
    products = set(map(of_product, orders))
    promotions = {order.promotion_id for order in orders} | {row.promotion_id for row in redeemed}
    for one in everyone:
        products.update(map(of_product, one.alike), map(of_product, one.grants))
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


def _orders_of(connection: Connection, users: set[str], known: Iterable[Row]) -> dict[str, list[Row]]:
    """Every order whose customer or payer the user is, oldest first. Nearly all of them are `known` already."""
    whose: dict[str, set[str]] = defaultdict(set)
    table = service_order.c
    for column in (table.cust_id, table.payer_id):
        for user, order_id in rows_by_key(connection, select(column, table.order_id), [column], users):
            whose[user].add(order_id)
    orders = {order.order_id: order for order in known}
    unknown = {order_id for own in whose.values() for order_id in own} - orders.keys()
    orders |= {order.order_id: order for order in rows_of(connection, service_order, "order_id", unknown)}
    return {
        user: sorted((orders[order_id] for order_id in own), key=lambda o: (o.start_at, o.order_id))
        for user, own in whose.items()
    }


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
