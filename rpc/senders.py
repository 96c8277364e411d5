"""The senders of outgoing messages that the settings ask for, one per kind of message.

Where it stands in the walk: given to the jobs that send by whoever puts the program together.
"""

from billing_center.outbox.message import MessageKind, Sender
from billing_center.settings import Settings
from rpc.account_system import account_system
from rpc.alert_webhook import alert_webhook
from rpc.order_system import order_system


def senders_of(settings: Settings) -> dict[MessageKind, Sender]:
    """A sender for each system whose URL is set; messages of the other kinds wait."""
    offered = {
        MessageKind.DEDUCTION: account_system(settings),
        MessageKind.CONTROL: order_system(settings),
        MessageKind.ALERT: alert_webhook(settings),
    }
    return {kind: sender for kind, sender in offered.items() if sender is not None}
