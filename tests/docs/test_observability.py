"""The page of metrics, the dashboard and the alert rules say what the program says."""

import json
import re
from pathlib import Path
from typing import Any

import yaml

from billing_center.errors import BillingError
from billing_center.metrics.names import METRICS, markdown_table, series_of
from rpc.outcome import INCIDENT, ROWS

ROOT = Path(__file__).parents[2]
LABELS = {name: set(metric.labels) for metric in METRICS for name in series_of(metric)}
OF_PROMETHEUS = {"up"}
ADDED_BY_PROMETHEUS = {"instance", "job"}


def rules() -> list[dict[str, Any]]:
    text = (ROOT / "deploy" / "prometheus" / "alerts.yaml").read_text(encoding="utf-8")
    return [rule for group in yaml.safe_load(text)["groups"] for rule in group["rules"]]


def dashboard() -> list[str]:
    text = (ROOT / "deploy" / "grafana" / "billing-center.json").read_text(encoding="utf-8")
    return [target["expr"] for panel in json.loads(text)["panels"] for target in panel.get("targets", ())]


def metrics_in(expression: str) -> set[str]:
    return set(re.findall(r"\bbilling_[a-z_]+", expression))


def test_the_page_has_the_table_of_every_metric() -> None:
    page = (ROOT / "docs" / "observability.md").read_text(encoding="utf-8").splitlines()
    at = page.index(markdown_table()[0])
    assert page[at : at + len(METRICS) + 3] == [*markdown_table(), ""]


def test_names_are_said_once_and_follow_prometheus() -> None:
    assert len({metric.name for metric in METRICS}) == len(METRICS) > 30
    for metric in METRICS:
        assert re.fullmatch(r"billing_[a-z_]+[a-z]", metric.name)
        assert metric.name.endswith("_total") == (metric.kind == "counter")


def test_dashboard_and_alerts_ask_for_nothing_that_is_not_there() -> None:
    for expression in [*dashboard(), *(rule["expr"] for rule in rules())]:
        named = metrics_in(expression)
        assert named or OF_PROMETHEUS & set(re.findall(r"\w+", expression)), expression
        assert named <= set(LABELS), expression
        known = ADDED_BY_PROMETHEUS.union({"le"}, *(LABELS[name] for name in named))
        grouped = {one.strip() for many in re.findall(r"by \(([^)]*)\)", expression) for one in many.split(",")}
        chosen = set(re.findall(r'(\w+)\s*(?:=|!=|=~|!~)\s*"', expression))
        assert grouped | chosen <= known, expression


def test_every_metric_is_looked_at() -> None:
    asked = set().union(*map(metrics_in, [*dashboard(), *(rule["expr"] for rule in rules())]))
    assert [metric.name for metric in METRICS if not asked & set(series_of(metric))] == []


def test_the_page_says_of_every_alert_what_to_do() -> None:
    page = (ROOT / "docs" / "observability.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| `(Billing\w+)` \| (\w+) \|", page, re.MULTILINE)
    assert told == [(rule["alert"], rule["labels"]["severity"]) for rule in rules()]


def test_the_alert_of_our_own_bugs_leaves_out_the_mistakes_of_callers_and_nothing_else() -> None:
    (expression,) = [rule["expr"] for rule in rules() if rule["alert"] == "BillingDoorErrors"]
    (left_out,) = set(re.findall(r'outcome!~"([^"]*)"', expression))
    mistakes = {
        kind.__name__ for kind, row in ROWS.items() if row is not INCIDENT and not issubclass(kind, BillingError)
    }
    assert mistakes == set(left_out.split("|"))
