"""Each bound on a call is a setting: a call that a lower one forbids is a fault, and is answered without it."""

from typing import Any

import pytest

from billing_center.center import Center
from rpc.client import HessianClient
from rpc.hessian import FaultReply, HObject, ReplyForm
from tests.door import RunningDoor, running_door

OBJECT = HObject("com.example.Billinginfo", {"userId": "u-1", "productId": "none", "useAge": "1"})


def caller_of(door: RunningDoor, name: str) -> HessianClient:
    """A client that writes Hessian 2: class definitions exist only there."""
    client = HessianClient(door.url, *door.caller(name), timeout_s=20, form=ReplyForm.HESSIAN_2)
    door.clients.append(client)
    return client


@pytest.mark.parametrize(
    ("setting", "bound", "argument"),
    [
        ("hessian_depth", 4, [[[[[["deep"]]]]]]),
        ("hessian_values", 10, list(range(20))),
        ("hessian_references", 3, [[], [], [], []]),
        ("hessian_definitions", 1, [OBJECT, HObject("com.example.Order", {"orderId": "o-1"})]),
        ("hessian_fields", 2, OBJECT),
        ("hessian_string", 10, "x" * 11),
        ("hessian_binary", 10, b"x" * 11),
    ],
)
def test_a_call_beyond_a_bound_is_a_fault(center: Center, setting: str, bound: int, argument: Any) -> None:
    with running_door(center, **{setting: bound}) as door:
        client = caller_of(door, "bounded")
        with pytest.raises(FaultReply) as fault:
            client.call("insertServiceOp", argument)
    assert fault.value.code == "ProtocolException"
    with running_door(center) as door:
        client = caller_of(door, "usual")
        try:
            answer = client.call("insertServiceOp", argument)
        except FaultReply as other:
            assert other.code != "ProtocolException"
        else:
            assert answer == "-1"
