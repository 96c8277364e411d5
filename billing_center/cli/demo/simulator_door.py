"""The HTTP door of the simulated systems: Hessian on two paths, and a control door in JSON beside them.

    POST /account-system       chargeAccount(Invoice)                     Hessian
    POST /order-system         controlService(orderId, action, reason)    Hessian
    POST /control/center       {"url", "user", "password"}     where payCallback goes
    POST /control/policies     {"payer_id", "behaviour", "day", "times", "fault"}
    POST /control/callbacks    {"today"}                       tells every outcome that is due
    POST /control/top-up       {"payer_id"}                    the payer pays what is open
    POST /control/order-faults {"fault", "times"}              lets the order system falter
    GET  /control/deductions, GET /control/commands            what came in

It listens on the loopback address only. Days are ISO dates; amounts are decimal strings.
"""

import inspect
import json
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from billing_center.cli.demo.account_system import AccountSystem, Behaviour, Dropped, Fault, Policy
from billing_center.cli.demo.order_system import OrderSystem
from rpc.hessian import CodecError, HessianError, decode_call, default_reply_form, encode_fault, encode_reply
from rpc.hessian import Fault as HessianFault

Operation = Callable[..., str]
LARGEST_BODY = 1 << 24


@dataclass(frozen=True, slots=True)
class CenterAddress:
    """Where the billing center answers, and who the account system is there."""

    url: str
    user: str = ""
    password: str = field(default="", repr=False)


@dataclass(slots=True)
class Simulation:
    """The two systems and the address of the center that they belong to.

    `tell_center(address, invoice_id, state)` is payCallback over the wire.
    """

    tell_center: Callable[[CenterAddress, str, str], str]
    address: CenterAddress | None = None
    account_system: AccountSystem = field(init=False)
    order_system: OrderSystem = field(default_factory=OrderSystem)

    def __post_init__(self) -> None:
        self.account_system = AccountSystem(self._call_back)

    def _call_back(self, invoice_id: str, state: str) -> str:
        if self.address is None:
            raise ConnectionError("nobody has said where the billing center is (POST /control/center)")
        return self.tell_center(self.address, invoice_id, state)

    def services(self, path: str) -> dict[str, Operation]:
        """The Hessian operations of a path."""
        match path.rstrip("/"):
            case "/account-system":
                return {"chargeAccount": self.account_system.charge_account}
            case "/order-system":
                return {"controlService": self.order_system.control_service}
        return {}

    def control(self, path: str, told: dict[str, Any]) -> Any:
        """One order of whoever drives the simulation. Raises: LookupError, ValueError, TypeError."""
        match path:
            case "/control/center":
                self.address = CenterAddress(**told)
            case "/control/policies":
                self.account_system.set_policy(told.pop("payer_id"), policy_of(**told))
            case "/control/callbacks":
                return self.account_system.call_back(date.fromisoformat(told["today"]))
            case "/control/top-up":
                return self.account_system.top_up(told["payer_id"])
            case "/control/order-faults":
                self.order_system.falter(Fault(told["fault"]), int(told["times"]))
            case "/control/deductions":
                return [deduction.as_json() for deduction in list(self.account_system.deductions.values())]
            case "/control/commands":
                return list(self.order_system.commands)
            case _:
                raise LookupError(path)
        return {"ok": True}


def policy_of(behaviour: str, *, day: str | None = None, times: int = 0, fault: str = "refuse") -> Policy:
    """A policy from the words of the control door. Raises: ValueError, TypeError."""
    return Policy(Behaviour(behaviour), date.fromisoformat(day) if day else None, int(times), Fault(fault))


class SimulatorDoor(BaseHTTPRequestHandler):
    """One request of the simulated systems."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True
    server: "SimulatorServer"

    def do_GET(self) -> None:
        self._control({})

    def do_POST(self) -> None:
        try:
            length = int(self.headers.get("Content-Length", ""))
        except ValueError:
            length = -1
        if not 0 <= length <= LARGEST_BODY:
            self.close_connection = True
            self._answer(411, b"a body with a Content-Length is needed", "text/plain")
            return
        body = self.rfile.read(length)
        if self.path.startswith("/control/"):
            try:
                told = json.loads(body or b"{}")
            except ValueError:
                told = None
            if isinstance(told, dict):
                self._control(told)
            else:
                self._answer_json(400, {"error": "a JSON object is needed"})
        else:
            self._hessian(body)

    def _control(self, told: dict[str, Any]) -> None:
        try:
            answer = self.server.simulation.control(self.path, told)
        except KeyError as error:
            self._answer_json(400, {"error": f"{error.args[0]} is missing"})
        except LookupError:
            self._answer_json(404, {"error": "no such path"})
        except (ValueError, TypeError) as error:
            self._answer_json(400, {"error": str(error)})
        else:
            self._answer_json(200, answer)

    def _hessian(self, body: bytes) -> None:
        services = self.server.simulation.services(self.path)
        if not services:
            self._answer(404, b"no Hessian service here", "text/plain")
            return
        try:
            self._answer(200, reply_to(body, services), "x-application/hessian")
        except CodecError:
            self._answer(500, b"this is no Hessian call", "text/plain")
        except Dropped:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)

    def _answer_json(self, status: int, answer: object) -> None:
        self._answer(status, json.dumps(answer, ensure_ascii=False).encode(), "application/json")

    def _answer(self, status: int, body: bytes, content_type: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: standard output belongs to whoever started the simulation."""


def reply_to(body: bytes, services: dict[str, Operation]) -> bytes:
    """The reply to a Hessian call, or the fault. Raises: Dropped; CodecError when it is no call at all."""
    call = decode_call(body)
    form = default_reply_form(call.framing)
    operation = services.get(call.method)
    if operation is None:
        message = f"The service has no method named: {call.method}"
        return encode_fault(HessianFault("NoSuchMethodException", message), form)
    wanted = len(inspect.signature(operation).parameters)
    if len(call.arguments) != wanted:
        message = f"{call.method} takes {wanted} arguments, {len(call.arguments)} came"
        return encode_fault(HessianFault("NoSuchMethod", message), form)
    try:
        answer = operation(*call.arguments)
    except HessianError as error:
        return encode_fault(HessianFault("ServiceException", str(error)), form)
    return encode_reply(answer, form)


class SimulatorServer(ThreadingHTTPServer):
    """The simulated systems, listening on the loopback address. Port 0 takes a free one."""

    daemon_threads = True

    def __init__(self, simulation: Simulation, port: int = 0) -> None:
        self.simulation = simulation
        super().__init__(("127.0.0.1", port), SimulatorDoor)

    @property
    def url(self) -> str:
        """Where the door is, without a path."""
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is no news; anything else is written by the base class."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]
