"""Wrong use of the command line: one clear message and exit code 2, with what the program's lock names alone."""

import subprocess
import sys

import pytest

WITHOUT_CLICK = "import sys; sys.modules['click'] = None; from billing_center.cli.main import main; main()"
"""Celery, which the tests have, brings Click along; the program alone has only what its own lock names."""


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["nonsense"], "No such command"), (["settings", "--nope"], "No such option"),
        (["quote"], "Missing argument"), ([], "Usage"),
    ],
)  # fmt: skip
def test_wrong_use_is_told_in_words(words: list[str], told: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", WITHOUT_CLICK, *words], capture_output=True, text=True, timeout=60, check=False
    )
    assert (ran.returncode, "Traceback" in ran.stderr) == (2, False), ran.stderr
    assert told in ran.stdout + ran.stderr
