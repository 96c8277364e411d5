"""What Oracle 19c refuses, or answers otherwise, and no parser or other database notices: rules over statements.

Each rule reads the text of one compiled statement. Rules over tables and column types are in `type_rules`.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy import PrimaryKeyConstraint, Text, UniqueConstraint

from schema.tables import metadata

UNIQUE_KEYS = (PrimaryKeyConstraint, UniqueConstraint)
MAX_IN_LIST = 1000
MAX_VARCHAR2 = 4000
MAX_DIGITS = 38
_IGNORED = re.compile(r"'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/", re.DOTALL)
_CLAUSE_END = r"(?=\bHAVING\b|\bORDER\s+BY\b|\bFETCH\b|\bOFFSET\b|\bFOR\s+UPDATE\b|\bUNION\b|\)|$)"


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that Oracle refuses: its error number, a sentence, and what finds it in a statement."""

    name: str
    code: int
    says: str
    breaks: Callable[[str], bool]


def broken_rules(statement: str) -> list[Rule]:
    """The rules that a statement breaks. Literals and comments are not looked at, but for ''."""
    bare = _IGNORED.sub(_without_content, statement)
    return [rule for rule in RULES if rule.breaks(bare)]


def _without_content(found: re.Match[str]) -> str:
    if found[0][0] != "'":
        return " "
    return "''" if found[0] == "''" else "'x'"


def _has(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern, re.IGNORECASE | re.DOTALL)
    return lambda statement: compiled.search(statement) is not None


def _over(pattern: str, limit: int) -> Callable[[str], bool]:
    compiled = re.compile(pattern, re.IGNORECASE)
    return lambda statement: any(int(found[1]) > limit for found in compiled.finditer(statement))


def _long_in_list(statement: str) -> bool:
    lists = re.finditer(r"\bIN\s*\((?!\s*SELECT\b)((?:[^()]|\([^()]*\))*)\)", statement, re.IGNORECASE)
    return any(re.sub(r"\([^()]*\)", "t", found[1]).count(",") >= MAX_IN_LIST for found in lists)


def _clob_columns(statement: str) -> Iterator[str]:
    """Every CLOB column of the statement's tables, as the statement may write it."""
    for found in re.finditer(r"\b(?:FROM|JOIN|UPDATE|INTO|,)\s+(\w+)(?:\s+(\w+))?", statement, re.IGNORECASE):
        table = metadata.tables.get(found[1].lower())
        if table is None:
            continue
        alias = found[2] if found[2] and found[2].upper() not in _AFTER_TABLE else found[1]
        for column in table.columns:
            if isinstance(getattr(column.type, "impl_instance", column.type), Text):
                yield rf"\b{alias}\.{column.name}\b"


_ASSIGNED = re.compile(r"\bSET\b.*?(?=\bWHERE\b|\bWHEN\b|\bRETURNING\b|$)", re.IGNORECASE | re.DOTALL)
"""What an UPDATE or MERGE sets: its equal signs compare nothing."""
_AFTER_TABLE = {"SET", "WHERE", "ORDER", "GROUP", "JOIN", "LEFT", "INNER", "ON", "FOR", "FETCH", "USING", "VALUES"}


def _clob(where: str) -> Callable[[str], bool]:
    """Whether a CLOB column stands at a place; `{}` in the pattern stands for the column."""

    def breaks(statement: str) -> bool:
        compared = _ASSIGNED.sub(" ", statement)
        return any(
            re.search(where.replace("{}", column), compared, re.IGNORECASE | re.DOTALL)
            for column in set(_clob_columns(statement))
        )

    return breaks


def _groups_by_alias(statement: str) -> bool:
    """GROUP BY names what the select list only calls so. A column of a table may bear the same name."""
    aliases = set(re.findall(r"\bAS\s+(\w+)", statement, re.IGNORECASE))
    for found in re.finditer(r"\bGROUP\s+BY\b(.*?)" + _CLAUSE_END, statement, re.IGNORECASE | re.DOTALL):
        if aliases & {name.strip() for name in found[1].split(",")}:
            return True
    return False


