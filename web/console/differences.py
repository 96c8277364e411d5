"""What a run of the reconciliation found: a part of the run's page, and a line of the overview."""

from billing_center.reconcile.show_differences import Reconciliation, show_run
from billing_center.runs.list_runs import list_runs
from web.console.amounts import counted
from web.console.markup import Html, tag
from web.console.parts import Column, id_link, note, section, table
from web.console.visit import Visit

RECONCILE = "reconcile"
MOST = 200
"""Differences that a page shows."""


def newest_differences(visit: Visit) -> tuple[str, int]:
    """The newest run of the reconciliation and how many differences it found; no run and 0 before the first."""
    newest = list_runs(visit.work, job=RECONCILE, limit=1)
    if not newest:
        return "", 0
    run_id = newest[0].run.run_id
    return run_id, show_run(visit.work, run_id, limit=0).counts["differences"]


def differences_of(visit: Visit, run_id: str) -> Html:
    """What the run compared, what it left out, and each difference with what should be and what is."""
    t = visit.t
    found = show_run(visit.work, run_id, limit=MOST)
    return section(t("Differences", "差异"), _compared(visit, found), _table(visit, found))


def _compared(visit: Visit, found: Reconciliation) -> Html:
    t, counts = visit.t, found.counts
    number = counts["differences"]
    compared = t(
        found.summary,
        f"已核对 {counts['payers']} 个付费人、{counts['charges']} 笔费用、{counts['invoices']} 张账单",
    )
    left = ", ".join(f"{name}: {counted(count)}" for name, count in found.left_out.items())
    out = tag("div", t("left out: ", "未纳入："), left, class_="soft") if left else None
    words = t(f"{counted(number)} differences", f"{counted(number)} 处差异")
    return note("bad" if number else "good", tag("strong", words), "; ", compared, out)


def _table(visit: Visit, found: Reconciliation) -> Html | None:
    if not found.differences:
        return None
    t = visit.t
    columns = (
        Column(t("Payer", "付费人")), Column(t("Rule", "规则")), Column(t("Which row", "对象")),
        Column(t("Should be", "应为")), Column(t("Is", "实为")), Column(t("Facts behind it", "相关事实")),
    )  # fmt: skip
    rows = [
        (id_link(visit, "/payer", one.payer_id), one.rule.value, one.subject, one.expected, one.found, one.detail)
        for one in found.differences
    ]
    return table(visit, t(f"At most {MOST}", f"最多 {MOST} 处"), columns, rows)
