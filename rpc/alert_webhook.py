"""Spend alerts go out as signed webhooks, signed and judged as service commands are.

Where it stands in the walk: the outbox calls it for messages of the kind ALERT.
"""

from billing_center.outbox.message import Sender
from billing_center.settings import Settings
from rpc.client import HttpPoster
from rpc.order_system import post_webhook


def alert_webhook(settings: Settings) -> Sender | None:
    """What sends spend alerts; None while the setting `alert_webhook_url` is empty."""
    if not settings.alert_webhook_url:
        return None
    poster = HttpPoster(settings.alert_webhook_url, "", "", timeout_s=settings.send_timeout_s)
    secret = settings.webhook_secret.get_secret_value().encode()
    return lambda message: post_webhook(poster, secret, message)
