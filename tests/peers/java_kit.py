"""The Python end of `tests/java`: compiles the kit once, and talks to one JVM line by line.

Values cross as the tokens that `kit/Tokens.java` describes. Each of the classes below says which Java type is
meant where Python has only one.
"""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

TESTS = Path(__file__).parent.parent
EXAMPLES = TESTS.parent / "examples" / "java"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
OPENS = ["--add-opens", "java.base/java.lang=ALL-UNNAMED"]
"""Caucho's 4.0.38 reaches into java.lang, which JDK 16 and later allow only when told to."""

OPENS_TO_LOSE = ["--add-opens", "java.base/java.math=ALL-UNNAMED"]
"""What older JDKs allowed anyway: to write a BigDecimal field by field, which is how its digits get lost."""


@dataclass(frozen=True)
class JavaObject:
    """An object of the named class with public fields."""

    class_name: str
    fields: Mapping[str, Any]


@dataclass(frozen=True)
class Timestamp:
    """A java.sql.Timestamp, where a datetime alone is a java.util.Date."""

    at: datetime


@dataclass(frozen=True)
class JavaLong:
    """A long, where an int alone is a Java int."""

    number: int


class Same:
    """The very BigDecimal object written just before, so that Hessian writes a reference."""


class JavaError(Exception):
    """What the Java caller caught."""

    def __init__(self, class_name: str, message: str, cause: str, cause_message: str) -> None:
        super().__init__(f"{class_name}: {message} (cause {cause}: {cause_message})")
        self.class_name = class_name
        self.message = message
        self.cause = cause
        self.cause_message = cause_message


@dataclass(frozen=True)
class JavaKit:
    """The compiled kit and the jar it was compiled against."""

    java: str
    jar: Path
    classes: Path

    def command(self, main: str, *arguments: str, with_resource: bool = True) -> list[str]:
        """One of the kit's programs; `with_resource` puts META-INF/hessian on its class path."""
        path = [str(self.classes), str(self.jar)] + ([str(EXAMPLES)] if with_resource else [])
        opens = OPENS if with_resource else [*OPENS, *OPENS_TO_LOSE]
        return [self.java, "-XX:TieredStopAtLevel=1", *opens, "-cp", ":".join(path), main, *arguments]


def missing() -> str | None:
    """Why the kit cannot run here; None when it can."""
    if shutil.which("javac") is None or shutil.which("java") is None:
        return "no JDK is installed (javac)"
    if not jar_path().exists():
        return f"no Hessian jar at {jar_path()} (install libhessian-java or set BILLING_HESSIAN_JAR)"
    return None


def jar_path() -> Path:
    """The jar that the environment names, else Debian's."""
    return Path(os.environ.get("BILLING_HESSIAN_JAR", "/usr/share/java/hessian.jar"))


def compile_kit(folder: Path) -> JavaKit:
    """Compile the kit and the example's classes into a folder. Raises CalledProcessError with javac's words."""
    sources = sorted(str(path) for path in (TESTS / "java" / "kit").glob("*.java"))
    source_path = f"{TESTS / 'java'}:{EXAMPLES}"
    command = ["javac", "-nowarn", "-encoding", "UTF-8", "-d", str(folder), "-cp", str(jar_path())]
    subprocess.run([*command, "-sourcepath", source_path, *sources], check=True)
    return JavaKit(str(shutil.which("java")), jar_path(), folder)


