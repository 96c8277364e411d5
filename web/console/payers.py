"""Payers: by the beginning of their id, or those in arrears."""

from collections.abc import Sequence

from billing_center.payer.find_payers import find_payers
from billing_center.payer.store import PayerRow, schedules_of
from billing_center.settlement.arrears import payers_in_arrears
from billing_center.settlement.show_arrears import PayerInArrears, list_in_arrears
from web.console.amounts import money
from web.console.markup import Html, join, tag
from web.console.page import Page
from web.console.parts import Column, choice, field, filters, id_link, next_page, table
from web.console.visit import PAGE, Visit


def payers(visit: Visit) -> Page:
    """The list."""
    t = visit.t
    form = filters(
        visit,
        field(visit, "id", t("Id begins with", "编号开头")),
        choice(visit, "arrears", t("Arrears", "欠费"), [("1", t("only payers in arrears", "仅欠费"))]),
    )
    listed = _in_arrears(visit) if visit.arg("arrears") else _by_id(visit)
    return Page(t("Payers", "付费人"), join(form, listed))


def _by_id(visit: Visit) -> Html:
    found = find_payers(visit.work, visit.arg("id"), after=visit.arg("after"), limit=PAGE + 1)
    shown = found[:PAGE]
    following = next_page(visit, found, after=shown[-1].payer_id) if shown else None
    return join(payer_table(visit, shown), following)


def payer_table(visit: Visit, shown: Sequence[PayerRow]) -> Html:
    """Payers as a table, here and where something was looked for."""
    t, work = visit.t, visit.work
    arrears = payers_in_arrears(work.connection, [one.payer_id for one in shown], on=work.today)
    schedules = schedules_of(work.connection, shown)
    columns = (
        Column(t("Payer", "付费人")), Column(t("Name", "名称")), Column(t("Customer", "客户")),
        Column(t("Currency", "币种")), Column(t("Open period", "当前账期")), Column(t("Arrears", "欠费")),
    )  # fmt: skip
    rows = []
    for one in shown:
        period = schedules[one.payer_id].period_of(max(work.today, one.closed_until))
        owes = tag("span", t("in arrears", "欠费"), class_="badge bad") if one.payer_id in arrears else None
        days = f"{period.start} – {period.end}"
        rows.append((id_link(visit, "/payer", one.payer_id), one.name, one.cust_id, one.currency, days, owes))
    return table(visit, t("Payers in order of their ids", "付费人，按编号"), columns, rows)


def _in_arrears(visit: Visit) -> Html:
    t, base = visit.t, visit.work.settings.base_currency
    found: Sequence[PayerInArrears] = list_in_arrears(visit.work, after=visit.arg("after"), limit=PAGE + 1)
    columns = (
        Column(t("Payer", "付费人")), Column(t("Unpaid invoices", "未付账单"), True),
        Column(t("Come to", "合计"), True), Column(t("Due since", "最早到期日")),
    )  # fmt: skip
    rows = [
        (id_link(visit, "/payer", one.payer_id), one.invoices, money(one.base_amount, base), visit.day(one.since))
        for one in found[:PAGE]
    ]
    listed = table(
        visit, t("Payers in arrears today", "今日欠费付费人"), columns, rows,
        empty=t("Nobody is in arrears.", "没有欠费付费人。"),
    )  # fmt: skip
    following = next_page(visit, found, after=found[PAGE - 1].payer_id) if len(found) > PAGE else None
    return join(listed, following)
