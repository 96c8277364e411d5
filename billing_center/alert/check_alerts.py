"""Checking spend alerts: thresholds against running sums, each told once in a period, by notice and by webhook.

Where it stands in the walk: after rating, before a period is closed. The notice and the outbox message are
written in one transaction; what two nodes find at once is kept once. Without `alert_webhook_url` only notices
are written, so that old ones do not pour out on the day that a URL is set.
"""

from functools import partial

import structlog

from billing_center.alert.store import SpendNotice, crossed, keep_notices
from billing_center.center import UnitOfWork
from billing_center.ids import NONE
from billing_center.money import plain
from billing_center.outbox.message import MessageKind, NewMessage
from billing_center.outbox.put import put_messages

log = structlog.get_logger()


def check_alerts(work: UnitOfWork, *, limit: int) -> int:
    """Tell up to `limit` thresholds that were crossed; how many. 0 means that none is left to tell."""
    found = crossed(work.connection, at=work.at, limit=limit)
    keep_notices(work.connection, found)
    if work.settings.alert_webhook_url:
        put_messages(work, [_message(notice) for notice in found])
    for notice in found:
        note = partial(
            log.warning, "spend_alert_crossed", alert_id=notice.alert_id, payer_id=notice.payer_id,
            product_id=notice.product_id, amount=plain(notice.amount), currency=notice.currency,
        )  # fmt: skip
        work.after_commit.append(note)
    return len(found)


def _message(notice: SpendNotice) -> NewMessage:
    """The webhook's message; its id is the same for a threshold and period, whoever finds it."""
    subject = f"{notice.alert_id}:{notice.period_start:%Y%m%d}"
    payload = {
        "alertId": notice.alert_id,
        "payerMemId": notice.payer_id,
        "productId": "" if notice.product_id == NONE else notice.product_id,
        "currency": notice.currency,
        "threshold": plain(notice.threshold),
        "amount": plain(notice.amount),
        "periodStart": notice.period_start.isoformat(),
        "periodEnd": notice.period_end.isoformat(),
        "at": notice.at.isoformat(),
    }
    message_id = f"alert:{subject}"
    return NewMessage(message_id, MessageKind.ALERT, subject, 0, notice.payer_id, notice.shard, payload)
