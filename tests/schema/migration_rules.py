"""What a migration may not do while two versions of the program run; docs/operations.md gives the reasons.

A migration is read, not run. Names of operations are Alembic's; SQL in `op.execute` is looked at as text. A step
that takes away what an older program reads says so, and why it may by now:

    CONTRACT = "no program before 1.4 runs any more: it read the column"
"""

import ast
import re
from collections.abc import Iterator

CONTRACTING = {"drop_column", "drop_table", "rename_table", "drop_constraint", "drop_index"}
_SQL = re.compile(
    r"\b(DROP\s+(TABLE|COLUMN)|RENAME\s+(TO|COLUMN)|ALTER\s+(COLUMN\s+)?\w+\s+(SET\s+DATA\s+)?TYPE|SET\s+NOT\s+NULL)\b",
    re.IGNORECASE,
)


def broken_rules(source: str, big_tables: set[str], cut_tables: set[str]) -> list[str]:
    """`line 12: ...` for each thing in `upgrade` that the rules forbid. `cut_tables` have partitions."""
    tree = ast.parse(source)
    contract = _contract(tree)
    upgrade = next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "upgrade")
    made = {_text(call, 0) for call in _calls(upgrade) if _name(call) == "create_table"}
    found = []
    for call in _calls(upgrade):
        for problem, may_contract in _problems(call, made, big_tables, cut_tables):
            if not (may_contract and contract):
                found.append(f"line {call.lineno}: {problem}")
    return found


def _contract(tree: ast.Module) -> bool:
    """Whether the migration says that it is a contract step, and why it may be by now."""
    for node in tree.body:
        targets = (
            node.targets
            if isinstance(node, ast.Assign)
            else [node.target]
            if isinstance(node, ast.AnnAssign)
            else []
        )
        if any(isinstance(target, ast.Name) and target.id == "CONTRACT" for target in targets):
            value = node.value  # type: ignore[attr-defined]
            return isinstance(value, ast.Constant) and isinstance(value.value, str) and len(value.value) > 20
    return False


def _problems(call: ast.Call, made: set[str], big: set[str], cut: set[str]) -> Iterator[tuple[str, bool]]:
    """(what is wrong, whether a contract step may) of one call."""
    name = _name(call)
    if name in CONTRACTING:
        yield f"{name} takes away what the version before reads", True
    elif name == "alter_column":
        yield from _altered(call)
    elif name == "add_column" and _required(call):
        yield "a new column must take NULL or have a server_default: the version before does not write it", False
    elif name == "create_index":
        table = _text(call, 1)
        if table in cut - made:
            yield (
                f"an index of {table} is made in SQL, partition by partition: a parent takes no CONCURRENTLY",
                False,
            )
        elif table in big - made and not _is_true(call, "postgresql_concurrently"):
            yield f"an index of {table} is made CONCURRENTLY: else nobody writes meanwhile", False
    elif name in ("create_check_constraint", "create_foreign_key"):
        table = _text(call, 1)
        if table not in made and not _is_true(call, "postgresql_not_valid"):
            yield f"{name} on {table} is added NOT VALID and validated later", False
    elif name == "execute":
        for words in _SQL.findall(ast.unparse(call)):
            yield f"SQL with {words[0].upper()}", True


def _altered(call: ast.Call) -> Iterator[tuple[str, bool]]:
    given = {one.arg: one.value for one in call.keywords}
    if "new_column_name" in given:
        yield "a column is renamed: the version before knows the old name alone", True
    if "type_" in given:
        yield "a type is changed: the table is written anew under a lock", True
    nullable = given.get("nullable")
    if isinstance(nullable, ast.Constant) and nullable.value is False:
        yield "a column becomes NOT NULL: the version before may not fill it", True


def _required(call: ast.Call) -> bool:
    column = next((node for node in call.args if isinstance(node, ast.Call) and _name(node) == "Column"), None)
    if column is None:
        return True  # it cannot be told
    given = {one.arg: one.value for one in column.keywords}
    nullable = given.get("nullable")
    return isinstance(nullable, ast.Constant) and nullable.value is False and "server_default" not in given


def _calls(node: ast.AST) -> Iterator[ast.Call]:
    return (one for one in ast.walk(node) if isinstance(one, ast.Call))


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def _text(call: ast.Call, position: int) -> str:
    given = call.args[position] if len(call.args) > position else None
    return given.value if isinstance(given, ast.Constant) and isinstance(given.value, str) else ""


def _is_true(call: ast.Call, name: str) -> bool:
    return any(
        one.arg == name and isinstance(one.value, ast.Constant) and one.value.value is True
        for one in call.keywords
    )
