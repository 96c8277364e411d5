"""Messages to the account and order systems: what waits, what is held for a person, one with its tries."""

import json
from collections.abc import Sequence

from billing_center.errors import OutOfRange
from billing_center.outbox.message import MessageKind, MessageState
from billing_center.outbox.show_messages import show_message
from billing_center.outbox.store import SentMessage, Try, messages_in
from web.console.audit import audit_of
from web.console.markup import Html, join, tag
from web.console.page import Page
from web.console.parts import Column, act, choice, facts, filters, id_link, note, section, table
from web.console.states import STATES, badge
from web.console.visit import Visit

MOST = 200


def messages(visit: Visit) -> Page:
    """The list: those held for a person first, then those that wait; or one state."""
    t, state = visit.t, visit.arg("state")
    if state and state not in tuple(MessageState):
        raise OutOfRange(f"{state!r} is no state of a message", field="state")
    asked = [MessageState(state)] if state else [MessageState.HELD, MessageState.WAITING]
    options = [(s.value, t(s.value, STATES[s.value][0])) for s in MessageState]
    lists = [
        section(
            t(f"Messages {one.value}", f"消息：{STATES[one.value][0]}"),
            message_table(
                visit,
                t(f"The longest due first, at most {MOST}", f"最早到期在前，最多 {MOST} 条"),
                messages_in(visit.work.connection, one, limit=MOST),
            ),
        )
        for one in asked
    ]
    return Page(
        t("Messages", "消息"), join(filters(visit, choice(visit, "state", t("State", "状态"), options)), lists)
    )


def message(visit: Visit) -> Page:
    """One message. Raises: Unknown (UNKNOWN_MESSAGE)."""
    t = visit.t
    shown = show_message(visit.work, visit.arg("id"))
    one = shown.message
    held = one.state is MessageState.HELD
    told = facts([
        (t("State", "状态"), badge(visit, one.state.value)),
        (t("For", "用途"), badge(visit, one.kind.value)),
        (t("About", "对象"), _subject(visit, one)),
        (t("Payer", "付费人"), id_link(visit, "/payer", one.payer_id)),
        (t("Put in", "生成"), visit.when(one.created_at)),
        (t("Tries", "次数"), one.tries),
        (t("Next try", "下次发送"), visit.when(one.next_try_at) if one.state is MessageState.WAITING else None),
        (t("Accepted", "接受时间"), visit.when(one.sent_at)),
        (t("Last answer", "最后答复"), one.last_answer),
    ])  # fmt: skip
    words = t(
        "Its tries are used up. Mend the other side, then release it: the same id is sent again.",
        "重试次数已用完。请先排除对方系统的问题，再释放：将以同一编号重发。",
    )
    button = act(visit, "/act/release-message", t("Release: send it again", "释放：重新发送"), id=one.message_id)
    body = join(
        join(note("bad", words), tag("div", button, class_="acts")) if held else None,
        told,
        section(t("Tries", "发送记录"), try_table(visit, one.history)),
        section(t("What it says", "内容"), tag("pre", _pretty(shown.payload), class_="card")),
        audit_of(visit, one.message_id),
    )
    return Page(f"{t('Message', '消息')} {one.message_id}", body)


def message_table(visit: Visit, caption: str, shown: Sequence[SentMessage]) -> Html:
    """Messages as a table, here and on the page of what they are about."""
    t = visit.t
    columns = (
        Column(t("Message", "消息")), Column(t("State", "状态")), Column(t("For", "用途")),
        Column(t("About", "对象")), Column(t("Payer", "付费人")), Column(t("Tries", "次数"), True),
        Column(t("Next try", "下次发送")), Column(t("Last answer", "最后答复")),
    )  # fmt: skip
    rows = [
        (
            id_link(visit, "/message", one.message_id), badge(visit, one.state.value),
            badge(visit, one.kind.value), _subject(visit, one), id_link(visit, "/payer", one.payer_id), one.tries,
            visit.when(one.next_try_at) if one.state is MessageState.WAITING else None, one.last_answer,
        )
        for one in shown
    ]  # fmt: skip
    return table(visit, caption, columns, rows, empty=t("No message.", "没有消息。"))


def try_table(visit: Visit, tries: Sequence[Try]) -> Html:
    """Every try to send a message."""
    t = visit.t
    columns = (Column("#", True), Column(t("When", "时间")), Column(t("Outcome", "结果")),
               Column(t("Answer", "答复")))  # fmt: skip
    rows = [(one.try_no, visit.when(one.at), badge(visit, one.outcome.value), one.answer) for one in tries]
    return table(visit, t("In order", "按顺序"), columns, rows, empty=t("Not sent yet.", "尚未发送。"))


def _subject(visit: Visit, one: SentMessage) -> Html | None:
    if one.kind is MessageKind.ALERT:
        return id_link(visit, "/payer", one.payer_id)
    path = "/invoice" if one.kind is MessageKind.DEDUCTION else "/order"
    return id_link(visit, path, one.subject_id)


def _pretty(payload: object) -> str:
    return json.dumps(payload, ensure_ascii=False, indent=2, sort_keys=True)
