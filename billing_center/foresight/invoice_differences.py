"""How an invoice differs from the one before it: new, gone, up or down by more than so many percent.

Pure. Where it stands in the walk: `dry_run` puts each draft beside its payer's last invoice.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from billing_center.foresight.last_invoices import LastInvoice

_HUNDRED = Decimal(100)


class Kind(StrEnum):
    """How a payer's draft differs from its last invoice."""

    NEW = "new"  # no invoice before, or no such product on it
    GONE = "gone"  # invoiced last time, nothing now
    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference, of a payer's whole invoice (product '') or of one product on it; money."""

    payer_id: str
    product_id: str
    kind: Kind
    currency: str
    before: Decimal
    after: Decimal
    percent: Decimal | None  # one decimal; None where there is nothing to compare with


def differences(before: LastInvoice | None, now: LastInvoice, percent: Decimal) -> Iterable[Difference]:
    """The whole invoice first, then each product; a new payer's products are not told one by one."""
    if before is None:
        yield Difference(now.payer_id, "", Kind.NEW, now.base_currency, Decimal(0), now.base_amount, None)
        return
    whole = _moved(now.payer_id, "", now.base_currency, before.base_amount, now.base_amount, percent)
    if whole is not None:
        yield whole
    for product_id, currency in sorted(before.products.keys() | now.products.keys()):
        old, new = before.products.get((product_id, currency)), now.products.get((product_id, currency))
        if old is None or new is None:
            kind = Kind.NEW if old is None else Kind.GONE
            amounts = (old or Decimal(0), new or Decimal(0))
            yield Difference(now.payer_id, product_id, kind, currency, *amounts, None)
        else:
            moved = _moved(now.payer_id, product_id, currency, old, new, percent)
            if moved is not None:
                yield moved


def _moved(
    payer_id: str, product_id: str, currency: str, before: Decimal, after: Decimal, percent: Decimal
) -> Difference | None:
    if before == after:
        return None
    change = None
    if before:
        change = ((after - before) * _HUNDRED / abs(before)).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
        if abs(after - before) * _HUNDRED <= percent * abs(before):
            return None
    kind = Kind.UP if after > before else Kind.DOWN
    return Difference(payer_id, product_id, kind, currency, before, after, change)
