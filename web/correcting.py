"""Corrections over REST: previewed or booked, by a caller that may use the console, which is who did it.

Where it stands in the walk: beside it; the command line's `correct` asks the same use cases. Every body has `why`;
`dry_run` shows the money and books nothing; `id` lets the same words be meant once more. Decimals are text.
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, Response

from billing_center.center import Center, UnitOfWork
from billing_center.correction.correct_order import (
    CorrectAccounts,
    CorrectOrderState,
    correct_accounts,
    correct_order_state,
)
from billing_center.correction.correct_use import CorrectUse, UseNamed, WithdrawUse, correct_use, withdraw_use
from billing_center.correction.credit_invoice import CreditInvoice, credit_invoice
from billing_center.correction.once import carry_out
from billing_center.correction.report import Correction
from billing_center.correction.rerate_product import RerateProduct, rerate_product
from billing_center.correction.store import corrections
from billing_center.invoice.as_json import as_plain
from billing_center.invoice.clear_flag import clear_flag
from web.admission import CALLER


class Why(BaseModel):
    """Every correction's reason, and whether it is only to be shown."""

    model_config = ConfigDict(extra="forbid")

    why: str = Field(max_length=400)
    id: str = Field("", max_length=30)
    dry_run: bool = False


class OfUse(Why):
    """A use by its event id, or by the caller that reported it and its guid."""

    event: str = Field("", max_length=26)
    caller: str = Field("", max_length=64)
    guid: str = Field("", max_length=100)

    def named(self) -> UseNamed:
        """For the use case."""
        return UseNamed(self.event, self.caller, self.guid)


class RightUse(OfUse):
    """What the use really was; what is not named stays."""

    quantity: Decimal | None = None
    unit: str | None = Field(None, max_length=20)
    amount: Decimal | None = None
    started: AwareDatetime | None = None
    ended: AwareDatetime | None = None
    user: str | None = Field(None, max_length=64)
    payer: str | None = Field(None, max_length=64)


class Rerate(Why):
    """Days of a product, both included, rated by the prices in force for them now."""

    product: str = Field(max_length=64)
    first: date
    last: date
    payer: str = Field("", max_length=64)


class RightState(Why):
    """The order was in the state from the instant on."""

    order: str = Field(max_length=64)
    state: str = Field(max_length=64)
    at: AwareDatetime


class RightAccounts(Why):
    """The payer had the number of accounts from the instant on."""

    payer: str = Field(max_length=64)
    product: str = Field(max_length=64)
    accounts: int = Field(ge=0)
    at: AwareDatetime


class Credit(Why):
    """An invoice by id or number; lines by number, null for what is left of one; none: the whole invoice."""

    invoice: str = Field(max_length=80)
    lines: dict[int, Decimal | None] = Field(default_factory=dict)


class FlagCleared(BaseModel):
    """Why nothing is left to do about a flagged invoice."""

    model_config = ConfigDict(extra="forbid")

    why: str = Field(max_length=400)


def correcting_routes(center: Center) -> APIRouter:
    """Everything under /api/v1 that mends the past."""
    routes = APIRouter(tags=["corrections"])

    @routes.get("/corrections")
    def listed(
        subject: Annotated[str | None, Query(max_length=100, description="of this use, order, ...")] = None,
        limit: Annotated[int, Query(ge=1, le=1000, description="rows at most")] = 100,
    ) -> Response:
        """The newest corrections: who, what, why."""
        with center.reading("rest") as work:
            return JSONResponse(as_plain(corrections(work.connection, limit=limit, subject=subject)))

    _of_uses(routes, center)
    _of_orders(routes, center)
    _of_invoices(routes, center)
    return routes


def _of_uses(routes: APIRouter, center: Center) -> None:
    @routes.post("/corrections/withdraw")
    def withdraw(request: Request, asked: OfUse) -> Response:
        """A use never was."""
        command = WithdrawUse(asked.named(), asked.why, asked.id)
        return _carry_out(center, request, asked, lambda work: withdraw_use(work, command))

    @routes.post("/corrections/use")
    def use(request: Request, asked: RightUse) -> Response:
        """A use was another one."""
        command = CorrectUse(
            asked.named(), asked.why, asked.id, asked.quantity, asked.unit, asked.amount, asked.started,
            asked.ended, asked.user, asked.payer,
        )  # fmt: skip
        return _carry_out(center, request, asked, lambda work: correct_use(work, command))

    @routes.post("/corrections/rerate")
    def rerate(request: Request, asked: Rerate) -> Response:
        """Rate a product's uses and days anew and book the difference."""
        command = RerateProduct(asked.product, asked.first, asked.last, asked.why, asked.payer, asked.id)
        return JSONResponse(as_plain(rerate_product(center, _by(request), command, dry_run=asked.dry_run)))


def _of_orders(routes: APIRouter, center: Center) -> None:
    @routes.post("/corrections/order")
    def order(request: Request, asked: RightState) -> Response:
        """Date an order's change of state back."""
        command = CorrectOrderState(asked.order, asked.state, asked.at, asked.why, asked.id)
        return _carry_out(center, request, asked, lambda work: correct_order_state(work, command))

    @routes.post("/corrections/accounts")
    def accounts(request: Request, asked: RightAccounts) -> Response:
        """Date a number of accounts back."""
        command = CorrectAccounts(asked.payer, asked.product, asked.accounts, asked.at, asked.why, asked.id)
        return _carry_out(center, request, asked, lambda work: correct_accounts(work, command))


def _of_invoices(routes: APIRouter, center: Center) -> None:
    @routes.post("/corrections/credit")
    def credit(request: Request, asked: Credit) -> Response:
        """Issue a credit note."""
        command = CreditInvoice(asked.invoice, asked.why, asked.lines, asked.id)
        return _carry_out(center, request, asked, lambda work: credit_invoice(work, command))

    @routes.post("/invoices/{id_or_number}/clear-flag", tags=["invoices"])
    def unflag(request: Request, id_or_number: str, asked: FlagCleared) -> Response:
        """A person has looked at a flagged invoice: the flag goes, state and money stay."""
        cleared = center.transact(_by(request), lambda work: clear_flag(work, id_or_number, why=asked.why))
        return JSONResponse({"cleared": cleared})


def _carry_out(center: Center, request: Request, asked: Why, act: Callable[[UnitOfWork], Correction]) -> Response:
    return JSONResponse(as_plain(carry_out(center, _by(request), act, dry_run=asked.dry_run)))


def _by(request: Request) -> str:
    """Who corrects: the admitted caller."""
    return str(request.scope[CALLER])[:64]
