"""`caller add|list|revoke`: the secret is shown once, and opens the door until it is revoked."""

import re

import pytest
from typer.testing import CliRunner

from billing_center.access.check_caller import CallerCheck
from billing_center.center import Center
from billing_center.cli import caller
from billing_center.errors import OutOfRange, Unauthorised


@pytest.fixture
def run(center: Center, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setenv("BILLING_DATABASE_URL", center.settings.database_url)
    return CliRunner()


def test_a_caller_is_added_listed_and_revoked(run: CliRunner, center: Center) -> None:
    options = ["--operation", "insertServiceOp", "--operation", "feedbackUser", "--product", "crm"]
    added = run.invoke(caller.app, ["add", "crm", *options])
    found = re.search(r"secret: +(\S+)", added.output)
    assert found is not None
    known = CallerCheck(center).check("crm", found.group(1))
    assert (known.operations, known.products) == ({"insertServiceOp", "feedbackUser"}, {"crm"})
    listed = run.invoke(caller.app, ["list"])
    assert "crm" in listed.output
    assert found.group(1) not in listed.output
    assert run.invoke(caller.app, ["revoke", "crm"]).exit_code == 0
    with pytest.raises(Unauthorised):
        CallerCheck(center).check("crm", found.group(1))


def test_an_operation_that_does_not_exist_is_refused(run: CliRunner) -> None:
    answer = run.invoke(caller.app, ["add", "crm", "--operation", "everything"])
    assert isinstance(answer.exception, OutOfRange)
