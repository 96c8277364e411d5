"""YAML as it stands in the file: text, lines, and what is wrong with it."""

import pytest

from billing_center.catalog.marked_yaml import path_text, read_yaml


def test_scalars_stay_the_text_that_stands_there() -> None:
    marked = read_yaml("a: 1.50\nb: [NO, 0x10, 2026-01-01, 22:00, 'null']\nc: ~\nd:\ne: 名称\n")
    assert marked.mistakes == []
    assert marked.value == {
        "a": "1.50", "b": ["NO", "0x10", "2026-01-01", "22:00", "null"], "c": None, "d": None, "e": "名称",
    }  # fmt: skip


def test_every_value_knows_its_line() -> None:
    marked = read_yaml("# a comment\na:\n  - b: 1\n    c: [x,\n        y]\n")
    assert marked.line_of(("a",)) == 2
    assert marked.line_of(("a", 0, "b")) == 3
    assert marked.line_of(("a", 0, "c", 1)) == 5
    assert marked.line_of(("a", 0, "missing")) == 3
    assert marked.line_of(("nowhere",)) == 2


def test_paths_are_written_as_people_read_them() -> None:
    assert path_text(("products", 2, "plans", "month", 0, "price")) == "products[2].plans.month[0].price"


def test_an_alias_repeats_what_its_anchor_names() -> None:
    marked = read_yaml("a: &base {price: 1.50}\nb: *base\n")
    assert marked.mistakes == []
    assert marked.value == {"a": {"price": "1.50"}, "b": {"price": "1.50"}}


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("a: 1\nb: 2\na: 3\n", "line 3: a: this key stands twice; it is already on line 1"),
        ("x:\n  - {k: 1, k: 2}\n", "line 2: x[0].k: this key stands twice; it is already on line 2"),
        ("a: 1\n---\nb: 2\n", "line 2: only one document is read; remove the ---"),
        ("a: !!python/name:os.system x\n", "tags like tag:yaml.org,2002:python/name:os.system are not used"),
        ("a: !!float 1.5\n", "line 1: a: tags like"),
        ("a: &b 1\nc:\n  <<: *b\n", "line 3: c: merge keys (<<) are not used"),
        ("a: *b\n", "line 1: a: *b names no anchor that ends before it"),
        ("a: &a [*a]\n", "line 1: a[0]: *a names no anchor that ends before it"),
        ("? [a, b]\n: 1\n", "line 1: a key must be a plain word"),
        ("a: [1,\nb: 2\n", "this is not YAML"),
        ("a:\n\t- b\n", "line 2: this is not YAML"),
        ("a: 1\nb: \x07\n", "line 2: the character U+0007 is not allowed"),
        ("[" * 1000, "nested more than 30 deep"),
    ],
)
def test_what_is_not_plain_data_is_named_with_its_line(text: str, mistake: str) -> None:
    assert mistake in "\n".join(str(m) for m in read_yaml(text).mistakes)


def test_aliases_of_aliases_cannot_grow_without_bound() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    assert "more than 200,000 values" in str(read_yaml("\n".join(lines)).mistakes[0])


def test_all_mistakes_are_found_at_once() -> None:
    marked = read_yaml("a: 1\na: 2\nb: !x 3\nb: 4\n")
    assert [m.line for m in marked.mistakes] == [2, 3, 4]
