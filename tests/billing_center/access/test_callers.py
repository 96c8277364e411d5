"""Callers: secrets shown once and kept as a hash, permissions, revocation, what is refused by default."""

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from billing_center.access.basic_auth import read_basic
from billing_center.access.caller import OPERATIONS, Caller, check_caller_id
from billing_center.access.callers import add_caller, list_callers, revoke_caller
from billing_center.access.check_caller import FRESH_S, RENEW_S, CallerCheck
from billing_center.access.open_door import from_here, require_loopback
from billing_center.access.refused_calls import (
    RefusedCall,
    arguments_document,
    count_refused_today,
    keep_refused,
    list_refused,
    purge_refused,
    show_refused,
)
from billing_center.access.secret_hash import hash_secret, secret_matches
from billing_center.center import Center
from billing_center.clock import SettableClock
from billing_center.errors import ConflictingRepeat, OutOfRange, SettingInvalid, Unauthorised, Unknown
from rpc.operations import BY_NAME
from schema.tables.access import audit_entry, caller


class Seconds:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def checks(center: Center, seconds: Seconds) -> CallerCheck:
    return CallerCheck(center, seconds=seconds)


def add(center: Center, caller_id: str, *permissions: Any) -> str:
    return center.transact("operator", lambda work: add_caller(work, caller_id, *permissions))


def test_a_caller_is_let_in_with_its_secret_only(center: Center, checks: CallerCheck) -> None:
    secret = add(center, "crm", ["insertServiceOp"], ["crm"])
    assert checks.check("crm", secret) == Caller("crm", frozenset(["insertServiceOp"]), frozenset(["crm"]))
    for wrong in ("", secret + "x", secret[:-1]):
        with pytest.raises(Unauthorised):
            checks.check("crm", wrong)
    with pytest.raises(Unauthorised):
        checks.check("nobody", secret)


def test_the_secret_stands_nowhere(center: Center) -> None:
    secret = add(center, "crm")
    with center.reading() as work:
        stored = [
            str(tuple(row)) for table in (caller, audit_entry) for row in work.connection.execute(select(table))
        ]
    assert len(stored) == 2
    assert not any(secret in text for text in stored)
    assert "scrypt$16384$8$1$" in stored[0]


def test_two_callers_with_equal_secrets_would_have_different_hashes() -> None:
    one, other = hash_secret("s"), hash_secret("s")
    assert one != other
    assert secret_matches("s", one) and secret_matches("s", other) and not secret_matches("t", one)


def test_a_revocation_takes_effect_within_seconds(center: Center, checks: CallerCheck, seconds: Seconds) -> None:
    secret = add(center, "crm")
    checks.check("crm", secret)
    center.transact("operator", lambda work: revoke_caller(work, "crm"))
    assert checks.fresh("crm", secret) is not None
    seconds.now += FRESH_S
    assert checks.fresh("crm", secret) is None
    with pytest.raises(Unauthorised):
        checks.check("crm", secret)


def test_a_busy_caller_is_looked_up_again_before_its_memory_ends(
    center: Center, checks: CallerCheck, seconds: Seconds
) -> None:
    secret = add(center, "crm")
    header = checks.mark_of(b"Basic whatever the client sends")
    assert checks.fresh_header(header) == (None, False)
    caller = checks.check("crm", secret)
    checks.remember_header(header, "crm", secret)
    assert checks.fresh_header(header) == (caller, False)
    seconds.now += FRESH_S - RENEW_S
    assert checks.fresh_header(header) == (caller, True)
    assert checks.fresh_header(header) == (caller, False)  # one call is enough to see to it
    checks.renew(header)
    seconds.now += RENEW_S
    assert checks.fresh_header(header) == (caller, True)
    center.transact("operator", lambda work: revoke_caller(work, "crm"))
    checks.renew(header)
    assert checks.fresh_header(header) == (None, False)


