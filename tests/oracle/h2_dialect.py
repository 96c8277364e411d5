"""`oracle+h2://`: SQLAlchemy's own Oracle dialect over `oracle_on_h2`, and the Java process that it speaks to."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from sqlalchemy.dialects import registry
from sqlalchemy.dialects.oracle.oracledb import OracleDialect_oracledb

H2_JAR = Path("/usr/share/java/h2.jar")
SERVER = Path(__file__).with_name("OracleOnH2.java")


class OracleOnH2(OracleDialect_oracledb):
    """The dialect as it is; only the driver below is another."""

    supports_statement_cache = True
    driver = "h2"

    @classmethod
    def import_dbapi(cls) -> ModuleType:  # type: ignore[override]
        """Our module in oracledb's place."""
        from tests.oracle import oracle_on_h2

        return oracle_on_h2


registry.register("oracle.h2", __name__, OracleOnH2.__name__)


@contextmanager
def h2_server() -> Iterator[int]:
    """A Java process with H2; yields its port. It ends with the test run, however that ends."""
    brief = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto"]  # it lives for minutes
    command = ["java", *brief, "-Duser.timezone=UTC", "-cp", str(H2_JAR), str(SERVER)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout and process.stdin
        try:
            yield int(process.stdout.readline())
        finally:
            process.stdin.close()
            process.wait(timeout=20)


def h2_url(port: int, name: str) -> str:
    """A database in that process's memory, made when it is first opened."""
    return f"oracle+h2://billing:-@127.0.0.1:{port}/?service_name={name}"
