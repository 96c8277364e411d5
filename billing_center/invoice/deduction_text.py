"""The message of a deduction, written as text at once: what `deduction_of` says, as the outbox keeps it. Pure.

Where it stands in the walk: `bill_sums` writes one for each invoice to be deducted. A test holds it to the other.
Design: contract, chargeAccount.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from json.encoder import encode_basestring as _quoted
from typing import Any

from billing_center.invoice.deduction import CURRENCY_FIELDS
from billing_center.money import minor_texts
from billing_center.payer.store import PayerRow

_FIELDS = {currency: name for name, currency in CURRENCY_FIELDS.items()}


@dataclass(slots=True)
class Lines:
    """The lines of one invoice as columns; amounts are money in whole millionths."""

    order_codes: Sequence[str]
    product_ids: Sequence[str]
    currencies: Sequence[str]
    amounts: Sequence[int]
    list_amounts: Sequence[int]

    @property
    def is_of_one_currency(self) -> bool:
        """Whether all lines are."""
        return self.currencies.count(self.currencies[0]) == len(self.currencies)

    def texts(self, amounts: Sequence[int]) -> list[str]:
        """Amounts of the lines as text."""
        if self.is_of_one_currency:
            return minor_texts(amounts, self.currencies[0])
        return [minor_texts([n], currency)[0] for n, currency in zip(amounts, self.currencies, strict=True)]


class DeductionTexts:
    """Writes messages; what is the same in many of them is written once. `names` are the products'."""

    def __init__(self, names: Mapping[str, str], base_currency: str) -> None:
        self._base = base_currency
        self._products = {
            one: f'"productId": {_quoted(one)}, "productName": {_quoted(name)}' for one, name in names.items()
        }
        self._nothing = {name: minor_texts([0], currency)[0] for name, currency in CURRENCY_FIELDS.items()}

    def text(
        self,
        invoice_id: str,
        payer: PayerRow,
        base_amount: int,
        totals: Sequence[tuple[Any, ...]],
        lines: Lines,
    ) -> str:
        """The payload of one invoice, its fields in the order of their names; a total begins with id, currency
        and amount."""
        guid = _quoted(invoice_id)
        line_guid = guid[:-1]
        amounts = lines.texts(lines.amounts)
        listed = amounts if lines.list_amounts is lines.amounts else lines.texts(lines.list_amounts)
        products = self._products
        items = ", ".join([
            f'{{"amount": "{amount}", "currency": "{currency}", "guid": {line_guid}-{number}", '
            f'"markAmount": "{mark}", "orderCode": {_quoted(code)}, {products[product]}}}'
            for number, (amount, currency, mark, code, product) in enumerate(
                zip(amounts, lines.currencies, listed, lines.order_codes, lines.product_ids, strict=True), 1
            )
        ])  # fmt: skip
        money = dict(self._nothing)
        for _, currency, amount, *_ in totals:
            if currency in _FIELDS:
                money[_FIELDS[currency]] = minor_texts([amount], currency)[0]
        return (
            f'{{"custId": {_quoted(payer.cust_id)}, "custName": {_quoted(payer.name)}, '
            f'"gbAmount": "{money["gbAmount"]}", "guid": {guid}, "item": [{items}], '
            f'"payerMemId": {_quoted(payer.payer_id)}, "rmbAmount": "{money["rmbAmount"]}", '
            f'"totalAmount": "{minor_texts([base_amount], self._base)[0]}", "twbAmount": "{money["twbAmount"]}", '
            f'"usdollarAmount": "{money["usdollarAmount"]}"}}'
        )
