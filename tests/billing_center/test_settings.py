"""Settings: environment, file, flags, in that order of growing weight; mistakes are named, secrets hidden."""

from pathlib import Path

import pytest

from billing_center.errors import SettingInvalid
from billing_center.settings import load_settings, shown


def test_flags_outweigh_the_file_and_the_file_outweighs_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "billing.toml"
    file.write_text('port = 2\nhost = "127.0.0.2"\n')
    environment = {"BILLING_PORT": "1", "BILLING_HOST": "127.0.0.1", "BILLING_BILLING_DAY": "15"}
    loaded = load_settings(environment, file, {"port": 3, "host": None})
    assert (loaded.settings.port, loaded.settings.host, loaded.settings.billing_day) == (3, "127.0.0.2", 15)
    assert loaded.sources["port"] == "flag"
    assert loaded.sources["host"] == str(file)
    assert loaded.sources["billing_day"] == "BILLING_BILLING_DAY"
    assert loaded.sources["grace_days"] == "default"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("BILLING_PORT", "99999"),
        ("BILLING_TIMEZONE", "Asia/Nowhere"),
        ("BILLING_BASE_CURRENCY", "XXX"),
        ("BILLING_BILLING_DAY", "32"),
        ("BILLING_LOG_FORMAT", "xml"),
    ],
)
def test_a_wrong_value_is_refused_by_name_and_source(variable: str, value: str) -> None:
    with pytest.raises(SettingInvalid, match=f"from {variable}"):
        load_settings({variable: value})


def test_an_unknown_setting_in_the_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "billing.toml"
    file.write_text("prot = 1\n")
    with pytest.raises(SettingInvalid, match="prot"):
        load_settings({}, file)


def test_tables_of_words_come_from_the_environment() -> None:
    loaded = load_settings(
        {"BILLING_ORDER_STATES": "on=ACTIVE, off=SUSPENDED", "BILLING_HESSIAN1_PATHS": "/hessian/old"}
    )
    assert loaded.settings.order_states == {"on": "ACTIVE", "off": "SUSPENDED"}
    assert loaded.settings.hessian1_paths == ["/hessian/old"]


def test_secrets_are_never_shown() -> None:
    environment = {
        "BILLING_ACCOUNT_SYSTEM_PASSWORD": "hunter2",
        "BILLING_WEBHOOK_SECRET": "hunter2",
        "BILLING_DATABASE_URL": "postgresql://billing:hunter2@db/billing",
    }
    rows = shown(load_settings(environment))
    assert not any("hunter2" in value for _, value, _, _ in rows)
    assert ("database_url", "postgresql://billing:********@db/billing") in [row[:2] for row in rows]
