"""What history policy has deleted cannot be worked out again: its payers are left out by name."""

from billing_center.reconcile.reconcile_payers import reconcile
from tests.history.conftest import Past
from tests.history.test_kept import kept_for


def found(past: Past) -> tuple[list[str], dict[str, int]]:
    """Who differs, and what was counted."""
    done = past.center.transact(
        "job", lambda work: reconcile(work, first_shard=0, last_shard=255, position="", limit=100, run_id="run")
    )
    return [one.payer_id for one in done.differences], dict(done.counts)


def test_payers_with_deleted_facts_are_left_out_by_name(past: Past) -> None:
    past.on(4, 1)
    past.bill()
    past.job("move_history")
    differing, counts = found(past)
    assert differing == [] and not [name for name in counts if name.startswith("left out: payers")]
    compared = counts["payers"]
    past.on(5, 1)
    shop = kept_for(past, 3)
    shop.job("move_history")
    assert shop.states()["charge"][0] == "DROPPED"
    differing, counts = found(shop)
    assert differing == []
    left_out = counts["left out: payers whose facts history has deleted"]
    assert left_out > 0 and counts.get("payers", 0) + left_out == compared
