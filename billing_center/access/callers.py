"""Adding, revoking and listing callers.

Where it stands in the walk: beside it, before the first call. `billing-center caller` is the door to these.
Design: contract, "Who may call what".
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from billing_center.access import store
from billing_center.access.caller import ALL, REPLY_FORMS, Caller, check_caller_id, check_operations
from billing_center.access.secret_hash import hash_secret, new_secret
from billing_center.audit.write_entry import write_entry
from billing_center.center import UnitOfWork
from billing_center.errors import ConflictingRepeat, OutOfRange, ResultCode, Unknown


@dataclass(frozen=True, slots=True)
class CallerEntry:
    """A caller as it is listed: what it may do, and since when; never its secret."""

    caller: Caller
    active: bool
    created_at: datetime
    revoked_at: datetime | None


def add_caller(
    work: UnitOfWork,
    caller_id: str,
    operations: Iterable[str] = (ALL,),
    products: Iterable[str] = (ALL,),
    reply_form: str = "",
) -> str:
    """Let a new caller in; returns its secret, which is shown this once and kept only as a hash.

    A revoked caller may be added again under its id: that is how a secret is changed.
    Raises: OutOfRange for an id, operation or reply form that cannot be; ConflictingRepeat while one is active.
    """
    check_caller_id(caller_id)
    allowed = check_operations(operations)
    reported = frozenset(products)
    if any(not product or len(product) > 64 for product in reported):
        raise OutOfRange("a product id has 1 to 64 characters", field="products")
    if reply_form not in REPLY_FORMS:
        raise OutOfRange(f"reply form {reply_form!r} is none of hessian1, hessian2", field="reply_form")
    known = store.caller_row(work.connection, caller_id)
    if known is not None and known.active:
        message = f"caller {caller_id!r} exists: revoke it first to give it another secret"
        raise ConflictingRepeat(message, field="caller", caller=caller_id)
    secret = new_secret()
    store.put_caller(
        work.connection,
        caller_id,
        hash_secret(secret),
        operations=sorted(allowed),
        products=sorted(reported),
        reply_form=reply_form,
        at=work.at,
    )
    write_entry(work, "caller_added", caller_id, {"operations": sorted(allowed), "products": sorted(reported)})
    return secret


def revoke_caller(work: UnitOfWork, caller_id: str) -> None:
    """Let a caller in no more; every door follows within seconds. Raises: Unknown when none is active."""
    if not store.close_caller(work.connection, caller_id, work.at):
        raise Unknown(
            f"no active caller is named {caller_id!r}",
            code=ResultCode.UNKNOWN_CALLER,
            field="caller",
            caller=caller_id,
        )
    write_entry(work, "caller_revoked", caller_id, {})


def list_callers(work: UnitOfWork) -> list[CallerEntry]:
    """Every caller, revoked ones included, by id."""
    return [
        CallerEntry(caller_of(row), row.active, row.created_at, row.revoked_at)
        for row in store.caller_rows(work.connection)
    ]


def caller_of(row: Row[Any]) -> Caller:
    """The caller that a row stands for."""
    return Caller(
        row.caller_id,
        frozenset(json.loads(row.operations)),
        frozenset(json.loads(row.products)),
        row.reply_form,
    )
