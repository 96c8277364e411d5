"""Every page and every act of the console, one row each. Where it stands in the walk: `app` adds these routes."""

from starlette.routing import Route

from billing_center.access.check_caller import CallerCheck
from billing_center.center import Center
from web.console.acts import acknowledge_notices, release_message, release_uses, retry_run, stop_run
from web.console.alerts import alerts
from web.console.audit import audit
from web.console.callers import callers
from web.console.catalog import catalog, product
from web.console.door import Act, ConsoleDoor, PageOf, nothing_here
from web.console.find import find
from web.console.invoice import invoice
from web.console.invoices import invoices
from web.console.line import line
from web.console.messages import message, messages
from web.console.order import order
from web.console.overview import overview
from web.console.payer import payer
from web.console.payers import payers
from web.console.refused import refused, refused_call
from web.console.runs import run, runs
from web.console.use import use
from web.console.uses import uses
from web.console.visit import ROOT

PAGES: dict[str, PageOf] = {
    "": overview,
    "/runs": runs,
    "/run": run,
    "/payers": payers,
    "/payer": payer,
    "/order": order,
    "/alerts": alerts,
    "/invoices": invoices,
    "/invoice": invoice,
    "/line": line,
    "/uses": uses,
    "/use": use,
    "/messages": messages,
    "/message": message,
    "/refused": refused,
    "/refused-call": refused_call,
    "/catalog": catalog,
    "/product": product,
    "/callers": callers,
    "/audit": audit,
    "/find": find,
}
"""Pages by path. Which thing a page shows stands in its query, since ids may hold any sign."""

ACTS: dict[str, Act] = {
    "/act/stop-run": stop_run,
    "/act/retry-run": retry_run,
    "/act/release-uses": release_uses,
    "/act/release-message": release_message,
    "/act/acknowledge": acknowledge_notices,
}
"""What a form may ask for."""


def console_routes(center: Center, checks: CallerCheck) -> list[Route]:
    """The routes; whatever else is asked for below /console is a page that says there is no such page."""
    door = ConsoleDoor(center, checks)
    shown = [Route(ROOT + path, door.page(page), methods=["GET"]) for path, page in PAGES.items()]
    done = [Route(ROOT + path, door.act(act), methods=["POST"]) for path, act in ACTS.items()]
    slash = Route(ROOT + "/", door.page(overview), methods=["GET"])
    return [*shown, slash, *done, Route(ROOT + "/{anything:path}", nothing_here, methods=["GET", "POST"])]
