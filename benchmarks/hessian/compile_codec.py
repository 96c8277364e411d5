"""Build the codec in two ways, each in a folder of its own, to measure and to test.

    python -m benchmarks.hessian.compile_codec

benchmarks/hessian/build/quick gets a copy of `rpc.hessian` with the short cut in C beside it, as it
is shipped; benchmarks/hessian/build/mypyc one whose own source was compiled by mypyc (needs mypy and
setuptools). With such a folder first on PYTHONPATH the tests and the benchmark run on that build.
"""

import shutil
import subprocess
import sys
from pathlib import Path

from rpc.hessian.build_quick import build_quick

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(__file__).resolve().parent / "build"

COMPILED = (
    "objects", "grammar", "remembered", "scalars", "instants", "text", "reader", "hessian1", "hessian2",
    "writer", "writer1", "writer2",
    "calls", "replies", "sharing", "java_types",
)  # fmt: skip
"""The modules to compile. The others (errors, limits, values, framing) hold exceptions, enums, plain
dataclasses and classes that extend Python's own, which mypyc leaves as they are."""

SETUP = """
from setuptools import setup
from mypyc.build import mypycify
setup(name="codec", packages=[], ext_modules=mypycify(["--strict", *{files!r}], opt_level="3"))
"""


def copy_codec(folder: Path) -> Path:
    """Copy the package alone into `folder`; the place of the copy."""
    shutil.rmtree(folder, ignore_errors=True)
    package = folder / "rpc" / "hessian"
    package.parent.mkdir(parents=True)
    shutil.copytree(ROOT / "rpc" / "hessian", package, ignore=shutil.ignore_patterns("__pycache__", "*.so"))
    (folder / "rpc" / "__init__.py").touch()
    return package


def compile_with_mypyc(folder: Path) -> None:
    """Copy the package into `folder` and compile its Python there, in place."""
    copy_codec(folder)
    (folder / "setup.py").write_text(SETUP.format(files=[f"rpc/hessian/{name}.py" for name in COMPILED]))
    command = [sys.executable, "setup.py", "--quiet", "build_ext", "--inplace"]
    subprocess.run(command, cwd=folder, check=True)


if __name__ == "__main__":
    build_quick(copy_codec(BUILD / "quick"))
    compile_with_mypyc(BUILD / "mypyc")
