"""Spend alerts: setting, changing, listing and removing thresholds; notices of those that were crossed.

Where it stands in the walk: beside it. `check_alerts` compares thresholds with the running sums. A threshold is in
one currency and stands against rated amounts (six decimals), promotions included.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256

from billing_center.alert import store
from billing_center.alert.store import Alert, SpendNotice
from billing_center.audit.write_entry import write_entry
from billing_center.bounded_count import BoundedCount, count_rows
from billing_center.center import UnitOfWork
from billing_center.errors import OutOfRange, ResultCode, Unknown
from billing_center.ids import NONE, shard_of
from billing_center.invoice.store import open_sums
from billing_center.money import currency_code, exact, plain
from billing_center.payer.store import payers, schedules


@dataclass(frozen=True, slots=True)
class SetAlert:
    """Tell when a payer's running period reaches `threshold`; product '-' is everything it is charged."""

    payer_id: str
    threshold: Decimal
    currency: str
    product_id: str = NONE


@dataclass(frozen=True, slots=True)
class AlertShown:
    """An alert beside the payer's running period: rated spend so far, and when it was crossed in it."""

    alert: Alert
    period_start: date
    period_end: date
    spent: Decimal
    crossed_at: datetime | None


def set_alert(work: UnitOfWork, command: SetAlert) -> str:
    """Set a threshold and return its id; the same again changes nothing.

    Raises: Unknown (UNKNOWN_PAYER, UNKNOWN_PRODUCT); OutOfRange for a threshold that is not positive or has more
    than six decimals, or a currency that the center does not keep.
    """
    if command.payer_id not in payers(work.connection, [command.payer_id]):
        message = f"payer {command.payer_id!r} is not known"
        raise Unknown(message, code=ResultCode.UNKNOWN_PAYER, field="payer_id", payer_id=command.payer_id)
    if command.product_id != NONE:
        work.catalog.product(command.product_id, named="product_id")
    threshold = exact(command.threshold, field="threshold")
    if threshold <= 0:
        raise OutOfRange("a threshold must be above 0", field="threshold")
    currency = currency_code(command.currency)
    alert_id = _id_of(command)
    alert = Alert(
        alert_id, command.payer_id, shard_of(command.payer_id), command.product_id, currency, threshold, work.at,
        work.actor[:64],
    )  # fmt: skip
    if not store.alert_exists(work.connection, alert_id):
        store.insert_alert(work.connection, alert)
        detail = {"product": command.product_id, "currency": currency, "threshold": plain(threshold)}
        write_entry(work, "alert_set", command.payer_id, detail | {"alert": alert_id})
    return alert_id


def _id_of(command: SetAlert) -> str:
    """The identity of a threshold: set again after it was removed, it does not tell the same period twice."""
    currency = currency_code(command.currency)
    content = "\0".join((command.payer_id, command.product_id, currency, plain(command.threshold)))
    return sha256(content.encode("utf-8", "surrogatepass")).hexdigest()[:26]


def change_alert(work: UnitOfWork, alert_id: str, command: SetAlert) -> str:
    """Put a threshold in the place of another and return its id; the same again changes nothing.

    Raises: as `set_alert`.
    """
    changed = set_alert(work, command)
    if changed != alert_id and store.find_alert(work.connection, alert_id) is not None:
        remove_alert(work, alert_id)
    return changed


def acknowledge(work: UnitOfWork, alert_id: str, period_start: date) -> SpendNotice:
    """Note that a person has seen a notice; who was first stays.

    Raises: OutOfRange when there is no such notice.
    """
    by = work.actor[:64]
    if store.set_seen(work.connection, alert_id, period_start, at=work.at, by=by):
        found = store.notice_of(work.connection, alert_id, period_start)
        assert found is not None
        detail = {"alert": alert_id, "period_start": period_start, "product": found.product_id}
        write_entry(work, "alert_acknowledged", found.payer_id, detail)
        return found
    found = store.notice_of(work.connection, alert_id, period_start)
    if found is None:
        raise OutOfRange(f"no notice of alert {alert_id!r} for {period_start}", field="alert_id")
    return found


def count_unseen(work: UnitOfWork) -> BoundedCount:
    """How many notices wait for somebody to acknowledge them."""
    return count_rows(work.connection, store.unseen_notices())


def remove_alert(work: UnitOfWork, alert_id: str) -> None:
    """Take a threshold away; what it told stays. Raises: OutOfRange when there is none with this id."""
    found = store.find_alert(work.connection, alert_id)
    if found is None:
        raise OutOfRange(f"no alert has the id {alert_id!r}", field="alert_id")
    store.delete_alert(work.connection, alert_id)
    detail = {"product": found.product_id, "currency": found.currency, "threshold": plain(found.threshold)}
    write_entry(work, "alert_removed", found.payer_id, detail | {"alert": alert_id})


def drop_alert(work: UnitOfWork, alert_id: str) -> bool:
    """Take a threshold away if it is there; whether it was."""
    there = store.alert_exists(work.connection, alert_id)
    if there:
        remove_alert(work, alert_id)
    return there


def is_set(work: UnitOfWork, command: SetAlert) -> bool:
    """Whether this threshold is set already."""
    if not command.threshold.is_finite():
        return False
    return store.alert_exists(work.connection, _id_of(command))


def list_alerts(
    work: UnitOfWork, *, payer_id: str | None = None, after: str = "", limit: int = 100
) -> list[AlertShown]:
    """Alerts in order of their ids, each beside the payer's running period."""
    alerts = store.alerts(work.connection, payer_id=payer_id, after=after, limit=limit)
    ids = sorted({alert.payer_id for alert in alerts})
    known, of = payers(work.connection, ids), schedules(work.connection, ids)
    sums = open_sums(work.connection, ids)
    told = store.notices_of(work.connection, [alert.alert_id for alert in alerts])
    shown = []
    for alert in alerts:
        period = of[alert.payer_id].period_of(max(work.today, known[alert.payer_id].closed_until))
        rows = sums.get(alert.payer_id, {}).get(period.start, ())
        spent = sum(
            (
                row.amount
                for row in rows
                if row.currency == alert.currency and alert.product_id in (NONE, row.product_id)
            ),
            Decimal(0),
        )
        notice = told.get((alert.alert_id, period.start))
        shown.append(AlertShown(alert, period.start, period.end, spent, notice.at if notice else None))
    return shown


def list_notices(
    work: UnitOfWork,
    *,
    payer_id: str | None = None,
    product_id: str | None = None,
    unseen: bool = False,
    skip: int = 0,
    limit: int = 100,
) -> list[SpendNotice]:
    """What was crossed, the newest first; of a payer or product, or only what nobody has acknowledged."""
    return store.notices(
        work.connection, payer_id=payer_id, product_id=product_id, unseen=unseen, skip=skip, limit=limit
    )
