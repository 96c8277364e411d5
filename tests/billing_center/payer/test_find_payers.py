"""Payers by the beginning of their id: signs that a pattern would read are only signs."""

from billing_center.center import Center
from billing_center.payer.find_payers import find_payers
from billing_center.payer.store import NewPayer, make_known


def test_payers_are_found_by_the_beginning_of_their_id_page_by_page(center: Center) -> None:
    met = [NewPayer(payer_id, "", "CNY", 1) for payer_id in ("a%b", "a_c", "ab", "b")]
    center.transact("test", lambda work: make_known(work.connection, met, at=work.at))

    def ids(beginning: str = "", **asked: int | str) -> list[str]:
        with center.reading() as work:
            return [row.payer_id for row in find_payers(work, beginning, **asked)]  # type: ignore[arg-type]

    assert ids("a%") == ["a%b"]
    assert ids("a_") == ["a_c"]
    assert set(ids("a")) == {"a%b", "a_c", "ab"}
    assert ids("c") == []
    first = ids(limit=3)
    assert sorted(first + ids(after=first[-1])) == ["a%b", "a_c", "ab", "b"]
