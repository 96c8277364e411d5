"""The first opening of a product moved, when what had opened it turned out never to have been."""

from datetime import date

from sqlalchemy import Connection

from billing_center.bulk import put
from schema.tables.orders import first_opening


def move_first_opening(
    connection: Connection, payer_id: str, product_id: str, *, shard: int, day: date | None
) -> None:
    """The payer's first opening of the product was on another civil day; None: there never was one."""
    if day is None:
        of_pair = (first_opening.c.payer_id == payer_id) & (first_opening.c.product_id == product_id)
        connection.execute(first_opening.delete().where(of_pair))
        return
    row = {"payer_id": payer_id, "product_id": product_id, "shard": shard, "day": day}
    put(connection, first_opening, [row], replace=["day"])
