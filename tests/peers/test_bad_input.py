"""Every row of docs/bad-input.md, sent through the real door: the answer, and the row kept of the refused call."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from rpc.hessian import FaultReply, HObject, Long
from tests.peers.served_center import NOW, ServedCenter

DOCUMENT = Path(__file__).parent.parent.parent / "docs" / "bad-input.md"
COLUMNS = ["operation", "what is wrong", "sent", "answer", "rule", "field"]
OPERATIONS = {
    "insertServiceOp",
    "installOrder",
    "updateOrderState",
    "getTotalPrice",
    "feedbackUser",
    "payCallback",
    "changeAccountNum",
}
TAKES_AN_OBJECT = {"insertServiceOp": "Billinginfo", "installOrder": "Order"}
ABSENT = object()
EXPLAINED = re.compile(r"(?P<field>\w+): .* \((?P<rule>\w+)\)")


class ValueLoader(yaml.SafeLoader):
    """YAML's safe values, and the tags that the document explains."""


ValueLoader.add_constructor("!absent", lambda loader, node: ABSENT)
ValueLoader.add_constructor("!decimal", lambda loader, node: Decimal(node.value))
ValueLoader.add_constructor("!long", lambda loader, node: Long(node.value))
ValueLoader.add_constructor("!text", lambda loader, node: "x" * int(node.value))
ValueLoader.add_constructor(
    "!lost", lambda loader, node: HObject("java.math.BigDecimal", {"scale": 2, "intVal": None})
)


Refusal = tuple[str, str, str]
"""Operation, rule, field."""


@dataclass(frozen=True)
class Row:
    """One row of the document, with the line it stands on."""

    line: int
    operation: str
    wrong: str
    sent: str
    answer: str
    rule: str
    field: str

    def __str__(self) -> str:
        return f"{self.operation}: {self.wrong}"


def rows_of(text: str) -> Iterator[Row]:
    """The rows of every table that has the six columns."""
    within = False
    for number, line in enumerate(text.splitlines(), 1):
        if not line.startswith("|"):
            within = False
            continue
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if cells == COLUMNS:
            within = True
        elif within and not set(cells[0]) <= set("- "):
            assert len(cells) == len(COLUMNS), f"line {number} has {len(cells)} cells"
            yield Row(number, cells[0], cells[1], cells[2].strip("`"), cells[3], cells[4], cells[5])


def good_arguments(text: str) -> dict[str, dict[str, Any]]:
    """The good argument of each operation: the first YAML block below its heading."""
    good = {}
    for part in text.split("\n## ")[1:]:
        operation = part.partition("\n")[0]
        if operation in OPERATIONS:
            good[operation] = value_of(part.partition("```yaml\n")[2].partition("```")[0])
    return good


def value_of(text: str) -> Any:
    return yaml.load(text, ValueLoader)


def arguments_of(operation: str, good: Mapping[str, Any], changes: Mapping[str, Any]) -> list[Any]:
    """The arguments of the call: the good ones with the changes of the row."""
    if "argument" in changes:
        return [changes["argument"]]
    assert set(changes) <= set(good), f"{set(changes) - set(good)} is no field of the good argument"
    fields = {name: value for name, value in {**good, **changes}.items() if value is not ABSENT}
    if operation in TAKES_AN_OBJECT:
        return [HObject(f"com.alibaba.billing.model.{TAKES_AN_OBJECT[operation]}", fields)]
    return list(fields.values())


TEXT = DOCUMENT.read_text(encoding="utf-8")
ROWS = list(rows_of(TEXT))
GOOD = good_arguments(TEXT)


def answer_of(
    center: ServedCenter, operation: str, arguments: list[Any]
) -> tuple[str, list[tuple[str, str, str]]]:
    """The answer in the words of the document, and (operation, rule, field) of what was refused."""
    try:
        answer = center.call(operation, *arguments)
    except FaultReply as fault:
        return f"fault {fault.code}", refused(center)
    if operation != "getTotalPrice":
        return f'`"{answer}"`', refused(center)
    said = EXPLAINED.fullmatch(answer.fields["exceptionDesc"] or "")
    explained = [(operation, said["rule"], said["field"])] if said else []
    assert answer.fields["isSuccessed"] is not bool(explained)
    assert refused(center) == [], "a quotation writes nothing"
    return f"code {answer.fields['returnValue'].fields['value']}", explained


def refused(center: ServedCenter) -> list[Refusal]:
    """(operation, rule, field) of the refused calls that were kept."""
    return [(entry.call.operation, entry.call.code, entry.call.field) for entry in center.refused_calls()]


def test_the_document_covers_every_operation() -> None:
    assert {row.operation for row in ROWS} == OPERATIONS == set(GOOD)
    assert len(ROWS) > 100


def test_no_two_rows_say_the_same() -> None:
    assert len({(row.operation, row.sent) for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_the_good_argument_is_good(served_center: ServedCenter, operation: str) -> None:
    expected = {"getTotalPrice": "code 4.50"}.get(operation, '`"1"`')

    answer, refusals = answer_of(served_center, operation, arguments_of(operation, GOOD[operation], {}))

    assert (answer, refusals) == (expected, [])


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_wrong_field_gets_what_the_document_says(shared_center: ServedCenter, row: Row) -> None:
    shared_center.forget_refused_calls()
    before = shared_center.counts()
    sent = value_of("{ " + row.sent + " }")
    arguments = arguments_of(row.operation, GOOD[row.operation], sent)

    answer, refusals = answer_of(shared_center, row.operation, arguments)

    assert answer == row.answer, f"line {row.line}"
    assert refusals == ([(row.operation, row.rule, row.field)] if row.rule else []), f"line {row.line}"
    assert shared_center.counts() == before, "a refused call changes nothing"


def test_a_refused_call_is_kept_with_who_when_and_its_arguments(served_center: ServedCenter) -> None:
    served_center.call("updateOrderState", "nobody", "2")

    [entry] = served_center.refused_calls()
    assert (entry.call.caller, entry.at) == (served_center.user, NOW)
    assert "nobody" in entry.call.message
    assert json.loads(entry.call.arguments) == ["nobody", "2"]
