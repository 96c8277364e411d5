"""What a person did is kept with who, when and what."""

import json
from decimal import Decimal
from typing import Any

from billing_center.audit.write_entry import write_entry


def test_an_entry_keeps_actor_act_subject_and_detail(books: Any) -> None:
    detail = {"客户": "甲", "amount": Decimal("1.50")}
    books.center.transact("anna", lambda work: write_entry(work, "payer_changed", "p-1", detail))
    row = books.rows("audit_entry")[0]
    assert (row.actor, row.act, row.subject, row.at) == ("anna", "payer_changed", "p-1", books.clock.at)
    assert json.loads(row.detail) == {"客户": "甲", "amount": "1.50"}
