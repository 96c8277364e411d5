"""A simulated account system: takes deductions, and says later how they ended.

Where it stands in the walk: outside, at its end. It is the peer that `chargeAccount` calls and that calls
`payCallback`, for the demo and for acceptance tests. It has no clock: whoever drives it says which day it is, so
that months can be played in seconds. Each payer has a policy, which says how that payer behaves.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from threading import Lock
from typing import Any

from rpc.client import CallFailed
from rpc.hessian import FaultReply, as_decimal, as_list, as_text, fields_of

PAID, FAILED, WAITING = "PAID", "FAILED", "WAITING"

TOTALS = {"rmbAmount": "CNY", "twbAmount": "TWD", "usdollarAmount": "USD", "gbAmount": "HKD"}
"""The totals of an invoice by currency, under the names of 2009."""

CURRENCIES = {"RMB": "CNY", "TWB": "TWD", "USDOLLAR": "USD", "GB": "HKD"}
"""Words of 2009 that may stand for a currency in an item."""

Callback = Callable[[str, str], str]
"""payCallback(invoiceId, state) at the billing center; raises CallFailed, FaultReply or OSError."""


class Behaviour(StrEnum):
    """What a payer does when money is due."""

    PAY = "PAY"  # PAID at the next callbacks
    FAIL = "FAIL"  # FAILED at the next callbacks, until topped up
    PAY_LATER = "PAY_LATER"  # nothing before a day, PAID from that day on
    NEVER = "NEVER"  # no word at all, until topped up
    FLAKY = "FLAKY"  # the account system itself falters at first; then as PAY


class Fault(StrEnum):
    """How the first tries of a FLAKY payer's deductions go wrong."""

    REFUSE = "refuse"  # "2": not sent
    DROP = "drop"  # the connection breaks before anything is taken
    DROP_AFTER = "drop_after"  # the money is taken, then the connection breaks


class Dropped(Exception):
    """The connection is to be broken instead of answered."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How one payer behaves: `day` for PAY_LATER, `times` and `fault` for FLAKY."""

    behaviour: Behaviour = Behaviour.PAY
    day: date | None = None
    times: int = 0
    fault: Fault = Fault.REFUSE

    def __post_init__(self) -> None:
        if self.behaviour is Behaviour.PAY_LATER and self.day is None:
            raise ValueError("PAY_LATER needs the day from which on the payer pays")
        if self.behaviour is Behaviour.FLAKY and self.times < 1:
            raise ValueError("FLAKY needs how many first tries go wrong")

    def outcome(self, today: date) -> str | None:
        """PAID or FAILED when there is something to say by that day, else None."""
        match self.behaviour:
            case Behaviour.FAIL:
                return FAILED
            case Behaviour.NEVER:
                return None
            case Behaviour.PAY_LATER:
                return PAID if self.day is not None and today >= self.day else None
            case _:
                return PAID


@dataclass(slots=True)
class Deduction:
    """One invoice, taken once however often it was sent."""

    guid: str
    payer_id: str
    invoice: dict[str, Any]
    problems: list[str]
    tries: int = 0
    state: str = WAITING

    def as_json(self) -> dict[str, Any]:
        """The deduction as the control door shows it; amounts are decimal strings."""
        return {
            "guid": self.guid,
            "payer_id": self.payer_id,
            "state": self.state,
            "tries": self.tries,
            "problems": self.problems,
            "invoice": self.invoice,
        }


