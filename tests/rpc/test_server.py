"""The door's transport: who comes in, what is too large, how replies are framed, what is logged. SQLite only:
nothing here depends on the database."""

import base64
import gc
import http.client
import json
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
import structlog
from sqlalchemy import select

from billing_center.access.callers import revoke_caller
from billing_center.access.refused_calls import list_refused
from billing_center.center import Center, UnitOfWork
from billing_center.errors import DatabaseAway
from billing_center.group_commit import Act
from rpc.answer_call import CallUnderWay
from rpc.client import HessianClient, HttpStatus, NotAdmitted
from rpc.hessian import FaultReply, HObject, ReplyForm, decode_reply, encode_call, encode_reply, fields_of
from schema.tables.access import audit_entry
from tests.door import RunningDoor, running_door

ONE_1 = encode_reply("1", ReplyForm.HESSIAN_1)
ONE_2 = encode_reply("1", ReplyForm.HESSIAN_2)


@pytest.fixture
def database_url(one_database_url: str) -> str:
    """One database is enough here."""
    return one_database_url


def feedback(first: bytes) -> bytes:
    """feedbackUser("nobody") with another beginning."""
    return first + encode_call("feedbackUser", ["nobody"], ReplyForm.HESSIAN_1)[3:]


FEEDBACK = feedback(b"c\x01\x00")


def basic(door: RunningDoor, caller_id: str = "tester", **permissions: Any) -> dict[str, str]:
    token = base64.b64encode(":".join(door.caller(caller_id, **permissions)).encode()).decode()
    return {"Authorization": f"Basic {token}"}


def ask(
    door: RunningDoor,
    body: Any = FEEDBACK,
    *,
    method: str = "POST",
    path: str = "/hessian/billing",
    headers: dict[str, str] | None = None,
    chunked: bool = False,
) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", door.port, timeout=20)
    try:
        connection.request(
            method, path, body, headers if headers is not None else basic(door), encode_chunked=chunked
        )
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


def audit(door: RunningDoor) -> list[tuple[str, str, dict[str, Any]]]:
    with door.center.reading() as work:
        rows = work.connection.execute(select(audit_entry).where(audit_entry.c.act == "access_refused"))
        return [(row.actor, row.subject, json.loads(row.detail)) for row in rows]


@pytest.mark.parametrize("path", ["/hessian/billing", "/hessian/OrderService", "/hessian", "/hessian/a/b"])
def test_every_path_below_hessian_reaches_the_service(door: RunningDoor, path: str) -> None:
    response, body = ask(door, path=path)
    assert (response.status, body) == (200, ONE_1)
    assert response.headers["Content-Type"] == "x-application/hessian"
    assert response.headers["Content-Length"] == str(len(body))
    assert "Content-Encoding" not in response.headers


def test_a_reply_has_the_form_that_the_caller_can_read(door: RunningDoor) -> None:
    assert ask(door, feedback(b"c\x01\x00"))[1] == ONE_1
    assert ask(door, feedback(b"c\x00\x01"))[1] == ONE_1
    assert ask(door, feedback(b"c\x02\x00"))[1] == ONE_2
    call_2 = encode_call("feedbackUser", ["nobody"], ReplyForm.HESSIAN_2)
    assert ask(door, call_2)[1] == ONE_2
    assert ask(door, call_2[3:])[1] == ONE_2


def test_an_old_client_is_known_by_its_path_or_by_who_it_is(door: RunningDoor) -> None:
    old = feedback(b"c\x02\x00")
    assert ask(door, old, path="/hessian/v1")[1] == ONE_1
    assert ask(door, old, path="/hessian/v1/billing")[1] == ONE_1
    assert ask(door, old, path="/hessian/v11")[1] == ONE_2
    assert ask(door, old, headers=basic(door, "old", reply_form="hessian1"))[1] == ONE_1
    modern = encode_call("feedbackUser", ["nobody"], ReplyForm.HESSIAN_2)
    assert ask(door, modern, path="/hessian/v1")[1] == ONE_2


def test_a_chunked_body_is_read(door: RunningDoor) -> None:
    headers = {**basic(door), "Transfer-Encoding": "chunked"}
    response, body = ask(
        door, (FEEDBACK[i : i + 5] for i in range(0, len(FEEDBACK), 5)), headers=headers, chunked=True
    )
    assert (response.status, body) == (200, ONE_1)


def test_a_stranger_is_turned_away_before_the_body_is_read_and_leaves_an_audit_row(door: RunningDoor) -> None:
    caller_id, secret = door.caller()
    wrong = base64.b64encode(f"{caller_id}:{secret}x".encode()).decode()
    for headers, subject in (
        ({}, "-"),
        ({"Authorization": f"Basic {wrong}"}, caller_id),
        ({"Authorization": "x"}, "-"),
    ):
        response, _ = ask(door, b"this is not Hessian", headers=headers)
        assert response.status == 401
        assert response.headers["WWW-Authenticate"].startswith("Basic ")
        assert audit(door)[-1][1] == subject
    assert len(audit(door)) == 3
    assert secret not in str(audit(door))


