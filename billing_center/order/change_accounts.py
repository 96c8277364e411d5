"""The payer's authorised accounts for a product changed. Design: contract, changeAccountNum; mode 3."""

from dataclasses import dataclass
from decimal import Decimal

from billing_center.center import UnitOfWork
from billing_center.errors import OutOfRange, ResultCode, Unknown
from billing_center.ids import shard_of
from billing_center.order.store import AccountChangeRow, insert_account_change
from billing_center.payer.store import locked_payers


@dataclass(frozen=True, slots=True)
class ChangeAccounts:
    """From now on the payer has this many accounts for the product, on each of its orders of it."""

    payer_id: str
    product_id: str
    accounts: int


def change_accounts(work: UnitOfWork, command: ChangeAccounts) -> None:
    """Keep the number, in force from the unit's instant on. The number in force already changes no amount.

    Raises: Unknown (UNKNOWN_PRODUCT, UNKNOWN_PAYER); OutOfRange below 0.
    """
    if command.accounts < 0:
        raise OutOfRange("currentNum must be 0 or more", field="currentNum")
    work.catalog.product(command.product_id, named="productCode")
    if command.payer_id not in locked_payers(work.connection, [command.payer_id]):
        message = f"mmId {command.payer_id!r} is no payer that is known"
        raise Unknown(message, code=ResultCode.UNKNOWN_PAYER, field="mmId", payer_id=command.payer_id)
    change = AccountChangeRow(command.payer_id, command.product_id, work.at, Decimal(command.accounts))
    insert_account_change(
        work.connection,
        change,
        change_id=work.new_id(),
        shard=shard_of(command.payer_id),
        actor=work.actor,
    )
