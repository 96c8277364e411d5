"""The simulated account and order systems as a process of their own.

    python -m billing_center.cli.demo.simulators --port 0

Prints one line of JSON (port, account_system_url, order_system_url, control_url) once it listens, and serves
until it is ended. With `--with-parent` it also ends when its standard input does: it never outlives its parent.
"""

import argparse
import json
import sys
import threading

from billing_center.cli.demo.simulator_door import CenterAddress, Simulation, SimulatorServer
from rpc.billing_client import BillingClient

TIMEOUT_S = 30.0


def tell_center(address: CenterAddress, invoice_id: str, state: str) -> str:
    """payCallback at the billing center. Raises: CallFailed, FaultReply."""
    with BillingClient(address.url, address.user, address.password, timeout_s=TIMEOUT_S) as center:
        return center.pay_callback(invoice_id, state)


def main() -> None:
    """Serve the two systems and their control door."""
    parser = argparse.ArgumentParser(description="simulated account and order systems, on the loopback address")
    parser.add_argument("--port", type=int, default=0, help="port to listen on; 0 takes a free one")
    parser.add_argument("--with-parent", action="store_true", help="end when standard input ends")
    arguments = parser.parse_args()
    server = SimulatorServer(Simulation(tell_center), arguments.port)
    addresses = {
        "port": server.server_port,
        "account_system_url": f"{server.url}/account-system",
        "order_system_url": f"{server.url}/order-system",
        "control_url": f"{server.url}/control",
    }
    print(json.dumps(addresses), flush=True)
    if arguments.with_parent:
        threading.Thread(target=_end_with_parent, args=(server,), daemon=True).start()
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        server.server_close()


def _end_with_parent(server: SimulatorServer) -> None:
    while sys.stdin.read(4096):
        continue
    server.shutdown()


if __name__ == "__main__":
    main()
