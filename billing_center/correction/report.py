"""What a correction does in money: shown before it is booked, kept with it, and answered when it is repeated."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from hashlib import blake2b

from billing_center.invoice.as_json import as_plain
from billing_center.payer.store import PayerRow
from billing_center.period import BillingSchedule
from billing_center.rating.facts import Charge


@dataclass(frozen=True, slots=True)
class Difference:
    """What the correction adds to one running sum, hence to the invoice of that period: rated, six decimals.

    Of a credit note: what it takes off one line of the invoice of that period (money, and no charges).
    """

    payer_id: str
    order_id: str
    product_id: str
    currency: str
    period_start: date
    quantity: Decimal
    amount: Decimal
    list_amount: Decimal
    charges: int


@dataclass(frozen=True, slots=True)
class Correction:
    """A correction: what it was about, why, what it booked, and what a person should know of it."""

    correction_id: str
    kind: str
    subject: str
    why: str
    differences: tuple[Difference, ...] = ()
    notes: tuple[str, ...] = ()
    repeated: bool = False  # it had been booked before: nothing was done this time

    def as_text(self) -> str:
        """As JSON."""
        return json.dumps(as_plain(self), ensure_ascii=False, sort_keys=True)

    def totals(self) -> dict[str, Decimal]:
        """What it comes to, by currency."""
        found: dict[str, Decimal] = {}
        for one in self.differences:
            found[one.currency] = found.get(one.currency, Decimal(0)) + one.amount
        return found


def correction_of(text: str) -> Correction:
    """The kept correction, as the answer to its repeat."""
    kept = json.loads(text)
    differences = tuple(
        Difference(
            d["payer_id"], d["order_id"], d["product_id"], d["currency"], date.fromisoformat(d["period_start"]),
            Decimal(d["quantity"]), Decimal(d["amount"]), Decimal(d["list_amount"]), d["charges"],
        )
        for d in kept["differences"]
    )  # fmt: skip
    return Correction(
        kept["correction_id"], kept["kind"], kept["subject"], kept["why"], differences, tuple(kept["notes"]), True
    )


def differences_of(
    charges: Sequence[Charge], payer: PayerRow, schedule: BillingSchedule
) -> tuple[Difference, ...]:
    """The charges of one payer, added up by the running sum that they are booked to."""
    found: dict[tuple[str, str, str, date], Difference] = {}
    for charge in charges:
        start = schedule.period_of(max(charge.day, payer.closed_until)).start
        key = (charge.order_id, charge.product_id, charge.currency, start)
        one = found.get(key)
        if one is None:
            zero = Decimal(0)
            one = Difference(payer.payer_id, *key, quantity=zero, amount=zero, list_amount=zero, charges=0)
        found[key] = replace(
            one, quantity=one.quantity + charge.quantity, amount=one.amount + charge.amount,
            list_amount=one.list_amount + charge.list_amount, charges=one.charges + 1,
        )  # fmt: skip
    return tuple(found[key] for key in sorted(found))


def digest(parts: Iterable[object]) -> str:
    """32 hexadecimal digits of what was asked for, numbers by value."""
    words = [str(p.normalize()) if isinstance(p, Decimal) else str(p) for p in parts]
    return blake2b("\x1f".join(words).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
