"""One order: its facts, every change of its state, and the commands that were sent about it."""

from billing_center.errors import ResultCode, Unknown
from billing_center.order.store import find_order, state_changes
from billing_center.outbox.message import MessageKind
from billing_center.outbox.store import messages_of
from web.console.markup import join
from web.console.messages import message_table
from web.console.page import Page
from web.console.parts import Column, facts, id_link, section, table
from web.console.payer import order_state
from web.console.states import badge
from web.console.visit import Visit


def order(visit: Visit) -> Page:
    """The page. Raises: Unknown (UNKNOWN_ORDER)."""
    t, connection, order_id = visit.t, visit.work.connection, visit.arg("id")
    one = find_order(connection, order_id)
    if one is None:
        raise Unknown(f"no order has the id {order_id!r}", code=ResultCode.UNKNOWN_ORDER, order_id=order_id)
    told = facts([
        (t("State", "状态"), order_state(visit, one)),
        (t("Payer", "付费人"), id_link(visit, "/payer", one.payer_id)),
        (t("Customer", "客户"), one.cust_id),
        (t("Order code", "订单号"), one.order_code),
        (t("Product", "产品"), id_link(visit, "/product", one.product_id)),
        (t("Plan", "计费方式"), one.plan.value),
        (t("By account quota", "按账户配额"), t("yes", "是") if one.is_quota else t("no", "否")),
        (t("Promotion", "促销"), one.promotion_id),
        (t("Features", "特性"), ", ".join(f"{name}={value}" for name, value in one.features.items())),
        (t("Begun", "开通"), visit.when(one.start_at)),
        (t("Ended", "终止日"), visit.day(one.ended_day)),
        (t("Rated through", "已计至"), visit.day(one.rated_through)),
    ])  # fmt: skip
    columns = (
        Column(t("When", "时间")), Column(t("From", "原状态")), Column(t("To", "新状态")),
        Column(t("Who", "操作者")), Column(t("Why", "原因")),
    )  # fmt: skip
    changes = [
        (visit.when(c.at), badge(visit, c.from_state) if c.from_state != "-" else "-", badge(visit, c.to_state),
         c.actor, c.reason)
        for c in state_changes(connection, [order_id]).get(order_id, [])
    ]  # fmt: skip
    sent = messages_of(connection, order_id, MessageKind.CONTROL)
    body = join(
        told,
        section(
            t("States", "状态历史"),
            table(visit, t("In the order in which they took effect", "按生效时间"), columns, changes),
        ),
        section(
            t("Commands to the order system", "发往订单系统的指令"),
            message_table(visit, t("In the order in which they are sent", "按发送顺序"), sent),
        ),
    )
    return Page(f"{t('Order', '订单')} {order_id}", body)
