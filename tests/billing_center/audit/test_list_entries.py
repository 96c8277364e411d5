"""The audit is read the newest first, by thing, by person and by act, page by page."""

from billing_center.audit.list_entries import list_entries
from billing_center.audit.write_entry import write_entry
from billing_center.center import Center


def test_entries_are_listed_by_thing_person_and_act(center: Center) -> None:
    for actor, act, subject in (("ann", "a", "p-1"), ("bob", "b", "p-1"), ("ann", "b", "p-2")):
        center.transact(actor, lambda work, a=act, s=subject: write_entry(work, a, s, {"why": "甲"}))  # type: ignore[misc]
    with center.reading() as work:
        every = list_entries(work)
        assert [(one.actor, one.act, one.subject) for one in every] == [
            ("ann", "b", "p-2"), ("bob", "b", "p-1"), ("ann", "a", "p-1"),
        ]  # fmt: skip
        assert every[0].detail == {"why": "甲"}
        assert list_entries(work, subject="p-1", limit=1) == every[1:2]
        assert list_entries(work, actor="ann") == [every[0], every[2]]
        assert list_entries(work, act="b", before=every[0].entry_id) == every[1:2]
