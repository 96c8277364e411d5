"""Starts the simulated systems in their own process, and drives them through their control door."""

import json
import subprocess
import sys
import urllib.error
import urllib.request
from datetime import date
from types import TracebackType
from typing import Any, Self


class SimulatorControl:
    """The simulated account and order systems, from their start to their end.

    Use as a context manager. `account_system_url` and `order_system_url` are what the billing center is told.
    """

    def __init__(self) -> None:
        command = [sys.executable, "-m", "billing_center.cli.demo.simulators", "--port", "0", "--with-parent"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the simulated systems did not start (exit code {self._process.wait()})")
        addresses = json.loads(line)
        self.account_system_url: str = addresses["account_system_url"]
        self.order_system_url: str = addresses["order_system_url"]
        self._control_url: str = addresses["control_url"]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=20)
        self._process.stdout.close()

    def set_center(self, url: str, user: str, password: str) -> None:
        """Where payCallback goes, and who the account system is there."""
        self._post("center", url=url, user=user, password=password)

    def set_policy(self, payer_id: str, behaviour: str, **details: Any) -> None:
        """How a payer behaves from now on: PAY, FAIL, PAY_LATER(day), NEVER, FLAKY(times, fault)."""
        self._post("policies", payer_id=payer_id, behaviour=behaviour, **details)

    def call_back(self, today: date) -> list[dict[str, str]]:
        """Let the account system tell every outcome that is due by the day; what it told, and the answers."""
        told: list[dict[str, str]] = self._post("callbacks", today=today.isoformat())
        return told

    def top_up(self, payer_id: str) -> list[dict[str, str]]:
        """Let the payer pay what is open; what was told, and the answers."""
        told: list[dict[str, str]] = self._post("top-up", payer_id=payer_id)
        return told

    def let_orders_falter(self, fault: str, times: int) -> None:
        """The next commands to the order system go wrong: 'refuse', 'drop' or 'drop_after'."""
        self._post("order-faults", fault=fault, times=times)

    def deductions(self) -> list[dict[str, Any]]:
        """What the account system took, in the order in which it came."""
        deductions: list[dict[str, Any]] = self._ask("deductions")
        return deductions

    def commands(self) -> list[dict[str, str]]:
        """What the order system was told, in the order in which it came."""
        commands: list[dict[str, str]] = self._ask("commands")
        return commands

    def _post(self, what: str, **told: Any) -> Any:
        return self._ask(what, json.dumps(told).encode())

    def _ask(self, what: str, body: bytes | None = None) -> Any:
        request = urllib.request.Request(f"{self._control_url}/{what}", data=body)
        try:
            with urllib.request.urlopen(request, timeout=120) as reply:
                return json.load(reply)
        except urllib.error.HTTPError as error:
            with error:
                raise ValueError(f"{what}: {error.read().decode()}") from None
