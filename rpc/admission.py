"""Letting callers in: HTTP Basic against the stored callers, before a body is read.

Where it stands in the walk: the first step of a call. A caller verified a moment ago costs no database and no
slow hash; another look at its row runs among the reads; the slow hash runs in threads of its own behind a
short queue, so that guessing at secrets cannot hold up those who are known.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import monotonic
from typing import TypeVar

import structlog

from billing_center.access.basic_auth import read_basic
from billing_center.access.caller import Caller, everyone
from billing_center.access.check_caller import CallerCheck
from billing_center.access.open_door import from_here
from billing_center.access.refused_access import RefusedAccess, RefusedWindow, keep_refused_access
from billing_center.errors import BillingError, Busy, Unauthorised
from billing_center.group_commit import Act, GroupCommit

log = structlog.get_logger()

T = TypeVar("T")

GUESSES_WAITING = 64
"""Slow hashes that may be waiting; more callers who are not known yet are answered busy."""

AUDIT_WAIT_S = 5.0
"""Seconds that a refused caller waits at most for its audit row to be durable."""


class Pool:
    """A few threads and a bounded queue before them."""

    def __init__(self, threads: int, *, waiting: int, name: str) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._limit = threads + waiting
        self._under_way = 0

    async def run(self, act: Callable[[], T]) -> T:
        """Do the act in a thread. Raises: Busy at once when too many wait; what the act raises."""
        if self._under_way >= self._limit:
            raise Busy("too many calls are waiting: send it again in a moment")
        self._under_way += 1
        future = self._threads.submit(act)
        loop = asyncio.get_running_loop()
        future.add_done_callback(lambda _: _soon(loop, self._done))
        return await asyncio.wrap_future(future)

    def start(self, act: Callable[[], None]) -> None:
        """Do the act in a thread some time; nobody waits for it."""
        self._threads.submit(act)

    def _done(self) -> None:
        self._under_way -= 1

    def close(self) -> None:
        """Finish what is under way and stop."""
        self._threads.shutdown(wait=True, cancel_futures=True)


def _soon(loop: asyncio.AbstractEventLoop, act: Callable[[], None]) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(act)


class Admission:
    """Decides who comes in, and keeps who did not."""

    def __init__(self, checks: CallerCheck, group: GroupCommit, reads: Pool, *, open_door: bool) -> None:
        self._checks = checks
        self._group = group
        self._reads = reads
        self._guesses = Pool(2, waiting=GUESSES_WAITING, name="secrets")
        self._open = open_door
        self._window = RefusedWindow()

    def mark_of(self, authorization: bytes) -> bytes:
        """What stands for an Authorization header, which is not kept."""
        return self._checks.mark_of(authorization)

    def known(self, header_mark: bytes) -> Caller | None:
        """The caller when it was verified a moment ago and the door is not open; waits for nothing."""
        if self._open:
            return None
        caller, ending = self._checks.fresh_header(header_mark)
        if ending:
            self._reads.start(lambda: self._renew(header_mark))
        return caller

    def _renew(self, header_mark: bytes) -> None:
        try:
            self._checks.renew(header_mark)
        except BillingError as error:  # the caller hears it once the memory has ended
            log.info("caller_not_renewed", error=type(error).__name__)

    async def admit(self, authorization: str, host: str, origin: str) -> Caller:
        """The caller. Raises: Unauthorised; DatabaseAway; Busy."""
        said = read_basic(authorization)
        if self._open:
            if not from_here(host, origin):
                raise Unauthorised("an open door is for programs on this machine only", may_not=True)
            return everyone(said[0][:64] if said is not None else "open")
        if said is None:
            raise Unauthorised("a caller must say who it is")
        caller_id, secret = said
        caller = self._checks.fresh(caller_id, secret)
        if caller is None:
            pool = self._reads if self._checks.remembers(caller_id, secret) else self._guesses
            caller = await pool.run(lambda: self._checks.check(caller_id, secret))
        self._checks.remember_header(self.mark_of(authorization.encode("latin-1")), caller_id, secret)
        return caller

    async def keep_refused(self, error: Unauthorised, *, caller: str, operation: str, peer: str) -> None:
        """Leave an audit row and a line in the log; whatever fails here, the caller stays outside."""
        log.warning("access_refused", caller=caller, operation=operation, peer=peer, reason=error.message)
        left_out = self._window.take(monotonic())
        if left_out is None:
            return
        refused = RefusedAccess(caller or "-", operation or "-", error.message, peer, left_out)
        try:
            async with asyncio.timeout(AUDIT_WAIT_S):
                await self._group.commit(Act(caller or "-", refused, verb=keep_refused_access))
        except (BillingError, TimeoutError) as failure:
            log.warning("access_refused_unkept", error=type(failure).__name__)

    def close(self) -> None:
        """Stop the threads."""
        self._guesses.close()
