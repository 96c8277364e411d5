"""An explained invoice as plain data for JSON: every number, and beside it the sentences of one language."""

from collections.abc import Sequence
from typing import Any

from billing_center.center import UnitOfWork
from billing_center.invoice.as_json import as_plain
from billing_center.invoice.explain_invoice import InvoiceExplained, LineExplained
from billing_center.invoice.explain_language import Language
from billing_center.invoice.explain_words import Teller


def lines_as_plain(work: UnitOfWork, lines: Sequence[LineExplained], language: Language) -> list[dict[str, Any]]:
    """Each line with its charges; both have `sentences`."""
    teller = Teller(work.catalog, work.zone, language)
    return [
        as_plain(line)
        | {"sentences": teller.line(line)}
        | {"charges": [as_plain(one) | {"sentences": teller.charge(one)} for one in line.charges]}
        for line in lines
    ]


def invoice_as_plain(work: UnitOfWork, explained: InvoiceExplained, language: Language) -> dict[str, Any]:
    """The invoice and its lines, explained in one language."""
    return {
        "language": language.value,
        "invoice": as_plain(explained.invoice),
        "lines": lines_as_plain(work, explained.lines, language),
    }
