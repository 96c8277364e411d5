"""Spend alerts in the tables: thresholds, notices, and which thresholds the running sums have crossed."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Select, delete, exists, func, or_, select, update

from billing_center.bulk import insert_missing, rows_by_key
from billing_center.ids import NONE
from schema.tables.alerts import spend_alert, spend_notice
from schema.tables.charges import running_sum


@dataclass(frozen=True, slots=True)
class Alert:
    """A threshold that somebody set; product '-' is everything."""

    alert_id: str
    payer_id: str
    shard: int
    product_id: str
    currency: str
    threshold: Decimal
    created_at: datetime
    actor: str


@dataclass(frozen=True, slots=True)
class SpendNotice:
    """A threshold that was crossed in a period, with what it stood at when that was found."""

    alert_id: str
    period_start: date
    period_end: date
    payer_id: str
    shard: int
    product_id: str
    currency: str
    threshold: Decimal
    amount: Decimal
    at: datetime
    acknowledged_at: datetime | None = None
    acknowledged_by: str = ""


_ALERT = [spend_alert.c[f.name] for f in fields(Alert)]
_NOTICE = [spend_notice.c[f.name] for f in fields(SpendNotice)]


def insert_alert(connection: Connection, alert: Alert) -> None:
    """Keep a threshold; one with this id that is there already stays."""
    insert_missing(connection, spend_alert, [asdict(alert)])


def alert_exists(connection: Connection, alert_id: str) -> bool:
    """Whether it is set."""
    return find_alert(connection, alert_id) is not None


def find_alert(connection: Connection, alert_id: str) -> Alert | None:
    """The alert, or None."""
    row = connection.execute(select(*_ALERT).where(spend_alert.c.alert_id == alert_id)).one_or_none()
    return None if row is None else Alert(*row)


def delete_alert(connection: Connection, alert_id: str) -> None:
    """Take it away."""
    connection.execute(delete(spend_alert).where(spend_alert.c.alert_id == alert_id))


def alerts(connection: Connection, *, payer_id: str | None, after: str, limit: int) -> list[Alert]:
    """Alerts in order of their ids."""
    statement = select(*_ALERT).where(spend_alert.c.alert_id > after).order_by(spend_alert.c.alert_id)
    if payer_id is not None:
        statement = statement.where(spend_alert.c.payer_id == payer_id)
    return [Alert(*row) for row in connection.execute(statement.limit(limit))]


def notice_of(connection: Connection, alert_id: str, period_start: date) -> SpendNotice | None:
    """The notice of an alert in a period."""
    return notices_of(connection, [alert_id]).get((alert_id, period_start))


def notices(
    connection: Connection, *, payer_id: str | None, product_id: str | None, unseen: bool, skip: int, limit: int
) -> list[SpendNotice]:
    """Notices, the newest first, after `skip` of them; of a payer or product, or only those nobody has seen."""
    table = spend_notice.c
    statement = select(*_NOTICE).order_by(table.at.desc(), table.alert_id, table.period_start)
    if payer_id is not None:
        statement = statement.where(table.payer_id == payer_id)
    if product_id is not None:
        statement = statement.where(table.product_id == product_id)
    if unseen:
        statement = statement.where(table.acknowledged_at.is_(None))
    return [SpendNotice(*row) for row in connection.execute(statement.offset(skip).limit(limit))]


def unseen_notices() -> Select[Any]:
    """The notices that nobody has acknowledged."""
    return select(spend_notice.c.alert_id).where(spend_notice.c.acknowledged_at.is_(None))


def set_seen(connection: Connection, alert_id: str, period_start: date, *, at: datetime, by: str) -> bool:
    """Note who has seen a notice; False when it was seen before, or there is none."""
    table = spend_notice.c
    statement = (
        update(spend_notice)
        .where(table.alert_id == alert_id, table.period_start == period_start, table.acknowledged_at.is_(None))
        .values(acknowledged_at=at, acknowledged_by=by)
    )
    return connection.execute(statement).rowcount == 1


def notices_of(connection: Connection, alert_ids: Sequence[str]) -> dict[tuple[str, date], SpendNotice]:
    """The notices of some alerts, by alert and first day of the period."""
    rows = rows_by_key(connection, select(*_NOTICE), [spend_notice.c.alert_id], alert_ids)
    return {(row.alert_id, row.period_start): SpendNotice(*row) for row in rows}


def keep_notices(connection: Connection, found: Sequence[SpendNotice]) -> None:
    """Keep notices; one of the same alert and period that is there already stays."""
    insert_missing(connection, spend_notice, [asdict(one) for one in found])


def crossed(connection: Connection, *, at: datetime, limit: int) -> list[SpendNotice]:
    """Thresholds that a period's running sums have reached and no notice tells of yet, in one statement."""
    found = connection.execute(_crossed().limit(limit))
    return [
        SpendNotice(
            row.alert_id, row.period_start, row.period_end, row.payer_id, row.shard, row.product_id, row.currency,
            row.threshold, row.amount, at,
        )
        for row in found
    ]  # fmt: skip


def any_crossed(connection: Connection) -> int:
    """1 when a threshold is crossed that no notice tells of."""
    return len(connection.execute(_crossed().limit(1)).all())


def _crossed() -> "Select[tuple[object, ...]]":
    alert, total = spend_alert.c, running_sum.c
    told = exists().where(
        spend_notice.c.alert_id == alert.alert_id, spend_notice.c.period_start == total.period_start
    )
    amount = func.sum(total.amount)
    shared = [
        alert.alert_id, alert.payer_id, alert.shard, alert.product_id, alert.currency, alert.threshold,
        total.period_start,
    ]  # fmt: skip
    return (
        select(*shared, func.min(total.period_end).label("period_end"), amount.label("amount"))
        .join(running_sum, (total.payer_id == alert.payer_id) & (total.currency == alert.currency))
        .where(
            total.invoice_id.is_(None),
            or_(alert.product_id == NONE, alert.product_id == total.product_id),
            ~told,
        )
        .group_by(*shared)
        .having(amount >= alert.threshold)
        .order_by(alert.alert_id, total.period_start)
    )
