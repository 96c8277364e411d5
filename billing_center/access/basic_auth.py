"""HTTP Basic: who says to be calling. Where it stands in the walk: the doors read it before anything else."""

import base64
import binascii


def read_basic(header: str) -> tuple[str, str] | None:
    """The caller id and the secret of an Authorization header; None when it is no sound Basic header.

    UTF-8, else Latin-1, in which old Java clients write it.
    """
    scheme, _, encoded = header.strip().partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        raw = base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError):
        return None
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    caller_id, colon, secret = text.partition(":")
    return (caller_id, secret) if colon and caller_id else None
