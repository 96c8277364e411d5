"""A simulated order system: receives the commands of service control, and keeps them in their order.

Where it stands in the walk: outside, at its end. It is the peer that `controlService` calls, for the demo and for
acceptance tests.
"""

from dataclasses import dataclass, field
from threading import Lock

from billing_center.cli.demo.account_system import Dropped, Fault
from rpc.hessian import as_text


@dataclass(slots=True)
class OrderSystem:
    """The commands that came in, in their order. Every method may be called from several threads."""

    commands: list[dict[str, str]] = field(default_factory=list)
    _faults: list[Fault] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def control_service(self, order_id: object, action: object, reason: object) -> str:
        """controlService: keep the command and answer "1".

        Raises: Dropped when told to falter; HessianError (WrongType) for what are not three texts.
        """
        command = {"order_id": as_text(order_id), "action": as_text(action), "reason": as_text(reason)}
        with self._lock:
            fault = self._faults.pop(0) if self._faults else None
            if fault is Fault.REFUSE:
                return "2"
            if fault is Fault.DROP:
                raise Dropped
            self.commands.append(command)
        if fault is Fault.DROP_AFTER:
            raise Dropped
        return "1"

    def falter(self, fault: Fault, times: int) -> None:
        """Let the next calls go wrong so many times."""
        with self._lock:
            self._faults.extend([fault] * times)