def test_a_caller_may_call_only_its_operations(door: RunningDoor) -> None:
    door.caller("shy", operations=["payCallback"])
    with pytest.raises(NotAdmitted) as refused:
        door.client("shy").feedback_user("nobody")
    assert refused.value.status == 403
    assert door.client("shy").pay_callback("i-1", "PAID") == "-1"
    ((actor, subject, detail),) = audit(door)
    assert (actor, subject, detail["operation"]) == ("shy", "shy", "feedbackUser")


def test_a_caller_may_report_only_its_products(door: RunningDoor) -> None:
    door.caller("crm", products=["crm"])
    client = door.hessian("crm")
    with pytest.raises(NotAdmitted):
        client.call("changeAccountNum", "p-1", 1, "mail")
    assert client.call("changeAccountNum", "p-1", 1, "crm") == "-1"
    with door.center.reading() as work:
        assert [entry.call.code for entry in list_refused(work)] == ["unknown_product"]


def test_a_revoked_caller_is_turned_away(center: Center) -> None:
    with running_door(center) as door:
        client = door.client()
        assert client.feedback_user("nobody") == "1"
    door.center.transact("test", lambda work: revoke_caller(work, "tester"))
    with running_door(center) as again:
        again.secrets.update(door.secrets)
        with pytest.raises(NotAdmitted):
            again.client().feedback_user("nobody")


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_over_the_limit_is_413(center: Center, chunked: bool) -> None:
    with running_door(center, body_limit=2000) as door:
        headers = {**basic(door), **({"Transfer-Encoding": "chunked"} if chunked else {})}
        body = iter([b"c" * 1000] * 3) if chunked else b"c" * 2001
        response, _ = ask(door, body, headers=headers, chunked=chunked)
        assert response.status == 413
        assert ask(door)[1] == ONE_1


def test_a_probe_with_get_sees_a_page_and_other_methods_are_405(door: RunningDoor) -> None:
    response, page = ask(door, None, method="GET", headers={})
    assert response.status == 200
    assert b"insertServiceOp(Billinginfo)" in page
    for method in ("PUT", "DELETE", "HEAD"):
        response, _ = ask(door, None, method=method, headers={})
        assert (response.status, response.headers["Allow"]) == (405, "GET, POST")
    assert ask(door, path="/other")[0].status == 404


@pytest.mark.parametrize(
    ("body", "form"),
    [
        (b"", b"H"),
        (b"hello", b"H"),
        (FEEDBACK[:-1], b"r"),
        (FEEDBACK + b"x", b"r"),
        (b"H\x02\x00C", b"H"),
    ],
)
def test_what_is_no_call_is_a_protocol_fault_with_status_200(door: RunningDoor, body: bytes, form: bytes) -> None:
    response, reply = ask(door, body)
    assert (response.status, reply[:1]) == (200, form)
    with pytest.raises(FaultReply) as fault:
        decode_reply(reply)
    assert fault.value.code == "ProtocolException"
    assert fields_of(fault.value.detail)["detailMessage"] == fault.value.message


def test_an_unknown_method_and_a_wrong_count_are_faults_that_keep_nothing(door: RunningDoor) -> None:
    client = door.hessian()
    for method, arguments, words in (
        ("noSuchThing", (), "no method named: noSuchThing"),
        ("feedbackUser", (), "takes 1 arguments, not 0"),
        ("feedbackUser", ("a", "b"), "takes 1 arguments, not 2"),
    ):
        with pytest.raises(FaultReply) as fault:
            client.call(method, *arguments)
        assert (fault.value.code, words in fault.value.message) == ("NoSuchMethodException", True)
        assert isinstance(fault.value.detail, HObject)
        assert fault.value.detail.type_name == "java.lang.IllegalArgumentException"
    with door.center.reading() as work:
        assert list_refused(work) == []


def test_the_attributes_that_java_asks_for_are_answered(door: RunningDoor) -> None:
    client = door.hessian()
    assert isinstance(client.call("_hessian_getAttribute", "java.api.class"), str)
    assert client.call("_hessian_getAttribute", "x") is None


def broken(*arguments: object) -> Any:
    raise ZeroDivisionError("the password is hunter2")


def away(*arguments: object) -> Any:
    raise DatabaseAway("the database cannot be reached")


