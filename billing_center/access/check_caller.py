"""Who is calling? A verified caller, or Unauthorised.

Where it stands in the walk: the doors ask before they read a body. The slow hash is computed once per secret
and process; after that a caller is remembered, and its row is read again when the memory is a few seconds old,
so that a revocation takes effect within that time. Secrets are not kept in memory: what is remembered is
keyed by their MAC (keyed BLAKE2) under a key that this process made up. Design: contract, "Who may call what".
"""

import hashlib
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Any

from sqlalchemy import Row

from billing_center.access import store
from billing_center.access.caller import Caller
from billing_center.access.callers import caller_of
from billing_center.access.secret_hash import secret_matches
from billing_center.center import Center
from billing_center.errors import Unauthorised

FRESH_S = 2.0
"""Seconds for which a remembered caller is not looked up again: how late a revocation may take effect."""

RENEW_S = 1.0
"""Seconds before the end of that time from which a caller who calls is looked up again, while it is answered."""

HEADERS_KEPT = 4096
"""Authorization headers, as their MACs, that are remembered at most."""

WRONG_KEPT = 1024
"""Wrong secrets remembered at most, so that a client with a wrong password does not cost a hash each time."""

_DECOY = f"scrypt$16384$8$1${'00' * 16}${'00' * 32}"
"""What the secret of an unknown caller is compared with: nothing hashes to it, and it takes as long."""


@dataclass(slots=True)
class _Known:
    caller: Caller
    secret_hash: str
    until: float
    renewing: bool = False


class CallerCheck:
    """Verifies callers for one process. Every method may be called from any thread."""

    def __init__(
        self, center: Center, *, fresh_s: float = FRESH_S, seconds: Callable[[], float] = monotonic
    ) -> None:
        self._center = center
        self._fresh_s = fresh_s
        self._seconds = seconds
        self._key = secrets.token_bytes(32)
        self._known: dict[bytes, _Known] = {}
        self._headers: dict[bytes, bytes] = {}
        self._wrong: OrderedDict[bytes, float] = OrderedDict()
        self._lock = threading.Lock()
        self._hashing = threading.Lock()

    def fresh(self, caller_id: str, secret: str) -> Caller | None:
        """The caller when it was verified a moment ago; reads no database and computes no slow hash."""
        known = self._known.get(self._mark(caller_id, secret))
        return known.caller if known is not None and self._seconds() < known.until else None

    def mark_of(self, header: bytes) -> bytes:
        """What stands for an Authorization header, which is not kept."""
        return self._mac(header)

    def fresh_header(self, header_mark: bytes) -> tuple[Caller | None, bool]:
        """The same by a header that `remember_header` was told of; and whether to `renew` now.

        One of those who call is told so, a while before the memory ends: so a busy caller never waits for it.
        """
        known = self._known.get(self._headers.get(header_mark, b""))
        if known is None:
            return None, False
        left = known.until - self._seconds()
        if left <= 0:
            return None, False
        if left > RENEW_S or known.renewing:
            return known.caller, False
        known.renewing = True
        return known.caller, True

    def remember_header(self, header_mark: bytes, caller_id: str, secret: str) -> None:
        """What this header says, for a caller who was let in."""
        if len(self._headers) >= HEADERS_KEPT:
            self._headers.clear()
        self._headers[header_mark] = self._mark(caller_id, secret)

    def renew(self, header_mark: bytes) -> None:
        """Read the row of a remembered caller again; one that has changed is forgotten. Raises: DatabaseAway."""
        mark = self._headers.get(header_mark, b"")
        known = self._known.get(mark)
        if known is None:
            return
        with self._center.reading() as work:
            row = store.caller_row(work.connection, known.caller.caller_id)
        if row is None or not row.active or row.secret_hash != known.secret_hash:
            self._known.pop(mark, None)
        else:
            self._remember(mark, row)

    def remembers(self, caller_id: str, secret: str) -> bool:
        """Whether `check` will do without the slow hash (unless the caller changes meanwhile)."""
        mark = self._mark(caller_id, secret)
        return mark in self._known or self._is_wrong(mark)

    def check(self, caller_id: str, secret: str) -> Caller:
        """The caller with this id and secret. Raises: Unauthorised; DatabaseAway.

        Whether the id or the secret is wrong cannot be told, neither by the answer nor by its time.
        """
        mark = self._mark(caller_id, secret)
        if self._is_wrong(mark):
            raise _unauthorised(caller_id)
        known = self._known.get(mark)
        if known is not None and self._seconds() < known.until:
            return known.caller
        with self._center.reading() as work:
            row = store.caller_row(work.connection, caller_id)
        active = row is not None and row.active
        if row is None or not active or known is None or row.secret_hash != known.secret_hash:
            self._known.pop(mark, None)
            if not self._matches(mark, secret, row.secret_hash if row is not None and active else None):
                self._remember_wrong(mark)
                raise _unauthorised(caller_id)
        assert row is not None
        return self._remember(mark, row)

    def _remember(self, mark: bytes, row: Row[Any]) -> Caller:
        """Keep what a row says for `fresh_s`."""
        caller = caller_of(row)
        self._known[mark] = _Known(caller, row.secret_hash, self._seconds() + self._fresh_s)
        return caller

    def _matches(self, mark: bytes, secret: str, secret_hash: str | None) -> bool:
        """Compute the slow hash, one at a time; for an unknown caller against a decoy, and in vain."""
        with self._hashing:
            known = self._known.get(mark)
            if known is not None and known.secret_hash == secret_hash:
                return True  # somebody else with the same secret was first
            if self._is_wrong(mark):
                return False
            return secret_matches(secret, secret_hash or _DECOY) and secret_hash is not None

    def _is_wrong(self, mark: bytes) -> bool:
        with self._lock:
            return self._seconds() < self._wrong.get(mark, 0.0)

    def _remember_wrong(self, mark: bytes) -> None:
        with self._lock:
            self._wrong[mark] = self._seconds() + self._fresh_s
            self._wrong.move_to_end(mark)
            while len(self._wrong) > WRONG_KEPT:
                self._wrong.popitem(last=False)

    def _mark(self, caller_id: str, secret: str) -> bytes:
        return self._mac(f"{len(caller_id)}:{caller_id}{secret}".encode("utf-8", "surrogatepass"))

    def _mac(self, said: bytes) -> bytes:
        return hashlib.blake2b(said, key=self._key, digest_size=32).digest()


def _unauthorised(caller_id: str) -> Unauthorised:
    return Unauthorised("the caller or its secret is not known", caller=caller_id)
