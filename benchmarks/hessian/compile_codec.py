"""Compile the codec's own source with mypyc into a folder of its own.

    python -m benchmarks.hessian.compile_codec [folder]

The folder (benchmarks/hessian/build/compiled unless told) gets a copy of `rpc.hessian` with the
extension modules beside the sources. With it first on PYTHONPATH the tests and the benchmark run
on the compiled build. Needs mypy[mypyc], setuptools and a C compiler.
"""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(__file__).resolve().parent / "build" / "compiled"

COMPILED = (
    "objects", "instants", "text", "reader", "hessian1", "hessian2", "writer", "writer1", "writer2",
    "calls", "replies", "sharing", "java_types",
)  # fmt: skip
"""The modules to compile. The others (errors, limits, values, framing) hold exceptions, enums, plain
dataclasses and classes that extend Python's own, which mypyc leaves as they are."""

SETUP = """
from setuptools import setup
from mypyc.build import mypycify
setup(name="codec", packages=[], ext_modules=mypycify(["--strict", *{files!r}], opt_level="3"))
"""


def compile_codec(folder: Path) -> None:
    """Copy the package into `folder` and build it there, in place."""
    shutil.rmtree(folder, ignore_errors=True)
    package = folder / "rpc" / "hessian"
    package.parent.mkdir(parents=True)
    shutil.copytree(ROOT / "rpc" / "hessian", package, ignore=shutil.ignore_patterns("__pycache__", "*.so"))
    (folder / "rpc" / "__init__.py").touch()
    files = [f"rpc/hessian/{name}.py" for name in COMPILED]
    (folder / "setup.py").write_text(SETUP.format(files=files))
    command = [sys.executable, "setup.py", "--quiet", "build_ext", "--inplace"]
    subprocess.run(command, cwd=folder, check=True)
    (folder / "setup.py").unlink()


if __name__ == "__main__":
    compile_codec(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