def test_a_failure_of_ours_is_a_fault_with_an_incident_that_stands_in_the_log(
    door: RunningDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rpc.operations.feedback_user.in_arrears", broken)
    with structlog.testing.capture_logs() as logs, pytest.raises(FaultReply) as fault:
        door.client().feedback_user("p-1")
    (failed,) = [log for log in logs if log["event"] == "call_failed"]
    assert failed["incident"] in fault.value.message
    assert "hunter2" not in fault.value.message
    assert isinstance(failed["exc_info"], ZeroDivisionError)


def test_a_database_that_is_away_is_a_fault_and_for_a_quotation_a_code(
    door: RunningDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = door.client()
    client.feedback_user("p-1")  # the caller is known from here on
    monkeypatch.setattr("rpc.operations.feedback_user.in_arrears", away)
    monkeypatch.setattr("rpc.operations.get_total_price.quote_price", away)
    with pytest.raises(FaultReply) as fault:
        client.feedback_user("p-1")
    assert isinstance(fault.value.detail, HObject)
    assert fault.value.detail.type_name == "java.lang.IllegalStateException"
    fields = fields_of(client.hessian.call("getTotalPrice", "sms", {}, None, 1, "CNY"))
    assert fields["returnValue"] == HObject("java.math.BigDecimal", {"value": "-1"})


class Held:
    """Keeps the writer busy until it is let go."""

    def __init__(self, door: RunningDoor) -> None:
        self.reached, self.opened = threading.Event(), threading.Event()
        self.future = door.group.submit(Act("test", None, verb=self._hold))
        assert self.reached.wait(20)

    def _hold(self, work: UnitOfWork, command: object) -> None:
        self.reached.set()
        assert self.opened.wait(20)

    def let_go(self) -> None:
        self.opened.set()
        self.future.result(20)


def test_a_call_that_takes_too_long_is_answered_busy(center: Center) -> None:
    with running_door(center, call_timeout_s=0.3) as door:
        client = door.client()
        client.pay_callback("i-1", "PAID")
        held = Held(door)
        with pytest.raises(FaultReply) as fault:
            client.pay_callback("i-2", "PAID")
        held.let_go()
        assert "too long" in fault.value.message
        with center.reading() as work:
            kept = [json.loads(entry.call.arguments)[0] for entry in list_refused(work)]
        assert kept == ["i-1"]


def test_past_the_queue_limit_a_call_is_answered_busy_at_once(center: Center) -> None:
    with running_door(center, queue_limit=1) as door:
        client = door.client()
        client.feedback_user("p")
        held = Held(door)
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(client.pay_callback, "i-1", "PAID")
            while not len(door.group):
                threading.Event().wait(0.001)
            with pytest.raises(FaultReply) as fault:
                client.pay_callback("i-2", "PAID")
            held.let_go()
            assert waiting.result(20) == "-1"
        assert "too many calls" in fault.value.message


def test_each_call_leaves_one_line_without_its_payload(door: RunningDoor) -> None:
    client = door.client()
    with structlog.testing.capture_logs() as logs:
        client.pay_callback("invoice-of-mr-x", "PAID")
        while not any(log["event"] == "call_answered" for log in logs):
            threading.Event().wait(0.001)  # the line follows the answer
    (line,) = [log for log in logs if log["event"] == "call_answered"]
    assert (line["operation"], line["outcome"]) == ("payCallback", "unknown_invoice")
    assert line["ms"] > 0
    assert "mr-x" not in str(logs)


def test_an_open_door_lets_programs_of_this_machine_do_everything_and_web_pages_nothing(center: Center) -> None:
    with running_door(center, open_door=True) as door:
        assert ask(door, headers={})[1] == ONE_1
        with HessianClient(door.url, "shop", "whatever") as client:
            assert client.call("payCallback", "i-1", "PAID") == "-1"
        assert ask(door, headers={"Origin": "http://evil.example"})[0].status == 403
        assert ask(door, headers={"Host": "rebound.example"})[0].status == 403
        with center.reading() as work:
            assert [entry.call.caller for entry in list_refused(work)] == ["shop"]


def test_a_caller_that_leaves_in_the_middle_harms_nobody(door: RunningDoor) -> None:
    headers = "".join(f"{name}: {value}\r\n" for name, value in basic(door).items())
    with socket.create_connection(("127.0.0.1", door.port)) as left:
        left.sendall(f"POST /hessian/x HTTP/1.1\r\nHost: x\r\n{headers}Content-Length: 99\r\n\r\nc".encode())
    assert ask(door)[1] == ONE_1


def test_many_callers_at_once_are_each_answered(door: RunningDoor) -> None:
    client = door.client()
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda n: client.pay_callback(f"i-{n}", "PAID"), range(200)))
    assert answers == ["-1"] * 200
    with door.center.reading() as work:
        assert {json.loads(e.call.arguments)[0] for e in list_refused(work, limit=1000)} == {
            f"i-{n}" for n in range(200)
        }


def test_the_client_says_which_status_it_met(door: RunningDoor) -> None:
    with HessianClient(door.base + "/nothing", *door.caller()) as client, pytest.raises(HttpStatus) as met:
        client.call("feedbackUser", "p")
    assert met.value.status == 404


def test_calls_that_are_over_are_gone_without_the_garbage_collector(door: RunningDoor) -> None:
    use = {"userId": "u", "productId": "none", "startDate": datetime(2026, 3, 1, tzinfo=UTC), "useAge": 1}
    client = HessianClient(door.url, *door.caller())
    client.call("feedbackUser", "nobody")
    gc.collect()
    gc.disable()
    try:
        for _ in range(20):
            assert client.call("feedbackUser", "nobody") == "1"
            assert client.call("insertServiceOp", {}) == client.call("insertServiceOp", use) == "-1"
        left = [one for one in gc.get_objects() if isinstance(one, CallUnderWay)]
    finally:
        gc.enable()
        client.close()
    assert len(left) < 5  # threads may hold their last ones
