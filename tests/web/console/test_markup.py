"""The builder: what is not HTML yet is escaped, links stay on this site, and scripts stand in no attribute."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.console.markup import Html, join, tag

HOSTILE = "<b onclick='x'>&\"</b>"


def test_text_is_escaped_and_markup_is_not() -> None:
    assert tag("p", HOSTILE) == "<p>&lt;b onclick=&#x27;x&#x27;&gt;&amp;&quot;&lt;/b&gt;</p>"
    assert tag("p", tag("b", "x")) == "<p><b>x</b></p>"
    assert join("<", [tag("i", 1), None, ("&",)]) == "&lt;<i>1</i>&amp;"


def test_markup_that_was_added_to_text_is_text_again() -> None:
    assert join(tag("b", "x") + "<i>") == "&lt;b&gt;x&lt;/b&gt;&lt;i&gt;"


def test_attributes_are_escaped_and_left_out_when_none_or_false() -> None:
    assert tag("input", value=HOSTILE, name="q", checked=True, disabled=False, class_=None) == (
        '<input value="&lt;b onclick=&#x27;x&#x27;&gt;&amp;&quot;&lt;/b&gt;" name="q" checked>'
    )


@pytest.mark.parametrize("where", ["javascript:alert(1)", "http://evil.example/", "//evil.example/", "data:x", ""])
def test_a_link_never_leaves_this_site(where: str) -> None:
    with pytest.raises(ValueError, match="leaves this site"):
        tag("a", "x", href=where)


def test_a_script_stands_in_no_attribute() -> None:
    with pytest.raises(ValueError, match="scripts"):
        tag("p", onclick="alert(1)")


@given(st.text())
def test_whatever_text_comes_makes_no_element(text: str) -> None:
    made = tag("p", text, title=text)
    assert isinstance(made, Html)
    assert made.count("<") == made.count(">") == 2
    assert made.count('"') == 2
