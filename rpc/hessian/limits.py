"""How much a caller may ask of the codec: every bound in one place.

A Hessian body is written by whoever can reach the port. Its announced lengths, its nesting and its
references are therefore claims, and these are the bounds that every reader holds them against.
"""

from dataclasses import dataclass, fields

DEEPEST = 200
"""No `Limits` may allow more nesting: reading goes down two Python frames a level."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds for one body; reaching past any of them raises `LimitExceeded`.

    body_bytes: length of the whole body, looked at before anything is read.
    depth: lists, maps and objects inside one another, also as seen through references.
    values: values in a body, pieces of chunked texts included. What a reference points at counts
        again each time, so walking the decoded arguments never takes more steps than this.
    references: lists, maps and objects in a body, each of which takes a reference number.
    definitions: class definitions in a body.
    fields_per_definition: field names in one class definition.
    string_units: UTF-16 units of one string, its pieces joined.
    binary_bytes: bytes of one binary, its pieces joined.
    """

    body_bytes: int = 1 << 20
    depth: int = 64
    values: int = 50_000
    references: int = 20_000
    definitions: int = 256
    fields_per_definition: int = 256
    string_units: int = 1 << 18
    binary_bytes: int = 1 << 20

    def __post_init__(self) -> None:
        for field in fields(self):
            if getattr(self, field.name) < 1:
                raise ValueError(f"{field.name} must be at least 1")
        if self.depth > DEEPEST:
            raise ValueError(f"depth must be at most {DEEPEST}")
