"""The first page: what needs a person on top, then today's cycle, how much there is, the last runs."""

from billing_center.access.refused_calls import count_refused_today
from billing_center.alert.spend_alert import count_unseen
from billing_center.bounded_count import BoundedCount
from billing_center.invoice.count_invoices import InvoiceCounts, count_invoices
from billing_center.invoice.state import InvoiceState
from billing_center.outbox.message import MessageState
from billing_center.outbox.show_messages import message_counts
from billing_center.runs.list_runs import STUCK, list_runs
from billing_center.runs.show_runs import run_of_period
from billing_center.settlement.show_arrears import count_in_arrears
from billing_center.usage.park import HELD, PARKED, WAITING
from billing_center.usage.show_uses import queue_counts
from web.console.amounts import counted
from web.console.differences import newest_differences
from web.console.markup import Html, join, tag
from web.console.page import Page
from web.console.parts import id_link, note, section
from web.console.runs import is_live, run_table
from web.console.states import STATES, badge
from web.console.visit import PAGE, Visit

CYCLE = "cycle"
Counts = dict[str, BoundedCount]


def overview(visit: Visit) -> Page:
    """The page at /console."""
    t, work = visit.t, visit.work
    uses, messages, invoices = queue_counts(work), message_counts(work), count_invoices(work)
    runs = list_runs(work, limit=8)
    stuck = list_runs(work, states=STUCK, limit=PAGE + 1)
    body = join(
        _needs(visit, uses, messages[MessageState.HELD], invoices.flagged, len(stuck)),
        section(t("Today's cycle", "今日处理"), _cycle(visit)),
        section(t("How much there is", "数量"), _tiles(visit, uses, messages, invoices)),
        section(t("Last runs", "最近的作业"), run_table(visit, t("The newest first", "最新在前"), runs)),
    )
    return Page(t("Overview", "总览"), body, live=is_live(runs))


def _needs(visit: Visit, uses: Counts, held: BoundedCount, flagged: BoundedCount, stuck: int) -> Html:
    t = visit.t
    run_id, differences = newest_differences(visit)
    wanted = (
        (BoundedCount(differences), "bad", "/run", {"id": run_id},
         t("differences in the newest reconciliation", "处差异，见最近一次对账")),
        (BoundedCount(min(stuck, PAGE), stuck > PAGE), "bad", "/runs", {"state": "STUCK"},
         t("failed or stopped runs: look why, then retry", "个作业失败或已停止：查看原因后重试")),
        (uses[HELD], "bad", "/uses", {"state": HELD},
         t("uses held for a person: mend the cause, then release", "条使用等待人工：排除原因后释放")),
        (held, "bad", "/messages", {"state": "HELD"},
         t("messages that the other system did not take", "条消息未被对方系统接受")),
        (count_unseen(visit.work), "wait", "/alerts", {"unseen": "1"},
         t("spend alerts that nobody has acknowledged", "条消费告警未确认")),
        (flagged, "wait", "/invoices", {"flagged": "1"},
         t("invoices flagged for a person", "张账单需人工查看")),
    )  # fmt: skip
    items = [
        tag(
            "li",
            tag("a", tag("b", counted(count)), tag("span", words), class_=tone, href=visit.href(path, **query)),
        )
        for count, tone, path, query, words in wanted
        if count
    ]
    if not items:
        return note("good", t("Nothing waits for a person.", "没有需要人工处理的事项。"))
    return join(tag("h2", t("Needs a person", "需要人工处理")), tag("ul", items, class_="needs"))


def _cycle(visit: Visit) -> Html:
    t, today = visit.t, visit.work.today
    run = run_of_period(visit.work, CYCLE, today.isoformat())
    if run is None:
        due = visit.work.settings.schedule_cycle
        words = t(
            f"The cycle of {today} has not begun; it is due at {due}.", f"{today} 的日处理尚未开始，定于 {due}。"
        )
        return tag("p", words, class_="card none")
    ended = (" ", t("ended", "结束于"), " ", visit.when(run.finished_at)) if run.finished_at else None
    begun = (t("begun", "开始于"), " ", visit.when(run.started_at))
    words = join(badge(visit, run.state.value), " ", id_link(visit, "/run", run.run_id), " ", begun, ended)
    failed = tag("p", run.error, class_="note bad") if run.error else None
    return join(tag("p", words, class_="card none"), failed)


def _tiles(
    visit: Visit, uses: Counts, messages: dict[MessageState, BoundedCount], invoices: InvoiceCounts
) -> Html:
    t, zh = visit.t, STATES
    tiles = [
        (uses[WAITING], t("uses waiting to be rated", "待计价的使用"), visit.href("/uses", state=WAITING)),
        (uses[PARKED], t("uses parked, tried again", "搁置、自动重试的使用"), visit.href("/uses", state=PARKED)),
        (uses[HELD], t("uses held for a person", "待人工的使用"), visit.href("/uses", state=HELD)),
        (messages[MessageState.WAITING], t("messages waiting", "待发送消息"), visit.href("/messages")),
        (messages[MessageState.HELD], t("messages held", "待人工消息"), visit.href("/messages", state="HELD")),
        (count_in_arrears(visit.work), t("payers in arrears", "欠费付费人"), visit.href("/payers", arrears=1)),
        (count_refused_today(visit.work), t("calls refused today", "今日被拒调用"), visit.href("/refused")),
        *(
            (invoices.by_state[state], t(f"invoices {state}", f"账单：{zh[state][0]}"),
             visit.href("/invoices", state=state.value))
            for state in InvoiceState
        ),
    ]  # fmt: skip
    made = [
        tag("li", tag("a", tag("b", counted(count)), tag("span", words), href=href, class_="card"))
        for count, words, href in tiles
    ]
    return tag("ul", made, class_="tiles")
