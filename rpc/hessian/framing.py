"""How a body begins: which version a caller speaks, and in which form it is answered.

    first bytes   Framing    body                              answered in
    c 1 0         CALL_1_0   Hessian 1                         r 1 0 ... z
    c 0 1         CALL_0_1   Hessian 1, version bytes swapped  r 1 0 ... z
    c 2 0         CALL_2_0   Hessian 1 or draft 2              H 2 0 ...
    H 2 0 C       H_2_0      Hessian 2                         H 2 0 ...
    C             BARE_C     Hessian 2                         H 2 0 ...
    E, p, P       refused    envelope, message

`c 2 0` is ambiguous: Java clients up to 3.2.0 read only `r`, later ones only `H`, and nothing in
the call tells them apart. The newer are many more; a server gives the older their own form by the
path that they call or by who they are.
"""

from enum import Enum, auto

from rpc.hessian.errors import CodecError


class Framing(Enum):
    """Which of the five ways to frame a call was read."""

    CALL_1_0 = auto()
    CALL_0_1 = auto()
    CALL_2_0 = auto()
    H_2_0 = auto()
    BARE_C = auto()


class ReplyForm(Enum):
    """Which of the two ways to frame a message is written."""

    HESSIAN_1 = auto()
    HESSIAN_2 = auto()


_REPLY_FORMS = {
    Framing.CALL_1_0: ReplyForm.HESSIAN_1,
    Framing.CALL_0_1: ReplyForm.HESSIAN_1,
    Framing.CALL_2_0: ReplyForm.HESSIAN_2,
    Framing.H_2_0: ReplyForm.HESSIAN_2,
    Framing.BARE_C: ReplyForm.HESSIAN_2,
}

_BEGINNINGS = {
    b"c\x01\x00": Framing.CALL_1_0,
    b"c\x02\x00": Framing.CALL_2_0,
    b"c\x00\x01": Framing.CALL_0_1,
}


def default_reply_form(framing: Framing) -> ReplyForm:
    """The form that most callers who frame their calls like this can read."""
    return _REPLY_FORMS[framing]


def framing_of(body: bytes) -> tuple[Framing, int]:
    """The framing of a call, and where its contents begin.

    Raises: CodecError for anything that is not a call, envelopes and messages included.
    """
    framing = _BEGINNINGS.get(body[:3])
    if framing is not None:
        return framing, 3
    if body.startswith(b"H\x02\x00C"):
        return Framing.H_2_0, 4
    if body.startswith(b"C"):
        return Framing.BARE_C, 1
    if not body:
        raise CodecError("the body is empty", 0)
    if body[:1] in (b"E", b"p", b"P"):
        raise CodecError("a Hessian envelope or message, not a call", 0)
    if body[:1] in (b"c", b"H"):
        raise CodecError("a Hessian call of an unknown version, or cut short", 0)
    raise CodecError("no Hessian call begins with this byte", 0)
