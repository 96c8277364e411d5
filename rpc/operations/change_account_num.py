"""changeAccountNum(mmId, currentNum, productCode) -> String: accounts for a product. Design: contract."""

from billing_center.errors import OutOfRange
from billing_center.order.change_accounts import ChangeAccounts, change_accounts
from rpc.fields import read_text, read_whole
from rpc.operation import Asked, Operation, Writing

MOST_ACCOUNTS = (1 << 31) - 1


def prepare(asked: Asked) -> Writing:
    """The number of accounts that holds from now on."""
    payer_id, accounts, product_id = asked.arguments
    command = ChangeAccounts(
        payer_id=read_text(payer_id, "mmId", required=True),
        accounts=read_whole(accounts, "currentNum"),
        product_id=read_text(product_id, "productCode", required=True),
    )
    if not 0 <= command.accounts <= MOST_ACCOUNTS:
        raise OutOfRange("currentNum must be 0 or more", field="currentNum")
    return Writing(command, verb=change_accounts, product_id=command.product_id)


CHANGE_ACCOUNT_NUM = Operation(
    name="changeAccountNum",
    parameters=("mmId", "currentNum", "productCode"),
    prepare=prepare,
    summary="a payer's authorised accounts for a product",
)
