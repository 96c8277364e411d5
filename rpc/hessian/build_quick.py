"""Build the short cut `_quick.c`, from which this package reads calls several times faster.

    python -m rpc.hessian.build_quick [folder]

The extension module goes beside its source unless a folder is told. Needs a C compiler (CC, or the
one that built this Python) and Python's headers; without them the package works all the same.
"""

import os
import shlex
import subprocess
import sys
import sysconfig
from pathlib import Path

SOURCE = Path(__file__).with_name("_quick.c")
WARNINGS = ("-Wall", "-Wextra", "-Wno-unused-parameter", "-Wno-missing-field-initializers")


class CannotBuild(Exception):
    """There is no compiler, no headers, or the compiler gave up; the message says which."""


def build_quick(folder: Path, *extra_flags: str) -> Path:
    """Compile the short cut into `folder`; the path of the extension module.

    Raises: CannotBuild.
    """
    headers = Path(sysconfig.get_paths()["include"])
    if not (headers / "Python.h").exists():
        raise CannotBuild(f"no Python.h in {headers}")
    compiler = shlex.split(os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc")
    shared = ["-bundle", "-undefined", "dynamic_lookup"] if sys.platform == "darwin" else ["-shared"]
    built = folder / f"_quick{sysconfig.get_config_var('EXT_SUFFIX')}"
    flags = ["-O3", "-DNDEBUG", "-fPIC", *WARNINGS, *shared, *extra_flags, f"-I{headers}"]
    try:
        done = subprocess.run([*compiler, *flags, str(SOURCE), "-o", str(built)], capture_output=True, text=True)
    except OSError as error:
        raise CannotBuild(f"no C compiler: {error}") from None
    if done.returncode:
        raise CannotBuild(done.stderr)
    return built


if __name__ == "__main__":
    print(build_quick(Path(sys.argv[1]) if len(sys.argv) > 1 else SOURCE.parent))
