"""Payers by the beginning of their id.

Where it stands in the walk: beside it; the console shows it.
"""

from sqlalchemy import select

from billing_center.center import UnitOfWork
from billing_center.payer.store import PayerRow
from schema.tables.orders import payer


def find_payers(work: UnitOfWork, beginning: str = "", *, after: str = "", limit: int = 100) -> list[PayerRow]:
    """Payers whose id begins with the text, in order of their ids from the id `after` on."""
    statement = select(*(payer.c[name] for name in PayerRow.__dataclass_fields__)).where(payer.c.payer_id > after)
    if beginning:
        statement = statement.where(payer.c.payer_id.startswith(beginning, autoescape=True))
    rows = work.connection.execute(statement.order_by(payer.c.payer_id).limit(limit))
    return [PayerRow(*row) for row in rows]
