"""The audit: who did what to which thing; the page, and the part of other pages that shows one thing's entries."""

import json
from collections.abc import Sequence

from billing_center.audit.list_entries import AuditEntry, list_entries
from web.console.markup import Html, join, tag
from web.console.page import Page
from web.console.parts import Column, field, filters, next_page, section, table
from web.console.visit import PAGE, Visit

OF_ONE = 20
"""Entries that the page of one thing shows."""


def audit(visit: Visit) -> Page:
    """The newest entries first."""
    t = visit.t
    found = list_entries(
        visit.work,
        subject=visit.wanted("subject"),
        actor=visit.wanted("actor"),
        act=visit.wanted("act"),
        before=visit.arg("before"),
        limit=PAGE + 1,
    )
    form = filters(
        visit,
        field(visit, "subject", t("Which thing", "对象")),
        field(visit, "actor", t("Who", "操作者")),
        field(visit, "act", t("Act", "操作")),
    )
    shown = found[:PAGE]
    following = next_page(visit, found, before=shown[-1].entry_id) if shown else None
    return Page(t("Audit", "审计"), join(form, _table(visit, shown), following))


def audit_of(visit: Visit, subject: str) -> Html | None:
    """What was done to one thing; nothing when nothing was."""
    found = list_entries(visit.work, subject=subject, limit=OF_ONE)
    return section(visit.t("Audit", "审计"), _table(visit, found)) if found else None


def _table(visit: Visit, entries: Sequence[AuditEntry]) -> Html:
    t = visit.t
    columns = (Column(t("When", "时间")), Column(t("Who", "操作者")), Column(t("Act", "操作")),
               Column(t("Which thing", "对象")), Column(t("Detail", "详情")))  # fmt: skip
    rows = [
        (
            visit.when(one.at), one.actor, one.act, tag("span", one.subject, class_="id"),
            tag("code", json.dumps(one.detail, ensure_ascii=False, sort_keys=True)) if one.detail else None,
        )
        for one in entries
    ]  # fmt: skip
    return table(visit, t("Entries, the newest first", "记录，最新在前"), columns, rows)
