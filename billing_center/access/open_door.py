"""The open door: everyone may do everything, for trying out, on this machine only.

Where it stands in the walk: `serve --open` asks `require_loopback` before it listens, and the doors ask
`from_here` of every request, since a web page in a browser on this machine can also reach a loopback port.
"""

from ipaddress import ip_address

from billing_center.errors import SettingInvalid


def is_loopback(host: str) -> bool:
    """Whether an address or name means this machine and nothing else."""
    name = host.strip("[]").lower()
    if name == "localhost":
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def require_loopback(host: str) -> None:
    """Raise SettingInvalid when an open door would listen to other machines."""
    if not is_loopback(host):
        message = f"open_door lets everyone do everything, so it listens on a loopback address only, not {host!r}"
        raise SettingInvalid(message, field="open_door")


def from_here(host_header: str, origin_header: str) -> bool:
    """Whether a request was made by a program for this machine's name, and by no page of another site."""
    host = host_header.rpartition(":")[0] if host_header.rpartition(":")[2].isdigit() else host_header
    if host and not is_loopback(host):
        return False
    if not origin_header:
        return True
    origin = origin_header.partition("://")[2]
    return bool(host_header) and origin == host_header
