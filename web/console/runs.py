"""Runs of jobs: the list with how far each has come, and one run with its tasks, failures, stop and retry."""

from collections.abc import Sequence

from billing_center.errors import OutOfRange
from billing_center.runs.list_runs import STUCK, RunListed, list_runs, percent_done
from billing_center.runs.run import UNFINISHED, RunReport, RunState
from billing_center.runs.show_runs import run_report
from web.console.amounts import counted
from web.console.audit import audit_of
from web.console.differences import RECONCILE, differences_of
from web.console.markup import Html, join, tag
from web.console.page import Page
from web.console.parts import Column, act, choice, facts, filters, id_link, next_page, progress, section, table
from web.console.states import JOBS, badge, job_words
from web.console.visit import PAGE, Visit

MOST_FAILURES = 200


def runs(visit: Visit) -> Page:
    """The list, of one job or state when asked for."""
    t = visit.t
    state, skip = visit.arg("state"), visit.number("skip")
    states = STUCK if state == "STUCK" else _state(state)
    found = list_runs(visit.work, job=visit.wanted("job"), states=states, limit=PAGE + 1, skip=skip)
    jobs = [(job, job_words(visit, job)) for job in JOBS]
    stuck = ("STUCK", t("failed or stopped", "失败或已停止"))
    form = filters(
        visit,
        choice(visit, "job", t("Job", "作业"), jobs),
        choice(visit, "state", t("State", "状态"), [stuck, *((s.value, s.value) for s in RunState)]),
    )
    listed = run_table(visit, t("Runs, the newest first", "作业，最新在前"), found[:PAGE])
    return Page(t("Runs", "作业"), join(form, listed, next_page(visit, found, skip=skip + PAGE)), is_live(found))


def run(visit: Visit) -> Page:
    """One run. Raises: OutOfRange when there is none of that id."""
    t = visit.t
    report = run_report(visit.work, visit.arg("id"), failures=MOST_FAILURES)
    one = report.run
    told = facts([
        (t("State", "状态"), badge(visit, one.state.value)),
        (t("Finished", "进度"), progress(visit, percent_done(report), one.state)),
        (t("Business day", "业务日"), visit.day(one.business_day)),
        (t("Attempt", "第几次"), one.attempt),
        (t("Begun", "开始"), visit.when(one.started_at)),
        (t("Ended", "结束"), visit.when(one.finished_at)),
        (t("Worked", "用时"), f"{one.duration_ms / 1000:,.1f} s"),
        (t("Done", "已处理"), counted(one.items)),
        (t("Failures", "失败数"), counted(one.failures)),
        (t("Driven by", "执行进程"), one.node),
        (t("Error", "错误"), one.error),
    ])  # fmt: skip
    differences = differences_of(visit, one.run_id) if one.job == RECONCILE else None
    tasks = _tasks(visit, report)
    body = join(
        told, _acts(visit, report), differences, _failures(visit, report), tasks, audit_of(visit, one.run_id)
    )
    return Page(f"{job_words(visit, one.job)} · {one.run_id}", body, live=one.state in UNFINISHED)


def run_table(visit: Visit, caption: str, listed: Sequence[RunListed]) -> Html:
    """Runs as a table, here and on the overview."""
    t = visit.t
    columns = (
        Column(t("Run", "作业")), Column(t("State", "状态")), Column(t("Finished", "进度")),
        Column(t("Begun", "开始")), Column(t("Done", "已处理"), True), Column(t("Failures", "失败"), True),
        Column(t("Error", "错误")),
    )  # fmt: skip
    rows = [
        (
            join(job_words(visit, one.run.job), tag("br"), id_link(visit, "/run", one.run.run_id)),
            badge(visit, one.run.state.value),
            progress(visit, one.percent, one.run.state),
            visit.when(one.run.started_at),
            counted(one.run.items),
            tag("span", counted(one.run.failures), class_="badge bad") if one.run.failures else "0",
            one.run.error,
        )
        for one in listed
    ]
    return table(visit, caption, columns, rows, empty=t("No job has run yet.", "尚无作业运行。"))


def is_live(listed: Sequence[RunListed]) -> bool:
    """Whether one of them is under way."""
    return any(one.run.state in UNFINISHED for one in listed)


def _state(text: str) -> tuple[RunState, ...] | None:
    if not text:
        return None
    try:
        return (RunState(text),)
    except ValueError:
        raise OutOfRange(f"{text!r} is no state of a run", field="state") from None


def _acts(visit: Visit, report: RunReport) -> Html | None:
    t, one = visit.t, report.run
    if one.state is RunState.RUNNING:
        button = act(visit, "/act/stop-run", t("Stop this run", "停止作业"), kind="stop", id=one.run_id)
    elif one.state in STUCK:
        button = act(
            visit, "/act/retry-run", t("Retry: go on where it stood", "重试：从中断处继续"), id=one.run_id
        )
    else:
        return None
    return tag("div", button, class_="acts")


def _failures(visit: Visit, report: RunReport) -> Html | None:
    if not report.failures:
        return None
    t = visit.t
    columns = (Column(t("What failed", "失败对象")), Column(t("When", "时间")), Column(t("Rule", "规则")),
               Column(t("Why", "原因")))  # fmt: skip
    rows = [(f.subject, visit.when(f.at), f.code, f.message) for f in report.failures]
    caption = t(f"At most {MOST_FAILURES}; everything else went on", f"最多 {MOST_FAILURES} 条；其余照常处理")
    return section(t("Failures", "失败"), table(visit, caption, columns, rows))


def _tasks(visit: Visit, report: RunReport) -> Html | None:
    if not report.tasks:
        return None
    t = visit.t
    columns = (
        Column(t("Task", "任务"), True), Column(t("Shards", "分片")), Column(t("State", "状态")),
        Column(t("Stands after", "进行到")), Column(t("Done", "已处理"), True),
        Column(t("Failures", "失败"), True), Column(t("Seconds", "秒"), True),
        Column(t("Worker", "进程")), Column(t("Error", "错误")),
    )  # fmt: skip
    rows = [
        (task.task_no, f"{task.first_shard}–{task.last_shard}", badge(visit, task.state.value), task.position,
         counted(task.items), counted(task.failures), f"{task.duration_ms / 1000:,.1f}", task.worker, task.error)
        for task in report.tasks
    ]  # fmt: skip
    caption = t(f"{len(report.tasks)} tasks over 256 shards", f"{len(report.tasks)} 个任务，共 256 个分片")
    return section(t("Tasks", "任务"), table(visit, caption, columns, rows))
