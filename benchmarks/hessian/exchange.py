"""Every kind of value to hessian.js and to Caucho's Java and back, in both versions.

    python -m benchmarks.hessian.exchange

Prints what did not come back the same. Needs node and npm, or a JDK and hessian.jar; a peer that is
missing is left out.
"""

import os
import subprocess
from datetime import UTC, datetime
from decimal import Decimal

from benchmarks.hessian.compare import (
    BUILD,
    FORMS,
    HERE,
    JAR,
    OPENED,
    prepare_java,
    prepare_node,
    record,
    write_file,
)
from benchmarks.hessian.measure import bodies_of
from rpc.hessian import CodecError, HList, HMap, HObject, Long, Value, decode_value, encode_value

VALUES: list[Value] = [
    None, True, False, 0, -1, 47, 48, -2048, 262143, (1 << 31) - 1, -(1 << 31),
    Long(0), Long(-9), Long(1 << 40), Long((1 << 53) - 1), Long((1 << 63) - 1),
    0.5, -1.5, 12.25, 1e300, 0.001, 3.141592653589793,
    datetime(2009, 7, 31, 16, tzinfo=UTC), datetime(2009, 7, 31, 16, 0, 0, 123000, tzinfo=UTC),
    datetime(1969, 12, 31, 23, 59, 59, 999000, tzinfo=UTC),
    "", "hello", "邮箱", "a\U0001f600b", "x" * 1023, "x" * 40_000, "邮" * 40_000, "z{|}~",
    b"", b"\x00\xff", b"x" * 70_000,
    [], [1, "a", None], list(range(20)), HList("[int", [1, 2]), HList("java.util.LinkedList", ["a"]),
    {}, {"a": 1, "b": [1]}, HMap("java.util.TreeMap", [(1, "x")]), {1: "a"},
    HObject("com.x.Item", {"guid": "g", "one": Long(5), "when": datetime(2009, 8, 1, tzinfo=UTC)}),
    HObject("java.math.BigDecimal", {"value": "12.50"}), Decimal("1E+3"), record(0), record(1),
]  # fmt: skip


def report(peer: str, version: int, sent: list[bytes], echoed: list[bytes]) -> None:
    """Print what did not come back the same, and how many did."""
    same = 0
    for body, again in zip(sent, echoed, strict=True):
        before = decode_value(body, FORMS[version])
        try:
            after = decode_value(again, FORMS[version])
        except CodecError as error:
            print(f"  {str(before)[:60]}: came back as {again[:20]!r}: {error}")
            continue
        if before == after:
            same += 1
        else:
            print(f"  {str(before)[:60]}: came back as {str(after)[:60]}")
    print(f"{peer}, version {version}: {same} of {len(sent)} came back the same")


def main() -> None:
    classes, modules = prepare_java(), prepare_node()
    for version, form in FORMS.items():
        sent = [encode_value(value, form) for value in VALUES]
        write_file(BUILD / "sent", sent)
        files = [str(BUILD / "sent"), str(BUILD / "echoed")]
        if modules:
            command = ["node", str(HERE / "echo.js"), f"{version}.0", *files]
            subprocess.run(command, check=True, env={**os.environ, "NODE_PATH": str(modules)})
            report("hessian.js", version, sent, bodies_of(BUILD / "echoed"))
        if classes:
            subprocess.run(["java", OPENED, "-cp", f"{classes}:{JAR}", "Echo", str(version), *files], check=True)
            report("Caucho Java", version, sent, bodies_of(BUILD / "echoed"))


if __name__ == "__main__":
    main()