def test_a_known_caller_is_looked_up_again_without_the_slow_hash(
    center: Center, checks: CallerCheck, seconds: Seconds, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = add(center, "crm")
    checks.check("crm", secret)
    monkeypatch.setattr("billing_center.access.check_caller.secret_matches", None)
    seconds.now += FRESH_S
    assert checks.remembers("crm", secret)
    assert checks.check("crm", secret).caller_id == "crm"


def test_a_wrong_secret_costs_the_slow_hash_once(
    center: Center, checks: CallerCheck, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Unauthorised):
        checks.check("nobody", "guess")
    monkeypatch.setattr("billing_center.access.check_caller.secret_matches", None)
    with pytest.raises(Unauthorised):
        checks.check("nobody", "guess")


def test_a_revoked_caller_added_again_has_another_secret(center: Center, checks: CallerCheck) -> None:
    before = add(center, "crm")
    with pytest.raises(ConflictingRepeat):
        add(center, "crm")
    center.transact("operator", lambda work: revoke_caller(work, "crm"))
    after = add(center, "crm", ["feedbackUser"])
    assert checks.check("crm", after).operations == {"feedbackUser"}
    with pytest.raises(Unauthorised):
        checks.check("crm", before)
    with center.reading() as work:
        assert [(entry.caller.caller_id, entry.active) for entry in list_callers(work)] == [("crm", True)]


def test_nobody_is_revoked_twice(center: Center) -> None:
    with pytest.raises(Unknown):
        center.transact("operator", lambda work: revoke_caller(work, "nobody"))


@pytest.mark.parametrize("caller_id", ["", "a:b", "a b", "-a", "x" * 65, "é"])
def test_a_caller_id_that_basic_cannot_carry_is_refused(caller_id: str) -> None:
    with pytest.raises(OutOfRange):
        check_caller_id(caller_id)


def test_an_unknown_operation_cannot_be_allowed(center: Center) -> None:
    with pytest.raises(OutOfRange):
        add(center, "crm", ["insertServiceOps"])


def test_nothing_is_allowed_by_default() -> None:
    nobody = Caller("x", frozenset(), frozenset())
    assert not nobody.may_call("feedbackUser") and not nobody.may_report("crm")
    everything = Caller("x", frozenset("*"), frozenset("*"))
    assert everything.may_call("feedbackUser") and everything.may_report("crm")


def test_the_operations_that_can_be_allowed_are_those_of_the_door() -> None:
    assert set(OPERATIONS) == {*BY_NAME, "rest", "console", "metrics"}


def test_basic_is_read_and_anything_else_is_nobody() -> None:
    assert read_basic("Basic Y3JtOnNlOmNyZXQ=") == ("crm", "se:cret")
    assert read_basic("basic Y3JtOg==") == ("crm", "")
    for header in ("", "Bearer x", "Basic", "Basic !!!", "Basic Y3Jt", "Basic OnNlY3JldA=="):
        assert read_basic(header) is None


def test_an_open_door_is_for_this_machine_only() -> None:
    for host in ("127.0.0.1", "127.9.9.9", "localhost", "::1", "[::1]"):
        require_loopback(host)
    for host in ("0.0.0.0", "::", "10.0.0.1", "example.com", ""):
        with pytest.raises(SettingInvalid):
            require_loopback(host)
    assert from_here("127.0.0.1:8080", "")
    assert from_here("localhost:8080", "http://localhost:8080")
    assert from_here("[::1]:8080", "")
    assert not from_here("127.0.0.1:8080", "http://evil.example")
    assert not from_here("127.0.0.1:8080", "null")
    assert not from_here("rebound.example:8080", "")


def refused(center: Center, operation: str = "payCallback", caller_id: str = "crm") -> None:
    call = RefusedCall(caller_id, operation, "unknown_invoice", "invoiceId", "no such invoice", '["i-1", "PAID"]')
    center.transact("crm", lambda work: keep_refused(work, call))


def test_refused_calls_are_listed_newest_first(center: Center) -> None:
    refused(center, "payCallback")
    refused(center, "installOrder", "shop")
    with center.reading() as work:
        assert [entry.call.operation for entry in list_refused(work)] == ["installOrder", "payCallback"]
        assert [entry.call.caller for entry in list_refused(work, caller="shop")] == ["shop"]
        assert [entry.call.operation for entry in list_refused(work, operation="payCallback")] == ["payCallback"]


def test_refused_calls_are_read_page_by_page_and_one_by_one(center: Center) -> None:
    for operation in ("payCallback", "installOrder", "payCallback"):
        refused(center, operation)
    with center.reading() as work:
        newest, middle, oldest = list_refused(work)
        assert list_refused(work, before=newest.refused_id) == [middle, oldest]
        assert list_refused(work, code=oldest.call.code, limit=1) == [newest]
        assert list_refused(work, code="no_such_rule") == []
        assert show_refused(work, middle.refused_id) == middle
        with pytest.raises(OutOfRange, match="no refused call"):
            show_refused(work, "x")


def test_refused_calls_of_today_are_counted_from_midnight(center: Center, clock: SettableClock) -> None:
    refused(center, "payCallback")  # at the first moment of 1 March in Shanghai
    clock.at += timedelta(days=1, seconds=-1)
    with center.reading() as work:
        assert count_refused_today(work).number == 1
    clock.at += timedelta(seconds=1)
    with center.reading() as work:
        assert count_refused_today(work).number == 0


def test_refused_calls_are_deleted_when_they_are_old(center: Center, clock: SettableClock) -> None:
    refused(center, "payCallback")
    clock.at += timedelta(days=center.settings.refused_kept_days)
    refused(center, "installOrder")
    assert center.transact("job", lambda work: purge_refused(work)) == 0
    clock.at += timedelta(milliseconds=1)
    assert center.transact("job", lambda work: purge_refused(work)) == 1
    with center.reading() as work:
        assert [entry.call.operation for entry in list_refused(work)] == ["installOrder"]


def test_kept_arguments_are_bounded_json_whatever_was_sent() -> None:
    nested: list[Any] = []
    for _ in range(100):
        nested = [nested]
    wild = [
        nested,
        "x" * 10_000,
        "\ud83d\x00",
        list(range(10_000)),
        {str(n): "y" * 500 for n in range(500)},
        b"abc",
    ]
    text = arguments_document(wild)
    assert len(text) < 10_000
    text.encode("utf-8")
    json.loads(text)
    assert json.loads(arguments_document(["\ud83d\x00", b"abc", None, True, 5])) == [
        "?\ufffd",
        "3 bytes",
        None,
        True,
        5,
    ]
