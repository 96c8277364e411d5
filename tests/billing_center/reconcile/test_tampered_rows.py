"""Each kind of row, tampered with, is named and nothing else."""

import pytest

from billing_center.reconcile.difference import Rule
from tests.billing_center.reconcile.conftest import Books
from tests.billing_center.reconcile.tampering import TAMPERED, Tamper


@pytest.mark.parametrize(("rule", "tamper"), TAMPERED, ids=[tamper.__name__ for _, tamper in TAMPERED])
def test_one_row_tampered_with_is_one_difference(books: Books, rule: Rule, tamper: Tamper) -> None:
    subject = tamper(books)
    [found] = books.differences()
    assert found.rule is rule
    assert found.subject.startswith(subject) or subject in found.subject


def test_every_rule_has_been_broken_once() -> None:
    assert {rule for rule, _ in TAMPERED} == set(Rule) - {Rule.CREDIT, Rule.GRANT}  # those in files of their own
