"""The seven inbound operations, one file each, named like on the wire. A new one is a file and a row here."""

from collections.abc import Mapping

from rpc.operation import Operation
from rpc.operations.change_account_num import CHANGE_ACCOUNT_NUM
from rpc.operations.feedback_user import FEEDBACK_USER
from rpc.operations.get_total_price import GET_TOTAL_PRICE
from rpc.operations.insert_service_op import INSERT_SERVICE_OP
from rpc.operations.install_order import INSTALL_ORDER
from rpc.operations.pay_callback import PAY_CALLBACK
from rpc.operations.update_order_state import UPDATE_ORDER_STATE

OPERATIONS: tuple[Operation, ...] = (
    INSERT_SERVICE_OP,
    INSTALL_ORDER,
    UPDATE_ORDER_STATE,
    GET_TOTAL_PRICE,
    FEEDBACK_USER,
    PAY_CALLBACK,
    CHANGE_ACCOUNT_NUM,
)

BY_NAME: Mapping[str, Operation] = {operation.name: operation for operation in OPERATIONS}
