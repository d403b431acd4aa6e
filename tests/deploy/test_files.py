"""What deploys the service: containers are read-only, secrets stay where they are, alerts have a runbook."""

import json
import re
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import yaml
from prometheus_client import REGISTRY

import rackrate.api.telemetry.metrics
from rackrate.api.telemetry.processes import Facts

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
SERVICES = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
DASHBOARD = json.loads((DEPLOY / "grafana/dashboards/rackrate.json").read_text())
RULES = yaml.safe_load((DEPLOY / "prometheus/alerts.yml").read_text())["groups"]
ALERTS = [rule for group in RULES for rule in group["rules"] if "alert" in rule]


def expressions() -> Iterator[str]:
    """Every query of the dashboard, and of the rules."""
    yield from (target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"])
    yield from (rule["expr"] for group in RULES for rule in group["rules"])


def test_the_container_is_read_only_but_for_its_temporary_files() -> None:
    service = SERVICES["rackrate"]
    assert service["read_only"]
    assert "/tmp" in service["tmpfs"]


def test_bases_are_pinned_to_a_release() -> None:
    base = (DEPLOY / "Dockerfile").read_text().splitlines()[1]
    images = [base.partition("=")[2], *(each["image"] for each in SERVICES.values() if "image" in each)]
    assert len(images) == 4
    for image in images:
        version = image.partition(":")[2].partition("-")[0]
        assert version.count(".") == 2, image


def test_secrets_stay_out_of_the_image_and_the_repository() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert "*" in ignored
    assert not [line for line in ignored if line.startswith("!") and "secrets" in line]
    assert "secrets/" in (DEPLOY / ".gitignore").read_text()


def test_what_is_scaled_says_no_number_of_replicas_that_an_apply_would_set_back_to() -> None:
    scaled = yaml.safe_load((DEPLOY / "kubernetes/autoscaler.yaml").read_text())["spec"]
    deployment = yaml.safe_load((DEPLOY / "kubernetes/deployment.yaml").read_text())
    assert scaled["scaleTargetRef"]["name"] == deployment["metadata"]["name"]
    assert scaled["minReplicas"] == 3
    assert "replicas" not in deployment["spec"]


def test_every_metric_that_is_asked_for_is_one_the_service_has() -> None:
    assert rackrate.api.telemetry.metrics.REQUESTS  # they are born with their module
    known = {sample.name for metric in REGISTRY.collect() for sample in metric.samples}
    known |= {metric.name for metric in Facts(redis=True).collect()}
    known |= {f"{metric.name}_total" for metric in Facts(redis=True).collect() if metric.type == "counter"}
    known |= {f"rackrate_request{suffix}" for suffix in ("s_total", "_seconds_bucket", "_seconds_count")}
    asked = {name for query in expressions() for name in re.findall(r"\brackrate_\w+", query)}
    assert asked
    assert asked <= known


def test_every_alert_has_an_entry_in_the_runbook_and_none_is_left_over() -> None:
    headings = re.findall(r"^## (Rackrate\w+)$", (ROOT / "docs/runbook.md").read_text(), re.MULTILINE)
    assert headings == [alert["alert"] for alert in ALERTS]
    for alert in ALERTS:
        assert alert["annotations"]["runbook_url"] == f"docs/runbook.md#{alert['alert'].lower()}"


def test_panels_of_the_dashboard_say_what_they_show_and_do_not_overlap() -> None:
    panels: list[dict[str, Any]] = DASHBOARD["panels"]
    assert len({panel["id"] for panel in panels}) == len({panel["title"] for panel in panels}) == len(panels)
    for panel in panels:
        assert panel["description"], panel["title"]
        assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]
        assert panel["datasource"]["uid"] == "${datasource}", panel["title"]
        for target in panel["targets"]:
            assert ("rate(" in target["expr"]) == ("$__rate_interval" in target["expr"]), panel["title"]
    for one, other in combinations((panel["gridPos"] for panel in panels), 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        above = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert beside or above, (one, other)