class JavaProcess:
    """A program of the kit: lines in, lines out. Ends when its standard input is closed."""

    def __init__(self, command: list[str]) -> None:
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def say(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def hear(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise EOFError(f"the Java program ended with {self._process.wait()}")
        return line.rstrip("\n")

    def close(self) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=20)
        self._process.stdout.close()


class JavaCaller(JavaProcess):
    """Calls the billing center from Java."""

    def connect(
        self, url: str, user: str = "", password: str = "", *, mode: str = "default", overload: bool = False
    ) -> None:
        """A new proxy; modes are those of `kit/Caller.java`."""
        self._ask("\t".join(["connect", url, user, password, mode, "overload" if overload else "plain"]))

    def call(self, operation: str, *arguments: object) -> Any:
        """What the Java caller got. Raises: JavaError with what it caught."""
        return self._ask("\t".join([operation, *(token for value in arguments for token in written(value))]))

    def _ask(self, line: str) -> Any:
        self.say(line)
        kind, *tokens = self.hear().split("\t")
        if kind == "error":
            raise JavaError(*(unescaped(token) for token in tokens))
        return read(iter(tokens))


class JavaServer(JavaProcess):
    """An account system and order system in Java; `url` is where it answers."""

    def __init__(self, command: list[str]) -> None:
        super().__init__(command)
        self.url = f"http://127.0.0.1:{self.hear()}/"

    def received(self) -> tuple[str, list[Any]]:
        """The next call that came in: its operation and arguments, in Java's classes."""
        operation, *tokens = self.hear().split("\t")
        rest = iter(tokens)
        arguments = []
        for token in rest:
            arguments.append(read_after(token, rest))
        return operation, arguments


def written(value: object) -> Iterator[str]:
    """The tokens of a value."""
    match value:
        case None:
            yield "n"
        case bool():
            yield f"b:{str(value).lower()}"
        case int():
            yield f"i:{value}"
        case JavaLong():
            yield f"l:{value.number}"
        case float():
            yield f"f:{value!r}"
        case Decimal():
            yield f"d:{value}"
        case str():
            yield f"s:{escaped(value)}"
        case datetime():
            yield f"t:{millis(value)}"
        case Timestamp():
            yield f"T:{millis(value.at)}"
        case Same():
            yield "@"
        case JavaObject():
            yield "{" + value.class_name
            for name, inner in value.fields.items():
                yield "." + escaped(name)
                yield from written(inner)
            yield "}"
        case dict():
            yield from written(JavaObject("HashMap", value))
        case _:
            raise TypeError(f"the kit cannot write a {type(value).__name__}")


def read(tokens: Iterator[str]) -> Any:
    """The value that the tokens stand for."""
    return read_after(next(tokens), tokens)


def read_after(token: str, tokens: Iterator[str]) -> Any:
    """The value that begins with a token already taken."""
    kind, text = token[:1], token[2:]
    if kind == "{":
        fields = {}
        for name in iter(tokens.__next__, "}"):
            fields[unescaped(name[1:])] = read(tokens)
        return JavaObject(token[1:], fields)
    if kind == "[":
        return [read_after(inner, tokens) for inner in iter(tokens.__next__, "]")]
    if kind == "n":
        return None
    readers: dict[str, Callable[[str], Any]] = {
        "s": unescaped,
        "d": Decimal,
        "b": lambda word: word == "true",
        "i": int,
        "l": int,
        "f": float,
        "t": lambda number: EPOCH + timedelta(milliseconds=int(number)),
    }
    return readers[kind](text)


def millis(at: datetime) -> int:
    """Milliseconds since 1970 UTC, exactly."""
    return (at - EPOCH) // timedelta(milliseconds=1)


def escaped(text: str) -> str:
    r"""Printable ASCII without the backslash stays; each other UTF-16 unit becomes \uXXXX."""
    units = text.encode("utf-16-be", "surrogatepass")
    numbers = (int.from_bytes(units[i : i + 2], "big") for i in range(0, len(units), 2))
    return "".join(chr(n) if 0x20 <= n <= 0x7E and n != 0x5C else f"\\u{n:04x}" for n in numbers)


def unescaped(text: str) -> str:
    """The other way; pairs of surrogates become one character, lone ones stay."""
    units = bytearray()
    at = 0
    while at < len(text):
        if text[at] == "\\":
            units += bytes.fromhex(text[at + 2 : at + 6])
            at += 6
        else:
            units += text[at].encode("utf-16-be")
            at += 1
    return units.decode("utf-16-be", "surrogatepass")
