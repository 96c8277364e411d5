"""The token that a form carries to prove that it came from a page this caller was shown (against CSRF).

It is a keyed hash of the caller's id under the caller's own secret, which another site's page never sees: so
it is bound to the caller, the same on every node, and kept nowhere.
"""

import hashlib
import hmac
import secrets

_OF_THIS_PROCESS = secrets.token_bytes(32)
"""The key at an open door, where callers have no secrets and there is one process."""


def token_of(caller_id: str, secret: str | None) -> str:
    """The token of a caller; `secret` is None at an open door."""
    key = _OF_THIS_PROCESS if secret is None else secret.encode("utf-8", "surrogatepass")
    return hmac.new(key, f"console act by {caller_id}".encode(), hashlib.sha256).hexdigest()


def is_token(sent: str, caller_id: str, secret: str | None) -> bool:
    """Whether a form carried the caller's token; takes as long whatever was sent."""
    return hmac.compare_digest(sent.encode("utf-8", "surrogatepass"), token_of(caller_id, secret).encode())
