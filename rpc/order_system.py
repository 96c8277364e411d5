"""Service commands go out: suspend or resume one order, over Hessian or as a signed webhook.

Where it stands in the walk: the last step of service control; the outbox calls it, in order per order line.
A webhook is a JSON POST. Its signature is `sha256=` and the HMAC-SHA256 of the body under the shared secret, in
hexadecimal; the message id and the sequence number stand in headers for convenience and in the signed body.
Design: billing rules, "Invoice, deduction, service control".
"""

import hashlib
import hmac
import json

from billing_center.outbox.message import Answer, Message, Outcome, Sender
from billing_center.settings import Settings
from rpc.answer_reading import answer_of
from rpc.client import HessianClient, HttpPoster
from rpc.hessian import Value

SIGNATURE = "X-Billing-Signature"
MESSAGE_ID = "X-Billing-Message-Id"
SEQUENCE = "X-Billing-Sequence"
TAKEN = "1"


def order_system(settings: Settings) -> Sender | None:
    """What sends service commands; None while the setting `order_system_url` is empty: they wait then."""
    if not settings.order_system_url:
        return None
    url, user = settings.order_system_url, settings.order_system_user
    password = settings.order_system_password.get_secret_value()
    if settings.order_system_style == "webhook":
        poster = HttpPoster(url, user, password, timeout_s=settings.send_timeout_s)
        secret = settings.webhook_secret.get_secret_value().encode()
        return lambda message: post_webhook(poster, secret, message)
    client = HessianClient(url, user, password, timeout_s=settings.send_timeout_s)
    method = settings.order_system_method
    return lambda message: control_service(client, method, message)


def control_service(client: HessianClient, method: str, message: Message) -> Answer:
    """controlService(orderId, action, reason) over Hessian; "1" is the only acceptance."""
    fields = message.fields
    order_id, action, reason = str(fields["orderId"]), str(fields["action"]), str(fields["reason"])
    return answer_of(lambda: client.call(method, order_id, action, reason), _meaning)


def _meaning(value: Value) -> Answer:
    if isinstance(value, str) and value.strip() == TAKEN:
        return Answer(Outcome.ACCEPTED, TAKEN)
    text = value if isinstance(value, str) else type(value).__name__
    return Answer(Outcome.REFUSED, f"answered {text[:100]!r}")


def post_webhook(poster: HttpPoster, secret: bytes, message: Message) -> Answer:
    """The command as a signed JSON POST; any status from 200 to 299 is an acceptance.

    A 5xx may have taken it (UNKNOWN), any other status has not (REFUSED).
    """
    content = {**message.fields, "messageId": message.message_id, "seq": message.seq}
    body = json.dumps(content, ensure_ascii=False, sort_keys=True).encode()
    headers = {
        "Content-Type": "application/json",
        MESSAGE_ID: message.message_id,
        SEQUENCE: str(message.seq),
        SIGNATURE: sign(secret, body),
    }
    return answer_of(lambda: poster.post(body, headers)[0], _status_meaning)


def sign(secret: bytes, body: bytes) -> str:
    """The signature that a receiver computes again over the bytes it received."""
    return "sha256=" + hmac.digest(secret, body, hashlib.sha256).hex()


def _status_meaning(status: Value) -> Answer:
    assert isinstance(status, int)
    if 200 <= status < 300:
        return Answer(Outcome.ACCEPTED, f"HTTP {status}")
    return Answer(Outcome.UNKNOWN if status >= 500 else Outcome.REFUSED, f"HTTP {status}")
