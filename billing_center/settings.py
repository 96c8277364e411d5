"""Every setting, with a default that works for the embedded case.

Values come from the environment (`BILLING_*`), a TOML file and command-line flags, in that order of growing
weight. `billing-center settings` prints each with where it came from, secrets hidden.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from billing_center.errors import OutOfRange, SettingInvalid
from billing_center.money import currency_code

PREFIX = "BILLING_"


def _words(**states: str) -> dict[str, str]:
    return {word: state for state, text in states.items() for word in text.split()}


class Settings(BaseModel):
    """The typed settings. Times are seconds unless the name says otherwise; days are civil days."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    database_url: str = Field("sqlite:///var/billing.db", description="SQLAlchemy URL of the database")
    timezone: str = Field("Asia/Shanghai", description="business time zone, in which civil days begin")
    base_currency: str = Field("CNY", description="currency of an invoice's total amount")
    billing_day: int = Field(1, ge=1, le=31, description="billing day of payers that have none of their own")
    grace_days: int = Field(7, ge=0, le=365, description="days after the billing day until an invoice is due")
    control_days: int = Field(
        10, ge=0, le=365, description="days after the billing day until service control suspends for it"
    )
    identity_window_h: int = Field(
        24, ge=1, description="hours in which a use without a guid and with equal content is the same use"
    )

    host: str = Field("127.0.0.1", description="address the doors listen on")
    port: int = Field(8080, ge=0, le=65535, description="port the doors listen on; 0 picks a free one")
    share_port: bool = Field(False, description="several processes of this machine serve the port; Linux alone")
    tls_certificate: Path | None = Field(None, description="PEM certificate chain; with tls_key turns TLS on")
    tls_key: Path | None = Field(None, description="PEM private key")
    open_door: bool = Field(False, description="every caller may do everything; loopback only, for trying out")
    body_limit: int = Field(1 << 20, ge=1024, description="largest request body in bytes")
    connection_limit: int = Field(4096, ge=1, description="connections at once; one more is answered 503")
    queue_limit: int = Field(4096, ge=1, description="calls that may wait for a commit; more are answered busy")
    batch_limit: int = Field(1000, ge=1, description="calls that share one commit at most")
    call_timeout_s: float = Field(30.0, gt=0, description="seconds after which a call is answered busy")
    drain_s: float = Field(
        0.0, ge=0, le=600, description="seconds after the signal to end in which calls are still taken; not ready"
    )
    hessian_depth: int = Field(
        64, ge=4, le=200, description="lists, maps and objects inside one another in a call"
    )
    hessian_values: int = Field(50_000, ge=1, description="values in a call")
    hessian_references: int = Field(20_000, ge=1, description="lists, maps and objects in a call")
    hessian_definitions: int = Field(256, ge=1, description="class definitions in a call")
    hessian_fields: int = Field(256, ge=1, description="fields of a class definition in a call")
    hessian_string: int = Field(1 << 18, ge=1, description="UTF-16 units of a string in a call")
    hessian_binary: int = Field(1 << 20, ge=1, description="bytes of a binary in a call")
    hessian1_paths: list[str] = Field(
        default_factory=lambda: ["/hessian/v1"], description="paths whose callers are answered in Hessian 1"
    )
    class_names: dict[str, str] = Field(
        default_factory=lambda: {
            "Invoice": "com.alibaba.billing.model.Invoice",
            "InvoiceItem": "com.alibaba.billing.model.InvoiceItem",
            "EsbResultModel": "org.mule.esb.model.tcc.result.EsbResultModel",
            "BigDecimal": "java.math.BigDecimal",
        },
        description="Java class names of the objects that are sent",
    )

    account_system_url: str = Field("", description="Hessian URL that deductions are sent to; empty: they wait")
    account_system_method: str = Field("chargeAccount", description="method name at the account system")
    account_system_user: str = Field("", description="HTTP Basic user at the account system")
    account_system_password: SecretStr = Field(SecretStr(""), description="its password")
    order_system_url: str = Field("", description="URL that service commands are sent to; empty: they wait")
    order_system_style: str = Field("hessian", pattern="^(hessian|webhook)$", description="how they are sent")
    order_system_method: str = Field("controlService", description="method name at the order system")
    order_system_user: str = Field("", description="HTTP Basic user at the order system")
    order_system_password: SecretStr = Field(SecretStr(""), description="its password")
    webhook_secret: SecretStr = Field(SecretStr(""), description="key of the HMAC-SHA256 signature of webhooks")
    alert_webhook_url: str = Field(
        "", description="URL that spend alerts are posted to, signed with webhook_secret; empty: only notices"
    )
    send_timeout_s: float = Field(10.0, gt=0, description="seconds an outbound call may take")
    send_tries: int = Field(8, ge=1, description="tries before a message waits for a person")
    send_first_wait_s: int = Field(30, ge=1, description="wait after the first failed try; doubles each time")
    send_longest_wait_s: int = Field(6 * 3600, ge=1, description="the longest wait between two tries")
    send_parallel: int = Field(64, ge=1, le=512, description="outbound calls under way at once")

    park_first_wait_s: int = Field(60, ge=1, description="wait before a parked use is tried again; doubles")
    park_longest_wait_s: int = Field(6 * 3600, ge=1, description="the longest wait between two tries")
    park_tries: int = Field(12, ge=1, description="tries before a parked use waits for a person")

    run_tasks: int = Field(64, ge=1, le=256, description="tasks that a run is cut into at most")
    payers_per_task: int = Field(2000, ge=1, description="a run gets more tasks when there are more payers")
    chunk_size: int = Field(1000, ge=1, description="payers, orders or events in one transaction of any other job")
    order_batch: int = Field(5000, ge=1, description="orders in one transaction of rating days; not on Oracle")
    usage_batch: int = Field(5000, ge=1, description="uses in one transaction of rating or of an import")
    usage_shard_batch: int = Field(
        20_000, ge=0, description="uses in one transaction of rating when that ends a shard; 0: usage_batch always"
    )
    task_lease_s: int = Field(60, ge=5, description="seconds until a silent worker's task goes to another one")
    runs_kept_days: int = Field(90, ge=1, description="days that the tasks of finished runs are kept")
    workers: int = Field(1, ge=1, le=64, description="processes that work on the tasks of a run")
    broker_url: SecretStr = Field(
        SecretStr(""), description="RabbitMQ (amqp://...) whose workers work on tasks; empty: this machine does"
    )
    broker_prefix: str = Field(
        "billing", pattern=r"^[A-Za-z0-9._-]{1,60}$", description="begins the names of this center's queues there"
    )
    schedule_cycle: str = Field("00:05", pattern=r"^\d\d:\d\d$", description="time of the daily cycle")
    schedule_rating_s: int = Field(5, ge=1, description="seconds between two rounds of rating")
    schedule_sending_s: int = Field(5, ge=1, description="seconds between two rounds of sending")
    schedule_parked_s: int = Field(60, ge=1, description="seconds between two looks at parked uses")
    schedule_alerts_s: int = Field(60, ge=1, description="seconds between two looks at spend alerts")
    scheduler: bool = Field(True, description="whether `serve` also runs the scheduler")

    order_states: dict[str, str] = Field(
        default_factory=lambda: _words(
            PENDING="PENDING 0 pending 待开通",
            ACTIVE="ACTIVE 1 active 开通 恢复",
            SUSPENDED="SUSPENDED 2 suspended 暂停",
            TERMINATED="TERMINATED 3 terminated 退订 终止",
        ),
        description="the order system's words for PENDING, ACTIVE, SUSPENDED and TERMINATED",
    )
    payment_states: dict[str, str] = Field(
        default_factory=lambda: _words(PAID="PAID 1 paid success 成功", FAILED="FAILED 0 -1 failed 失败"),
        description="the account system's words for PAID and FAILED",
    )
    billing_types: dict[str, str] = Field(
        default_factory=lambda: _words(
            per_use="per_use 次 1 use", year="year 年 2", month="month 月 3", day="day 日 天 4"
        ),
        description="the callers' words for per_use, year, month and day",
    )

    partition_months_ahead: int = Field(2, ge=0, le=36, description="months that partitions are made ahead")
    partition_hashes: int = Field(
        2,
        ge=1,
        le=256,
        description="parts of a month by hash of payer or use: a power of two; Oracle keeps its first",
    )
    history_after_months: int = Field(
        13, ge=0, le=1200, description="full months after which closed months move to history; 0: never"
    )
    history_keep_months: int = Field(
        0, ge=0, le=1200, description="full months after which history is deleted for good; 0: never"
    )
    identity_kept_days: int = Field(
        400, ge=32, description="days after which a use's guid is looked for among the uses of its day instead"
    )
    refused_kept_days: int = Field(90, ge=1, description="days that refused calls are kept")
    log_format: str = Field("auto", pattern="^(auto|json|console)$", description="auto: coloured on a terminal")
    log_level: str = Field("INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="least level logged")
    metrics_open: bool = Field(False, description="/metrics asks programs of this machine for no password")
    metrics_port: int = Field(
        0, ge=0, le=65535, description="port on 127.0.0.1 for the metrics of this process alone, unasked; 0: none"
    )
    otlp_endpoint: str = Field(
        "", description="OpenTelemetry collector (http://host:4318) that traces are sent to; empty: no traces"
    )
    test_clock: str = Field("", description="ISO instant: the system stands on a clock that only moves when told")

    @field_validator("timezone")
    @classmethod
    def _zone_exists(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"no time zone is named {name!r}") from None
        return name

    @field_validator("partition_hashes")
    @classmethod
    def _power_of_two(cls, parts: int) -> int:
        if parts & (parts - 1):
            raise ValueError("must be a power of two")
        return parts

    @field_validator("base_currency")
    @classmethod
    def _currency_kept(cls, code: str) -> str:
        try:
            return currency_code(code)
        except OutOfRange as error:
            raise ValueError(error.message) from None

    @property
    def zone(self) -> ZoneInfo:
        """The business time zone."""
        return ZoneInfo(self.timezone)


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    """The settings and, for each, where its value came from: 'default', 'BILLING_X', a file, or 'flag'."""

    settings: Settings
    sources: Mapping[str, str]


def load_settings(
    environment: Mapping[str, str] | None = None,
    file: Path | None = None,
    flags: Mapping[str, object] | None = None,
) -> LoadedSettings:
    """Read the settings. Raises SettingInvalid naming the setting, its source and the rule it breaks.

    The file is the one given, else `BILLING_SETTINGS_FILE`, else `billing.toml` of the working folder.
    """
    environment = os.environ if environment is None else environment
    values: dict[str, object] = {}
    sources = dict.fromkeys(Settings.model_fields, "default")
    for name in Settings.model_fields:
        variable = PREFIX + name.upper()
        if variable in environment:
            values[name] = _parsed(name, environment[variable])
            sources[name] = variable
    file = file or Path(environment.get(PREFIX + "SETTINGS_FILE", "billing.toml"))
    if file.exists():
        for name, value in _read_toml(file).items():
            values[name] = value
            sources[name] = str(file)
    for name, value in (flags or {}).items():
        if value is not None:
            values[name] = value
            sources[name] = "flag"
    try:
        return LoadedSettings(Settings.model_validate(values), sources)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"]) or "settings"
        source = sources.get(str(first["loc"][0]) if first["loc"] else "", "unknown")
        message = f"setting {name} (from {source}): {first['msg']}"
        raise SettingInvalid(message, field=name) from None


def _read_toml(file: Path) -> dict[str, object]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingInvalid(f"{file}: {error}", field="settings_file") from None


def _parsed(name: str, text: str) -> object:
    """An environment variable's text; lists are comma-separated, tables are word=state pairs."""
    annotation = str(Settings.model_fields[name].annotation)
    if annotation.startswith("list"):
        return [part.strip() for part in text.split(",") if part.strip()]
    if annotation.startswith("dict"):
        pairs = [part.partition("=") for part in text.split(",") if part.strip()]
        return {word.strip(): state.strip() for word, _, state in pairs}
    return text


def shown(loaded: LoadedSettings) -> list[tuple[str, str, str, str]]:
    """(name, value, source, description) of every setting, secrets hidden."""
    rows = []
    for name, field in Settings.model_fields.items():
        value = getattr(loaded.settings, name)
        if isinstance(value, SecretStr):
            text = "********" if value.get_secret_value() else ""
        elif name == "database_url":
            text = _without_password(value)
        else:
            text = str(value) if not isinstance(value, Decimal) else format(value, "f")
        rows.append((name, text, loaded.sources[name], field.description or ""))
    return rows


def _without_password(url: str) -> str:
    scheme, mark, rest = url.partition("://")
    user, at, host = rest.rpartition("@")
    if not at or ":" not in user:
        return url
    return f"{scheme}{mark}{user.partition(':')[0]}:********@{host}"