@dataclass(slots=True)
class AccountSystem:
    """What the account system knows. Every method may be called from several threads."""

    callback: Callback
    policies: dict[str, Policy] = field(default_factory=dict)
    deductions: dict[str, Deduction] = field(default_factory=dict)
    tries: dict[str, int] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def charge_account(self, argument: object) -> str:
        """chargeAccount: "1" when the deduction is taken or was taken before, "2" when not.

        Raises: Dropped as the payer's policy says; HessianError (WrongType) for what is not an Invoice.
        """
        invoice = read_invoice(argument)
        guid, payer_id = invoice["guid"], invoice["payerMemId"]
        with self._lock:
            policy = self.policies.get(payer_id, Policy())
            tries = self.tries[guid] = self.tries.get(guid, 0) + 1
            falters = policy.behaviour is Behaviour.FLAKY and tries <= policy.times
            if falters and policy.fault is Fault.REFUSE:
                return "2"
            if falters and policy.fault is Fault.DROP:
                raise Dropped
            self._take(guid, payer_id, invoice)
            self.deductions[guid].tries = tries
            if falters:
                raise Dropped
            return "1"

    def _take(self, guid: str, payer_id: str, invoice: dict[str, Any]) -> None:
        known = self.deductions.get(guid)
        if known is None:
            self.deductions[guid] = Deduction(guid, payer_id, invoice, problems_of(invoice))
        elif known.invoice != invoice:
            known.problems.append("the same guid came again with other content")

    def set_policy(self, payer_id: str, policy: Policy) -> None:
        """From now on the payer behaves so, for invoices already taken too."""
        with self._lock:
            self.policies[payer_id] = policy

    def call_back(self, today: date) -> list[dict[str, str]]:
        """Tell the center every outcome that is due by the day; returns what was told and what it answered.

        An outcome that the center did not answer "1" stays due.
        """
        with self._lock:
            waiting = [deduction for deduction in self.deductions.values() if deduction.state == WAITING]
            due = [(deduction, self.policies.get(deduction.payer_id, Policy())) for deduction in waiting]
        told = []
        for deduction, policy in due:
            outcome = policy.outcome(today)
            if outcome is not None:
                told.append(self._tell(deduction, outcome))
        return told

    def top_up(self, payer_id: str) -> list[dict[str, str]]:
        """The payer pays everything that is open: failed, or never answered. Returns what was told."""
        with self._lock:
            mine = [deduction for deduction in self.deductions.values() if deduction.payer_id == payer_id]
        return [self._tell(deduction, PAID) for deduction in mine if deduction.state != PAID]

    def _tell(self, deduction: Deduction, outcome: str) -> dict[str, str]:
        said = {"invoice_id": deduction.guid, "payer_id": deduction.payer_id, "state": outcome}
        try:
            answer = self.callback(deduction.guid, outcome)
        except FaultReply as fault:
            return {**said, "error": f"{fault.code}: {fault.message}"}
        except (CallFailed, OSError) as error:
            return {**said, "error": f"{type(error).__name__}: {error}"}
        if answer == "1":
            with self._lock:
                deduction.state = outcome
        return {**said, "answer": answer}


def read_invoice(argument: object) -> dict[str, Any]:
    """An Invoice as plain data: texts, decimals as strings, items. Raises: HessianError."""
    fields = fields_of(argument)
    invoice: dict[str, Any] = {}
    for name in ("guid", "payerMemId"):
        invoice[name] = as_text(fields.get(name))
    for name in ("custId", "custName"):
        invoice[name] = _text_or_none(fields.get(name))
    for name in ("totalAmount", *TOTALS):
        invoice[name] = str(as_decimal(fields.get(name)))
    invoice["item"] = [_read_item(fields_of(item)) for item in as_list(fields.get("item"))]
    return invoice


def _read_item(fields: Any) -> dict[str, str]:
    item = {name: as_text(fields.get(name)) for name in ("guid", "productId", "currency")}
    item.update((name, _text_or_none(fields.get(name))) for name in ("productName", "orderCode"))
    for name in ("amount", "markAmount"):
        item[name] = str(as_decimal(fields.get(name)))
    return item


def _text_or_none(value: object) -> str:
    """A text that may be null: ""."""
    return "" if value is None else as_text(value)


def problems_of(invoice: dict[str, Any]) -> list[str]:
    """What an account system's clerk would send back: totals that are not the sum of their items."""
    problems = []
    for name, currency in TOTALS.items():
        items = [
            item for item in invoice["item"] if CURRENCIES.get(item["currency"], item["currency"]) == currency
        ]
        total = sum((Decimal(item["amount"]) for item in items), Decimal(0))
        if total != Decimal(invoice[name]):
            problems.append(f"{name} is {invoice[name]}, its items add up to {total}")
    guids = [item["guid"] for item in invoice["item"]]
    if len(set(guids)) != len(guids):
        problems.append("two items have the same guid")
    return problems
