"""Hatchling's hook: compile the codec's short cut into the wheel, or beside its source for an editable install.

Where there is no C compiler the wheel is a pure one, and the codec runs in Python: it passes the same tests.
"""

import runpy
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileQuick(BuildHookInterface[Any]):
    """Runs `rpc.hessian.build_quick` before a wheel is put together."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile; `version` is 'editable' for an install that points at this folder."""
        codec = Path(self.root) / "rpc" / "hessian"
        build = runpy.run_path(str(codec / "build_quick.py"))
        folder = codec if version == "editable" else Path(tempfile.mkdtemp())
        try:
            built = build["build_quick"](folder)
        except build["CannotBuild"] as error:
            print(f"the Hessian codec stays in pure Python: {error}", file=sys.stderr)
            return
        build_data["pure_python"] = False
        build_data["infer_tag"] = True
        if version != "editable":
            build_data["force_include"][str(built)] = f"rpc/hessian/{built.name}"
