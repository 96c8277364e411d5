"""Each rule catches a bad example, lets a good one pass, and finds nothing in our tables and statements."""

import pytest
from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Float,
    Index,
    Integer,
    MetaData,
    Numeric,
    String,
    Table,
    Text,
    UniqueConstraint,
    insert,
    select,
)
from sqlalchemy.exc import ArgumentError, CompileError
from sqlalchemy.schema import CreateTable

from schema.tables import metadata
from schema.tables.catalog import product
from schema.types import Amount, Filled, Flag, Instant, InstantInKey, Words
from tests.oracle.golden import golden_statements, oracle_19c
from tests.oracle.rules import RULES, broken_rules
from tests.oracle.type_rules import TYPE_RULES, broken_type_rules

NUMBERS = ", ".join(str(number) for number in range(1001))
EXAMPLES = {
    "boolean_column": ("CREATE TABLE t (a BOOLEAN)", "CREATE TABLE t (a NUMBER(1))"),
    "now": ("SELECT NOW() FROM dual", "SELECT SYSTIMESTAMP FROM dual"),
    "string_agg": (
        "SELECT STRING_AGG(t.a, ',') FROM t",
        "SELECT LISTAGG(t.a, ',') WITHIN GROUP (ORDER BY t.a) FROM t",
    ),
    "group_by_alias": (
        "SELECT t.a + 1 AS b, count(*) FROM t GROUP BY b",
        "SELECT t.a + 1 AS b, count(*) FROM t GROUP BY t.a + 1",
    ),
    "varchar2_too_long": ("CREATE TABLE t (a VARCHAR2(5000 CHAR))", "CREATE TABLE t (a VARCHAR2(4000 CHAR))"),
    "number_too_long": ("CREATE TABLE t (a NUMBER(40, 2))", "CREATE TABLE t (a NUMBER(38, 2))"),
    "bare_truth": ("SELECT t.a FROM t WHERE TRUE", "SELECT t.a FROM t WHERE 1 = 1"),
    "clob_distinct": (
        "SELECT DISTINCT product.document FROM product",
        "SELECT DISTINCT product.name FROM product",
    ),
    "clob_compared": (
        "SELECT p.name FROM product p WHERE p.document = :d",
        "UPDATE product SET document=:d WHERE product.name = :n",
    ),
    "clob_grouped": (
        "SELECT count(*) FROM product GROUP BY product.document",
        "SELECT count(*) FROM product GROUP BY product.name",
    ),
    "in_list_too_long": (
        f"SELECT t.a FROM t WHERE t.a IN ({NUMBERS})",
        "SELECT t.a FROM t WHERE (t.a, t.b) IN ((1, 2), (3, 4))",
    ),
    "merge_updates_its_key": (
        "MERGE INTO m t USING dual ON (t.a = :a) WHEN MATCHED THEN UPDATE SET t.a = :a",
        "MERGE INTO m t USING dual ON (t.a = :a) WHEN MATCHED THEN UPDATE SET t.b = t.b + :a",
    ),
    "duplicate_index": (
        "CREATE INDEX ix_twice ON payer (payer_id)",
        "CREATE INDEX ix_payer_shard ON payer (shard, payer_id)",
    ),
    "fetch_for_update": (
        "SELECT t.a FROM t FETCH FIRST 3 ROWS ONLY FOR UPDATE SKIP LOCKED",
        "SELECT t.a FROM t WHERE t.a IN (SELECT t.a FROM t FETCH FIRST 3 ROWS ONLY) FOR UPDATE SKIP LOCKED",
    ),
    "inexact_number": ("CREATE TABLE t (a FLOAT)", "CREATE TABLE t (a NUMBER(24, 6))"),
    "date_loses_fraction": ("CREATE TABLE t (sent_at DATE)", "CREATE TABLE t (day DATE)"),
    "foreign_upsert": (
        "INSERT INTO t (a) VALUES (:a) ON CONFLICT (a) DO NOTHING",
        "INSERT INTO t (a) VALUES (:a)",
    ),
    "empty_text": ("SELECT t.a FROM t WHERE t.b = ''", "SELECT t.a FROM t WHERE t.b IS NULL"),
    "zone_in_key": (
        "CREATE TABLE t (a TIMESTAMP WITH TIME ZONE NOT NULL, PRIMARY KEY (a))",
        "CREATE TABLE t (a TIMESTAMP WITH LOCAL TIME ZONE NOT NULL, PRIMARY KEY (a))",
    ),
    "limit": ("SELECT t.a FROM t LIMIT 3", "SELECT t.a FROM t FETCH FIRST 3 ROWS ONLY"),
    "many_values": ("INSERT INTO t (a, b) VALUES (1, 2), (3, 4)", "INSERT INTO t (a, b) VALUES (1, f(2, 3))"),
    "no_from": ("SELECT 1", "SELECT 1 FROM dual"),
    "table_as": ("SELECT x.a FROM t AS x", "SELECT x.a AS b FROM t x"),
    "except": ("SELECT a FROM t EXCEPT SELECT a FROM u", "SELECT a FROM t MINUS SELECT a FROM u"),
    "count_of_tuple": ("SELECT count(DISTINCT a, b) FROM t", "SELECT count(DISTINCT a) FROM t"),
    "leading_underscore": ("SELECT _a FROM t", 'SELECT "_a" FROM t'),
    "name_too_long": (f"SELECT {'a' * 31} FROM t", f"SELECT {'a' * 30} FROM t"),
}
BAD = Table(
    "bad",
    MetaData(),
    Column("plain_at", DateTime),
    Column("price", Float),
    Column("wide", Numeric(40, 2)),
    Column("active", Boolean),
    Column("name", String(20), nullable=False),
    Column("essay", Words(3000)),
    Column("since", Instant, primary_key=True),
    Column("body", Text),
    Column("number", Integer),
    UniqueConstraint("body"),
    Index("ix_bad_1", "number", "name"),
    Index("ix_bad_2", "number", "name"),
    info={"hash_by": "number"},
)
GOOD = Table(
    "good",
    MetaData(),
    Column("since", InstantInKey, primary_key=True),
    Column("plain_at", Instant),
    Column("price", Amount),
    Column("active", Flag),
    Column("name", Filled(20), nullable=False),
    Index("ix_good", "name", "since"),
)


