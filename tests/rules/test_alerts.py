"""The alerts speak of metrics that exist, and each says in Chinese what to do."""

import re

import pytest
import yaml
from prometheus_client import REGISTRY

from chassis import metrics  # noqa: F401  (fills the registry)
from tests.station import ROOT

RULES = [rule for group in yaml.safe_load((ROOT / "deploy/prometheus/rules.yml").read_text())["groups"] for rule in group["rules"]]
SUFFIXES = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count"), "gauge": ("",)}
KNOWN = {f"{metric.name}{suffix}" for metric in REGISTRY.collect() for suffix in SUFFIXES.get(metric.type, ())}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_is_about_something_that_is_measured(rule):
    assert set(re.findall(r"jinlin_\w+", rule["expr"])) <= KNOWN


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_says_what_to_do(rule):
    assert set(rule["annotations"]) == {"summary", "action"}
    assert all(re.search("[\u4e00-\u9fff]{4}", text) for text in rule["annotations"].values())
    assert rule["labels"]["severity"] in ("warning", "critical")


def test_every_labelled_alert_has_a_name_of_its_own():
    assert len({rule["alert"] for rule in RULES}) == len(RULES)
