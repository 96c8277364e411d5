"""Every codec at hand on the same calls, in one run, one after the other, one thread each.

    python -m benchmarks.hessian.compare [seconds a measurement, 2 unless told] [FILE to add the figures to]

The calls are 64 different `insertServiceOp` calls of one Billinginfo each (other users, products,
dates, amounts; some Chinese), in both versions. Measured: the pure codec, the builds of
`compile_codec` if it was run before, python-hessian, hessian.js (needs node and npm; the value only, for it
knows no calls) and Caucho's Java codec after warming up (needs a JDK and hessian.jar). A peer that
is missing is left out. What is installed for it goes to benchmarks/hessian/build, which git ignores.
"""

import os
import platform
import shutil
import struct
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from benchmarks.figures import Row, add_rows
from rpc.hessian import HObject, ReplyForm, encode_call, encode_value

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BUILD = HERE / "build"
JAR = Path(os.environ.get("HESSIAN_JAR", "/usr/share/java/hessian.jar"))
FORMS = {1: ReplyForm.HESSIAN_1, 2: ReplyForm.HESSIAN_2}
OPENED = "--add-opens=java.base/java.lang=ALL-UNNAMED"
PASSES = 3
BUILDS = {"rpc.hessian with _quick": BUILD / "quick", "rpc.hessian by mypyc": BUILD / "mypyc"}


def record(number: int) -> HObject:
    """A usage record; no two are alike."""
    start = datetime(2009, 8, 1, 4, tzinfo=UTC) + timedelta(seconds=4711 * number)
    fields = {
        "username": f"user-{number}-{number * 7 % 13}",
        "userId": f"u{number}-1",
        "payerMemId": f"pm-{number % 10}",
        "productName": "邮箱 Mail" if number % 4 == 0 else "Enterprise Mail",
        "productId": f"prod-{number % 5}",
        "useUnit": ("GB", "minute", "count")[number % 3],
        "startDate": start,
        "endDate": start + timedelta(seconds=3599, milliseconds=number % 2 * 250),
        "amount": Decimal(1250 + number).scaleb(-2),
        "useAge": Decimal(325 + number * 3).scaleb(-2),
    }
    return HObject("com.alibaba.billing.model.Billinginfo", fields)


def write_file(file: Path, bodies: list[bytes]) -> None:
    """How many bodies, then each with its length, in four bytes."""
    parts = [struct.pack(">i", len(bodies)), *(struct.pack(">i", len(body)) + body for body in bodies)]
    file.write_bytes(b"".join(parts))


def run(command: list[str], **more: object) -> tuple[float, float] | None:
    """The two numbers that a measurement prints, as microseconds; None when it fails."""
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, **more)  # type: ignore[call-overload]
    if done.returncode:
        print(f"left out, failed: {' '.join(command[:4])} ...: {done.stderr.strip()[-300:]}", file=sys.stderr)
        return None
    reading, writing = done.stdout.split()[:2]
    return float(reading) / 1000, float(writing) / 1000


def prepare_java() -> Path | None:
    """Compile the Java side; None without a JDK or the jar."""
    if not (shutil.which("javac") and JAR.exists()):
        return None
    classes = BUILD / "java"
    shutil.rmtree(classes, ignore_errors=True)
    shutil.copytree(HERE / "java" / "META-INF", classes / "META-INF")
    sources = [str(path) for path in (HERE / "java").rglob("*.java")]
    subprocess.run(["javac", "-nowarn", "-cp", str(JAR), "-d", str(classes), *sources], check=True)
    return classes


def prepare_node() -> Path | None:
    """Install hessian.js; None without node and npm, or without a way to get it."""
    modules = BUILD / "node_modules"
    if not modules.exists():
        if not (shutil.which("npm") and shutil.which("node")):
            return None
        command = ["npm", "install", "--silent", "--prefix", str(BUILD), "hessian.js@2.11.0"]
        if subprocess.run(command, capture_output=True).returncode:
            return None
    return modules


def measurements(seconds: float) -> dict[str, dict[int, tuple[float, float] | None]]:
    """For each codec and version the microseconds for reading and writing, the best of some passes."""
    classes, modules = prepare_java(), prepare_node()
    found: dict[str, dict[int, tuple[float, float] | None]] = {}
    for _ in range(PASSES):
        for version in (1, 2):
            calls, values = str(BUILD / f"calls-{version}"), str(BUILD / f"values-{version}")
            python = [sys.executable, "-m", "benchmarks.hessian.measure"]
            rows = {"rpc.hessian, pure Python": run([*python, "pure", str(version), calls, str(seconds)])}
            for name, folder in BUILDS.items():
                if folder.exists():
                    command = [sys.executable, str(HERE / "measure.py"), "ours", str(version), calls, str(seconds)]
                    rows[name] = run(command, env={**os.environ, "PYTHONPATH": str(folder)})
            rows["python-hessian"] = run([*python, "python-hessian", str(version), calls, str(seconds)])
            if modules:
                command = ["node", str(HERE / "bench.js"), f"{version}.0", values, str(seconds)]
                rows["hessian.js (value only)"] = run(command, env={**os.environ, "NODE_PATH": str(modules)})
            if classes:
                command = [
                    "java",
                    OPENED,
                    "-cp",
                    f"{classes}:{JAR}",
                    "Bench",
                    str(version),
                    calls,
                    str(2 * seconds),
                ]
                rows["Caucho Java, warm"] = run(command)
            for name, numbers in rows.items():
                known = found.setdefault(name, {}).get(version)
                if numbers and known:
                    numbers = (min(numbers[0], known[0]), min(numbers[1], known[1]))
                found[name][version] = numbers or known
    return found


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 2.0
    file = sys.argv[2] if len(sys.argv) > 2 else ""
    BUILD.mkdir(exist_ok=True)
    records = [record(number) for number in range(64)]
    for version, form in FORMS.items():
        write_file(BUILD / f"calls-{version}", [encode_call("insertServiceOp", [one], form) for one in records])
        write_file(BUILD / f"values-{version}", [encode_value(one, form) for one in records])
    found = measurements(seconds)
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}; microseconds a call")
    print(f"{'codec':28}{'v1 read':>10}{'v1 write':>10}{'v2 read':>10}{'v2 write':>10}")
    for name, versions in found.items():
        cells = [number for version in (1, 2) for number in versions.get(version) or (0.0, 0.0)]
        print(f"{name:28}" + "".join(f"{number:10.2f}" if number else f"{'-':>10}" for number in cells))
        add_rows(
            file,
            [
                Row("hessian", name, f"{act} a call, version {version}", own_cpu_us=number)
                for version in (1, 2)
                for act, number in zip(("read", "write"), versions.get(version) or (0.0, 0.0), strict=True)
                if number
            ],
        )


if __name__ == "__main__":
    main()