def _merge_updates_its_key(statement: str) -> bool:
    found = re.search(r"\bON\s*\((.*?)\)\s*WHEN\b(.*)", statement, re.IGNORECASE | re.DOTALL)
    if statement.lstrip()[:5].upper() != "MERGE" or not found:
        return False
    update = re.search(r"\bUPDATE\s+SET\b(.*?)(?:\bWHEN\b|$)", found[2], re.IGNORECASE | re.DOTALL)
    changed = set(re.findall(r"\bt\.(\w+)\s*=(?!=)", update[1])) if update else set()
    return bool(changed & set(re.findall(r"\bt\.(\w+)", found[1])))


def _selects_from_nothing(statement: str) -> bool:
    return statement.lstrip()[:6].upper() == "SELECT" and not re.search(r"\bFROM\b", statement, re.IGNORECASE)


def _rules() -> Iterator[Rule]:
    # The thirteen that every tool let pass.
    yield Rule("boolean_column", 902, "there is no BOOLEAN before 23ai", _has(r"\bBOOLEAN\b"))
    yield Rule("now", 904, "there is no NOW()", _has(r"\bNOW\s*\("))
    yield Rule(
        "string_agg", 904, "there is no STRING_AGG; LISTAGG is", _has(r"\b(?:STRING_AGG|GROUP_CONCAT)\s*\(")
    )
    yield Rule("group_by_alias", 904, "GROUP BY takes no alias of the select list", _groups_by_alias)
    long_text = _over(r"\bN?VARCHAR2?\s*\(\s*(\d+)", MAX_VARCHAR2)
    yield Rule("varchar2_too_long", 910, "VARCHAR2 ends at 4,000", long_text)
    long_number = _over(r"\b(?:NUMBER|NUMERIC|DECIMAL)\s*\(\s*(\d+)", MAX_DIGITS)
    yield Rule("number_too_long", 1727, "NUMBER has at most 38 digits", long_number)
    truth = _has(r"\b(?:WHERE|AND|OR|NOT|ON|IS|THEN|ELSE)\s*\(?\s*(?:TRUE|FALSE)\b|=\s*(?:TRUE|FALSE)\b")
    yield Rule("bare_truth", 904, "a condition is a comparison; TRUE and FALSE are no words", truth)
    yield Rule("clob_distinct", 932, "a CLOB cannot be made distinct", _clob(r"\bDISTINCT\b(?:(?!\bFROM\b).)*{}"))
    compared = _clob(r"{}\s*(?:=|<|>|!=|\bIN\b|\bBETWEEN\b)")
    yield Rule("clob_compared", 932, "a CLOB cannot be compared", compared)
    grouped = _clob(r"\b(?:GROUP|ORDER)\s+BY\b[^()]*{}")
    yield Rule("clob_grouped", 932, "a CLOB cannot be grouped or ordered by", grouped)
    yield Rule("in_list_too_long", 1795, "a list of IN ends at 1,000", _long_in_list)
    yield Rule("merge_updates_its_key", 38104, "MERGE cannot update what it joins on", _merge_updates_its_key)
    yield Rule("duplicate_index", 1408, "these columns are indexed already", _indexes_twice)
    # What was found by running the dialect, and its kin.
    yield Rule("fetch_for_update", 2014, "FOR UPDATE goes with no FETCH FIRST or DISTINCT", _locks_a_view)
    inexact = _has(r"\b(?:FLOAT|DOUBLE\s+PRECISION|BINARY_DOUBLE|REAL)\b")
    yield Rule("inexact_number", 1727, "money and quantities are no FLOAT", inexact)
    lossy = _has(r"\b(?:\w+_at|at|lease_until)\s+DATE\b")
    yield Rule("date_loses_fraction", 1861, "DATE keeps no fraction of a second; TIMESTAMP does", lossy)
    foreign = _has(r"\bON\s+(?:CONFLICT|DUPLICATE)\b")
    yield Rule("foreign_upsert", 933, "there is no ON CONFLICT; MERGE is", foreign)
    empty = _has(r"(?:=|<>|!=|<|>|\bLIKE)\s*''|\bCOALESCE\s*\([^()]*''")
    yield Rule("empty_text", 1400, "'' is NULL: nothing equals it", empty)
    yield Rule("zone_in_key", 2329, "TIMESTAMP WITH TIME ZONE cannot be in a unique key", _zone_in_key)
    yield Rule("limit", 933, "there is no LIMIT; FETCH FIRST is", _has(r"\bLIMIT\s+(?:\d|:)"))
    several = _has(r"\bVALUES\s*\((?:[^()]|\([^()]*\))*\)\s*,\s*\(")
    yield Rule("many_values", 933, "VALUES takes one row", several)
    yield Rule("no_from", 923, "SELECT needs FROM (dual)", _selects_from_nothing)
    yield Rule(
        "table_as", 933, "a table's alias stands without AS", _has(r"\b(?:FROM|JOIN)\s+\w+\s+AS\s+(?!OF\b)\w+")
    )
    yield Rule("except", 933, "there is no EXCEPT before 21c; MINUS is", _has(r"\bEXCEPT\b"))
    tuple_count = _has(r"\bCOUNT\s*\(\s*DISTINCT\b[^(),]*,")
    yield Rule("count_of_tuple", 909, "COUNT(DISTINCT) takes one expression", tuple_count)
    underscore = _has(r"(?<![\w\":.\[])_[A-Za-z]\w*(?!\])")
    yield Rule("leading_underscore", 911, "an unquoted name begins with a letter", underscore)
    yield Rule("name_too_long", 972, "a name ends at 30 characters", _has(r"(?<![:\w\"])[A-Za-z]\w{30,}"))


