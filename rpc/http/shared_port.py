"""One port for several processes, by SO_REUSEPORT: Linux shares out the callers, and one process may end unseen.

Where it stands in the walk: `serve --share-port` binds with it, `Listener.stop` ends with it. A listening socket
that is closed breaks the connections that are being made to it. So a socket that ends first lets no new ones
begin (a filter drops their first packet, which the caller's system sends again a second later, then to another
process), while those that have begun are taken.
"""

import ctypes
import socket
import struct
import sys

CAN_SHARE = sys.platform == "linux"
_SO_ATTACH_FILTER = 26
_FILTER = (
    (0x30, 0, 0, 13),  # load the byte of flags of the TCP head
    (0x54, 0, 0, 0x12),  # keep SYN and ACK
    (0x15, 0, 1, 0x02),  # SYN alone: a connection begins
    (0x06, 0, 0, 0),  # drop it
    (0x06, 0, 0, 0xFFFFFFFF),  # let it pass
)


def share(bound: socket.socket) -> None:
    """Let other processes of this user bind the same address. Call before binding; Linux alone."""
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)


def is_shared(listening: socket.socket) -> bool:
    """Whether other processes may listen on the same port."""
    return CAN_SHARE and bool(listening.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT))


def let_none_begin(listening: socket.socket) -> None:
    """Leave callers that begin a connection from now on to the other processes of the port."""
    code = b"".join(struct.pack("HBBI", *step) for step in _FILTER)
    held = ctypes.create_string_buffer(code)  # the kernel copies it during the call
    program = struct.pack("HP", len(_FILTER), ctypes.addressof(held))
    listening.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, program)
