"""The values of Hessian 2.0, written in the shortest form that holds them.

The productions are those of `hessian2.ROWS`, read from right to left. Two tables grow while a
message is written: class definitions, each written before the first object of its kind, and the
type names of lists and maps, each written once and then named by number.
"""

import struct
from collections.abc import Mapping, Sequence
from math import copysign
from typing import Any

from rpc.hessian.text import LARGEST_CHUNK, chunks_of
from rpc.hessian.values import REMOTE, Remote
from rpc.hessian.writer import Writer

_MINUTE = 60_000
_INT_MIN, _INT_MAX = -(1 << 31), (1 << 31) - 1


class Writer2(Writer):
    """Writes Hessian 2."""

    def __init__(self, beginning: bytes = b"") -> None:
        super().__init__(beginning)
        self.definitions: dict[tuple[str, tuple[str, ...]], int] = {}
        self.types: dict[str, int] = {}

    # --- numbers and dates ---------------------------------------------------------------------

    def int32(self, number: int) -> None:
        """[x80-xbf] for -16 to 47, [xc0-xcf] b0, [xd0-xd7] b1 b0, or 'I' b3 ... b0."""
        if -0x10 <= number <= 0x2F:
            self.out.append(0x90 + number)
        elif -0x800 <= number <= 0x7FF:
            self.out += (0xC800 + number).to_bytes(2, "big")
        elif -0x40000 <= number <= 0x3FFFF:
            self.out += (0xD40000 + number).to_bytes(3, "big")
        else:
            self.out += struct.pack(">ci", b"I", number)

    def long(self, number: int) -> None:
        """[xd8-xef] for -8 to 15, [xf0-xff] b0, [x38-x3f] b1 b0, 'Y' b3 ... b0, 'L' b7 ... b0."""
        if -0x8 <= number <= 0xF:
            self.out.append(0xE0 + number)
        elif -0x800 <= number <= 0x7FF:
            self.out += (0xF800 + number).to_bytes(2, "big")
        elif -0x40000 <= number <= 0x3FFFF:
            self.out += (0x3C0000 + number).to_bytes(3, "big")
        elif _INT_MIN <= number <= _INT_MAX:
            self.out += struct.pack(">ci", b"Y", number)
        else:
            self.out += struct.pack(">cq", b"L", number)

    def double(self, number: float) -> None:
        """x5b, x5c, x5d b0, x5e b1 b0, x5f b3 ... b0 (thousandths), or 'D' b7 ... b0.

        -0.0 goes as 'D', or its sign would be lost. Thousandths are used only where both ways in
        which peers read them (times 0.001, divided by 1000) give this very number.
        """
        if number == 0.0 and copysign(1.0, number) < 0:
            self.out += struct.pack(">cd", b"D", number)
        elif number == 0.0:
            self.out += b"\x5b"
        elif number == 1.0:
            self.out += b"\x5c"
        elif -0x8000 <= number <= 0x7FFF and number == int(number):
            if -0x80 <= number <= 0x7F:
                self.out += struct.pack(">cb", b"\x5d", int(number))
            else:
                self.out += struct.pack(">ch", b"\x5e", int(number))
        else:
            self._other_double(number)

    def _other_double(self, number: float) -> None:
        if abs(number) < 2_000_000:
            thousandths = round(number * 1000)
            if 0.001 * thousandths == number == thousandths / 1000:
                self.out += struct.pack(">ci", b"\x5f", thousandths)
                return
        self.out += struct.pack(">cd", b"D", number)

    def date(self, millis: int) -> None:
        """'K' b3 ... b0 for whole minutes of 32 bits, else 'J' b7 ... b0."""
        minutes, rest = divmod(millis, _MINUTE)
        if rest == 0 and _INT_MIN <= minutes <= _INT_MAX:
            self.out += struct.pack(">ci", b"K", minutes)
        else:
            self.out += struct.pack(">cq", b"J", millis)

    # --- strings and binaries --------------------------------------------------------------------

    def string(self, text: str) -> None:
        """[x00-x1f] up to 31 units, [x30-x33] b0 up to 1023, 'S' b1 b0; 'R' b1 b0 for chunks."""
        *chunks, (units, raw) = chunks_of(text)
        for chunk_units, chunk in chunks:
            self.out += b"R" + chunk_units.to_bytes(2, "big") + chunk
        if units <= 0x1F:
            self.out.append(units)
        elif units <= 0x3FF:
            self.out += (0x3000 + units).to_bytes(2, "big")
        else:
            self.out += b"S" + units.to_bytes(2, "big")
        self.out += raw

    def binary(self, data: bytes) -> None:
        """[x20-x2f] up to 15 bytes, [x34-x37] b0 up to 1023, 'B' b1 b0; 'A' b1 b0 for chunks."""
        start = 0
        while len(data) - start > LARGEST_CHUNK:
            self.out += b"A\x80\x00" + data[start : start + LARGEST_CHUNK]
            start += LARGEST_CHUNK
        length = len(data) - start
        if length <= 0xF:
            self.out.append(0x20 + length)
        elif length <= 0x3FF:
            self.out += (0x3400 + length).to_bytes(2, "big")
        else:
            self.out += b"B" + length.to_bytes(2, "big")
        self.out += data[start:]

    # --- lists, maps, objects, references --------------------------------------------------------

    def reference(self, number: int) -> None:
        self.out += b"Q"
        self.int32(number)

    def _type(self, type_name: str) -> None:
        """type ::= string | int: the name at first, its number from then on."""
        number = self.types.get(type_name)
        if number is None:
            self.types[type_name] = len(self.types)
            self.string(type_name)
        else:
            self.int32(number)

    def list_of(self, type_name: str, items: Sequence[Any]) -> None:
        """[x70-x77] type or 'V' type int; without a type [x78-x7f] or 'X' int."""
        short = len(items) <= 7
        if type_name:
            self.out += bytes((0x70 + len(items),)) if short else b"V"
            self._type(type_name)
        else:
            self.out += bytes((0x78 + len(items),)) if short else b"X"
        if not short:
            self.int32(len(items))
        for item in items:
            self.value(item)

    def map_of(self, type_name: str, pairs: Sequence[tuple[Any, Any]]) -> None:
        """'M' type (value value)* 'Z', or 'H' (value value)* 'Z'."""
        if type_name:
            self.out += b"M"
            self._type(type_name)
        else:
            self.out += b"H"
        for key, value in pairs:
            self.value(key)
            self.value(value)
        self.out += b"Z"

    def object(self, type_name: str, fields: Mapping[str, Any]) -> None:
        """[x60-x6f] value*, or 'O' int value*; before the first of its kind 'C' string int string*."""
        kind = (type_name, tuple(fields))
        number = self.definitions.get(kind)
        if number is None:
            number = self.definitions[kind] = len(self.definitions)
            self.out += b"C"
            self.string(type_name)
            self.int32(len(fields))
            for name in fields:
                self.string(name)
        if number <= 0xF:
            self.out.append(0x60 + number)
        else:
            self.out += b"O"
            self.int32(number)
        for value in fields.values():
            self.value(value)

    def remote(self, remote: Remote) -> None:
        """Hessian 2 has no production for it; Java writes an object of this class."""
        self.take_number()
        self.object(REMOTE, {"type": remote.type_name, "url": remote.url})
