"""What a connection waits for, and how long it may.

IDLE      between two requests                     closed after `idle_s`
HEAD      a request began, its head is not whole   408 after `head_s`
BODY      a body is coming                         408 after `body_s`
ANSWERING the handler has it                       the handler bounds its own time
ENDING    answered for the last time               closed after `linger_s`
"""

from enum import IntEnum


class State(IntEnum):
    """What a connection is waiting for."""

    IDLE = 0
    HEAD = 1
    BODY = 2
    ANSWERING = 3
    ENDING = 4