def _indexes_twice(statement: str) -> bool:
    """An index over the columns of the table's primary key or of a unique key or other index."""
    found = re.search(
        r"\bCREATE\s+(?:UNIQUE\s+)?INDEX\s+(\w+)\s+ON\s+(\w+)\s*\(([^()]*)\)", statement, re.IGNORECASE
    )
    table = metadata.tables.get(found[2].lower()) if found else None
    if found is None or table is None:
        return False
    columns = [name.strip().lower() for name in found[3].split(",")]
    others = [list(one.columns.keys()) for one in table.constraints if isinstance(one, UNIQUE_KEYS)]
    others += [list(one.columns.keys()) for one in table.indexes if one.name != found[1].lower()]
    return columns in others


def _locks_a_view(statement: str) -> bool:
    """Only the outermost query counts: a lock may be taken on rows chosen by a subquery."""
    if not re.search(r"\bFOR\s+UPDATE\b", statement, re.IGNORECASE):
        return False
    outer, before = statement, ""
    while outer != before:
        before, outer = outer, re.sub(r"\([^()]*\)", " ", outer)
    return (
        re.search(r"\bFETCH\s+(?:FIRST|NEXT)\b|\bDISTINCT\b|\bGROUP\s+BY\b|\bOFFSET\b", outer, re.IGNORECASE)
        is not None
    )


def _zone_in_key(statement: str) -> bool:
    zoned = set(re.findall(r"(\w+)\s+TIMESTAMP(?:\(\d\))?\s+WITH\s+TIME\s+ZONE", statement, re.IGNORECASE))
    keys = re.findall(r"\b(?:PRIMARY\s+KEY|UNIQUE)\s*\(([^()]*)\)", statement, re.IGNORECASE)
    return any(name.strip() in zoned for key in keys for name in key.split(","))


RULES = tuple(_rules())
