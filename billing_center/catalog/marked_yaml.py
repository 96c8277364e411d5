"""YAML read so that nothing is lost or guessed: every scalar stays the text it was, every value knows its line.

Where it stands in the walk: the first step of `catalog load`. 1.50 without quotes stays "1.50" and never becomes
a binary float, NO stays a name and no boolean, 2026-01-01 stays text until the schema reads it as a date.
Only plain data is accepted: no tags, no merge keys, one document, bounded depth and size.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import yaml

Path = tuple[str | int, ...]
"""Where a value stands: ("products", 2, "plans", "month", 0)."""

DEEPEST = 30
LARGEST = 200_000
"""Values in one file, counting what aliases repeat."""

_NULLS = {"", "~", "null", "Null", "NULL"}


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that is wrong, where it stands, and its line (1 is the first)."""

    line: int
    path: Path
    text: str

    def __str__(self) -> str:
        place = path_text(self.path)
        return f"line {self.line}: {place}: {self.text}" if place else f"line {self.line}: {self.text}"


@dataclass(slots=True)
class MarkedYaml:
    """What a text holds, the line of each of its values, and what is wrong with it as YAML."""

    value: object = None
    lines: dict[Path, int] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)

    def line_of(self, path: Path) -> int:
        """The line of the value, or of the nearest that holds its place."""
        return line_of(self.lines, path)


def line_of(lines: Mapping[Path, int], path: Path) -> int:
    """The line of the value at `path`, or of the nearest one around it; 1 for an empty file."""
    for end in range(len(path), -1, -1):
        if path[:end] in lines:
            return lines[path[:end]]
    return 1


def path_text(path: Path) -> str:
    """products[2].plans.month[0].prices[0].price; members of a list count from 0."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def read_yaml(text: str) -> MarkedYaml:
    """Read one YAML document: mappings as dict, sequences as list, scalars as str, null as None.

    Never raises for what the text holds: what is wrong is in `mistakes`, all of it as far as it can be read.
    """
    marked = MarkedYaml()
    reader = _Reader(marked)
    try:
        reader.read(yaml.parse(text.removeprefix("\ufeff"), Loader=yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        problem = ", ".join(part for part in (error.context, error.problem) if part)
        marked.mistakes.append(Mistake(line, (), f"this is not YAML: {problem}"))
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n") + 1
        problem = f"the character U+{_code(error.character):04X} is not allowed in YAML"
        marked.mistakes.append(Mistake(line, (), problem))
    except _TooLargeError as error:
        marked.mistakes.append(Mistake(error.line, error.path, str(error)))
    return marked


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _code(character: str | int | bytes) -> int:
    """The code point; the reader names it as a number or as the character itself."""
    return character if isinstance(character, int) else ord(character)


class _TooLargeError(Exception):
    def __init__(self, line: int, path: Path, text: str) -> None:
        super().__init__(text)
        self.line, self.path = line, path


@dataclass(frozen=True, slots=True)
class _Anchored:
    value: object
    size: int


class _Reader:
    """Builds values from the parser's events, one value at a time."""

    def __init__(self, marked: MarkedYaml) -> None:
        self._marked = marked
        self._anchors: dict[str, _Anchored] = {}
        self._count = 0

    def read(self, events: Iterator[yaml.Event]) -> None:
        """Read the first document; a second one is a mistake."""
        documents = 0
        for event in events:
            if not isinstance(event, yaml.DocumentStartEvent):
                continue
            documents += 1
            if documents > 1:
                self._mistake(event, (), "only one document is read; remove the ---")
                return
            self._marked.value = self._value(next(events), events, ())

    def _mistake(self, event: yaml.Event, path: Path, text: str) -> None:
        self._marked.mistakes.append(Mistake(_line(event), path, text))

    def _grow(self, event: yaml.Event, path: Path, by: int) -> None:
        self._count += by
        if self._count > LARGEST:
            raise _TooLargeError(_line(event), path, f"more than {LARGEST:,} values")
        if len(path) > DEEPEST:
            raise _TooLargeError(_line(event), path[:3], f"nested more than {DEEPEST} deep")

    def _value(self, event: yaml.Event, events: Iterator[yaml.Event], path: Path) -> object:
        self._grow(event, path, 1)
        self._marked.lines.setdefault(path, _line(event))
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, path)
        before = self._count
        tag = getattr(event, "tag", None)
        if tag is not None:
            self._mistake(event, path, f"tags like {tag} are not used in a catalog")
        if isinstance(event, yaml.ScalarEvent):
            value: object = None if event.style is None and event.value in _NULLS else event.value
        elif isinstance(event, yaml.SequenceStartEvent):
            value = self._sequence(events, path)
        else:
            value = self._mapping(events, path)
        anchor = getattr(event, "anchor", None)
        if anchor is not None:
            self._anchors[anchor] = _Anchored(value, self._count - before + 1)
        return value

    def _alias(self, event: yaml.AliasEvent, path: Path) -> object:
        anchored = self._anchors.get(event.anchor or "")
        if anchored is None:
            self._mistake(event, path, f"*{event.anchor} names no anchor that ends before it")
            return None
        self._grow(event, path, anchored.size)
        return anchored.value

    def _sequence(self, events: Iterator[yaml.Event], path: Path) -> list[object]:
        values: list[object] = []
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            values.append(self._value(event, events, (*path, len(values))))
        return values

    def _mapping(self, events: Iterator[yaml.Event], path: Path) -> dict[str, object]:
        values: dict[str, object] = {}
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            name = self._key(event, events, path)
            place = (*path, name)
            if name in values:
                first = self._marked.lines[place]
                self._mistake(event, place, f"this key stands twice; it is already on line {first}")
                self._value(next(events), events, (*place, "(again)"))
                continue
            self._marked.lines[place] = _line(event)
            values[name] = self._value(next(events), events, place)
        return values

    def _key(self, event: yaml.Event, events: Iterator[yaml.Event], path: Path) -> str:
        if isinstance(event, yaml.ScalarEvent):
            if event.value == "<<" and event.style is None:
                self._mistake(event, path, "merge keys (<<) are not used in a catalog; write the fields out")
            return str(event.value)
        self._mistake(event, path, "a key must be a plain word")
        self._value(event, events, (*path, "(key)"))
        return f"(key on line {_line(event)})"
