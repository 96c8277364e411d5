"""What every page is a function of: who looks, in which language, at what, and the unit of work that reads it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from urllib.parse import urlencode

from billing_center.access.caller import Caller
from billing_center.access.refused_calls import clean
from billing_center.center import UnitOfWork
from web.console.markup import Html, tag

ROOT = "/console"
PAGE = 50
"""Rows on a page of a list."""


class Language(StrEnum):
    """The console speaks these; every label is written in both where it stands."""

    ENGLISH = "en"
    CHINESE = "zh"


def choose_language(asked: str, accepted: str) -> Language:
    """By ?lang, else by the first of the browser's languages that the console speaks, else English."""
    if asked in tuple(Language):
        return Language(asked)
    wanted: list[tuple[float, int, str]] = []
    for place, part in enumerate(accepted.split(",")[:20]):
        name, _, weight = part.strip().lower().partition(";q=")
        try:
            wanted.append((-float(weight or 1), place, name[:2]))
        except ValueError:
            continue
    spoken = [name for _, _, name in sorted(wanted) if name in tuple(Language)]
    return Language(spoken[0]) if spoken else Language.ENGLISH


@dataclass(frozen=True, slots=True)
class Visit:
    """One look at one page. `query` is what stood in the address, `token` what a form must carry to act."""

    work: UnitOfWork
    caller: Caller
    language: Language
    path: str  # below the root, such as /run
    query: Mapping[str, str]
    token: str

    def t(self, english: str, chinese: str) -> str:
        """The label in the visitor's language."""
        return chinese if self.language is Language.CHINESE else english

    def arg(self, name: str) -> str:
        """What the address says for a name: bounded, clean text, empty when it says nothing."""
        return clean(self.query.get(name, "").strip(), 200)

    def wanted(self, name: str) -> str | None:
        """The same for a filter: None when it is not set."""
        return self.arg(name) or None

    def number(self, name: str, *, most: int = 1_000_000) -> int:
        """A whole number of the address, 0 when it says none that can be."""
        text = self.arg(name)
        return min(int(text), most) if text.isascii() and text.isdigit() and len(text) < 10 else 0

    def href(self, path: str, **query: str | int | None) -> str:
        """The address of a page of the console; a language that was asked for goes along. None is left out."""
        pairs = {name: str(value) for name, value in query.items() if value not in (None, "")}
        if "lang" in self.query and "lang" not in pairs:
            pairs["lang"] = self.language.value
        return f"{ROOT}{path}" + (f"?{urlencode(pairs)}" if pairs else "")

    def here(self, **query: str | int | None) -> str:
        """The address of this page with some of its query changed."""
        kept = {name: self.arg(name) for name in self.query if name != "done"}
        return self.href(self.path, **(kept | query))

    def when(self, instant: datetime | None) -> Html | None:
        """An instant in the business time zone, to the second."""
        if instant is None:
            return None
        local = instant.astimezone(self.work.zone)
        return tag("time", f"{local:%Y-%m-%d %H:%M:%S}", datetime=local.isoformat())

    def day(self, day: date | None) -> Html | None:
        """A civil day."""
        return None if day is None else tag("time", day.isoformat(), datetime=day.isoformat())