@pytest.mark.parametrize("name", [rule.name for rule in RULES])
def test_a_rule_catches_its_bad_example_and_lets_the_good_one_pass(name: str) -> None:
    bad, good = EXAMPLES[name]
    assert name in [rule.name for rule in broken_rules(bad)]
    assert broken_rules(good) == []


def test_literals_and_comments_break_no_rule() -> None:
    assert broken_rules("SELECT 'x LIMIT 3', t.a /* NOW() */ FROM t -- BOOLEAN") == []


@pytest.mark.parametrize("rule", [rule.__name__ for rule in TYPE_RULES])
def test_a_type_rule_catches_the_bad_table(rule: str) -> None:
    assert any(found.startswith(rule) for found in broken_type_rules(BAD.metadata))
    assert broken_type_rules(GOOD.metadata) == []


def test_the_tables_break_no_rule() -> None:
    assert broken_type_rules(metadata) == []


def test_the_golden_statements_break_no_rule() -> None:
    broken = [
        f"{rule.name}: {text}"
        for statements in golden_statements().values()
        for text in statements
        for rule in broken_rules(text)
    ]
    assert broken == []


def test_sqlalchemy_still_does_what_the_rules_are_for() -> None:
    """The findings themselves, in the real dialect: when one of these changes, its rule may go."""
    dialect = oracle_19c()
    table = Table("t", MetaData(), Column("a", DateTime), Column("b", Boolean), Column("c", Integer))
    assert "a DATE" in str(CreateTable(table).compile(dialect=dialect))
    assert "b SMALLINT" in str(CreateTable(table).compile(dialect=dialect))
    claimed = select(table.c.c).limit(3).with_for_update(skip_locked=True)
    assert "fetch_for_update" in [rule.name for rule in broken_rules(str(claimed.compile(dialect=dialect)))]
    long_list = select(table.c.c).where(table.c.c.in_(range(1001)))
    literal = str(long_list.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
    assert "in_list_too_long" in [rule.name for rule in broken_rules(literal)]
    with pytest.raises(CompileError):
        insert(product).values([{"product_id": "a"}, {"product_id": "b"}]).compile(dialect=dialect)
    with pytest.raises(ArgumentError):
        Float(25).compile(dialect)
