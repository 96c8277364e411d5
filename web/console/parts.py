"""What pages are made of: tables, lists of facts, links, filters, forms that act, progress."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from billing_center.runs.run import UNFINISHED, RunState
from web.console.markup import Child, Html, join, tag
from web.console.visit import PAGE, ROOT, Visit


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; numbers stand to the right."""

    label: str
    number: bool = False


def table(
    visit: Visit, caption: str, columns: Sequence[Column], rows: Iterable[Sequence[Child]], *, empty: str = ""
) -> Html:
    """A table that a keyboard can scroll, and that becomes a list of cards on a phone."""
    made = [_row(columns, row) for row in rows]
    if not made:
        return tag("p", empty or visit.t("Nothing here.", "没有内容。"), class_="card none")
    # The roles say again what the elements are: browsers forget it for tables that are laid out as cards.
    head = tag("tr", [_head(column) for column in columns], role="row")
    return tag(
        "div",
        tag(
            "table",
            tag("caption", caption),
            tag("thead", head, role="rowgroup"),
            tag("tbody", made, role="rowgroup"),
            role="table",
        ),
        class_="scroll",
        role="region",
        aria_label=caption,
        tabindex=0,
    )


def _head(column: Column) -> Html:
    return tag("th", column.label, scope="col", role="columnheader", class_="n" if column.number else None)


def _row(columns: Sequence[Column], row: Sequence[Child]) -> Html:
    cells = [
        tag("td", _held(cell), role="cell", data_label=column.label, class_="n" if column.number else None)
        for column, cell in zip(columns, row, strict=True)
    ]
    return tag("tr", cells, role="row")


def _held(cell: Child) -> Html | None:
    """What a cell holds, in one piece beside its label on a phone; nothing for nothing."""
    inner = join(cell)
    return tag("div", inner) if inner else None


def facts(pairs: Iterable[tuple[str, Child]]) -> Html:
    """Names and what they are; a fact that is None or empty is left out."""
    return tag(
        "dl",
        [tag("div", tag("dt", name), tag("dd", value)) for name, value in pairs if value not in (None, "")],
        class_="card",
    )


def section(title: str, *children: Child) -> Html:
    """A part of a page under its heading."""
    return tag("section", tag("h2", title), children)


def link(visit: Visit, path: str, text: Child, **query: str | int | None) -> Html:
    """A link to another page of the console."""
    return tag("a", text, href=visit.href(path, **query))


def id_link(visit: Visit, path: str, an_id: str, text: str = "") -> Html | None:
    """A link to the page of a thing by its id; plain text for '-', nothing for an empty id."""
    if an_id in ("", "-"):
        return tag("span", "-") if an_id else None
    return tag("a", text or an_id, href=visit.href(path, id=an_id), class_="id")


def filters(visit: Visit, *fields: Html) -> Html:
    """A form that asks this page again; a language that was asked for goes along."""
    language = (
        tag("input", type="hidden", name="lang", value=visit.language.value) if "lang" in visit.query else None
    )
    button = tag("button", visit.t("Show", "查看"))
    return tag("form", fields, language, button, class_="filter", method="get", action=ROOT + visit.path)


def field(visit: Visit, name: str, label: str, *, hint: str = "") -> Html:
    """A text that a filter asks for."""
    box = tag("input", name=name, value=visit.arg(name), maxlength=200, placeholder=hint or None)
    return tag("label", label, box)


def choice(visit: Visit, name: str, label: str, options: Iterable[tuple[str, str]]) -> Html:
    """One of several values, or any."""
    chosen = visit.arg(name)
    every = tag("option", visit.t("any", "全部"), value="")
    made = [tag("option", text, value=value, selected=value == chosen) for value, text in options]
    return tag("label", label, tag("select", every, made, name=name))


def act(visit: Visit, path: str, label: str, *, kind: str = "act", **hidden: str) -> Html:
    """A form with one button that does something, carrying the token that proves where it came from."""
    fields = [tag("input", type="hidden", name=name, value=value) for name, value in hidden.items()]
    button = tag("button", label, class_=kind)
    return tag("form", token_field(visit), fields, button, method="post", action=visit.href(path))


def token_field(visit: Visit) -> Html:
    """What every form that acts must carry."""
    return tag("input", type="hidden", name="token", value=visit.token)


def progress(visit: Visit, percent: int | None, state: RunState) -> Html | None:
    """How many of a run's tasks are done: a bar and its number, words for one that has no tasks."""
    if percent is None:
        return tag("span", visit.t("under way", "进行中"), class_="soft") if state in UNFINISHED else None
    bar = tag("progress", max=100, value=percent, aria_label=visit.t("finished", "完成"))
    return tag("span", bar, f"{percent}%", class_="id")


def next_page(visit: Visit, found: Sequence[object], **after: str | int) -> Html | None:
    """A link to what follows, when more than a page was found."""
    if len(found) <= PAGE:
        return None
    words = visit.t("Next page", "下一页")
    return tag("p", tag("a", words, href=visit.here(**after), class_="button", rel="next"))


def note(tone: str, *children: Child) -> Html:
    """A remark that must be seen."""
    return tag("p", children, class_=f"note {tone}", role="status")
