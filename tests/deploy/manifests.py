"""What is in deploy/ in the hands of the tools that read it, and of a real Prometheus."""

# Design: run by `make manifests`, which installs the tools, and not with the other tests, which need no
# network at their first run. Grafana and a Kubernetes server are on no registry: what they would draw or run
# is not seen.

import json
import shutil
import signal
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.conftest import EXAMPLES, ROOT, Process, Redis, Service, free_port, until
from tests.deploy.test_files import ALERTS, DASHBOARD, DEPLOY, expressions

BUILT = ROOT / "build/manifests"
TOOLS, KUBECTL = BUILT / "venv/bin", BUILT / "kubectl/kubectl/kubectl"
PROMETHEUS = BUILT / "prometheus/usr/bin"
HAPROXY = "/usr/sbin/haproxy"  # not on the path of everybody
SECRETS = ("cache_secret", "api_keys.toml", "redis_url")
EXPOSURE = 40  # of 100: the most that systemd's own scale may show of the unit


def run(*command: str | Path, cwd: Path = DEPLOY, succeeds: bool = True) -> str:
    """What a command prints; it must succeed, or fail where it is to."""
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, text=True, capture_output=True, timeout=60, check=False
    )
    assert (done.returncode == 0) == succeeds, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kustomize") / "kubernetes"
    shutil.copytree(DEPLOY / "kubernetes", folder, ignore=shutil.ignore_patterns("secrets"))
    (folder / "secrets").mkdir()
    for name in SECRETS:
        (folder / "secrets" / name).write_text("made up")
    file = folder.parent / "rendered.yaml"
    file.write_text(run(KUBECTL, "kustomize", folder))
    return file


def test_what_kustomize_renders_is_what_kubernetes_takes(rendered: Path) -> None:
    said = run(TOOLS / "kubernetes-validate", "--strict", rendered)
    assert said.count("passed for resource") == len(list(yaml.safe_load_all(rendered.read_text()))) >= 10


def test_a_misspelt_field_of_a_probe_is_found(rendered: Path) -> None:
    broken = rendered.with_name("broken.yaml")
    broken.write_text(rendered.read_text().replace("failureThreshold", "failureTreshold"))
    run(TOOLS / "kubernetes-validate", "--strict", broken, succeeds=False)


def test_pods_keep_to_the_restricted_profile_and_roll_without_losing_one(rendered: Path) -> None:
    found = {f"{each['kind']}/{each['metadata']['name']}": each for each in _documents(rendered)}
    for name in ("Deployment/rackrate", "Deployment/redis"):
        pod = found[name]["spec"]["template"]["spec"]
        (container,) = pod["containers"]
        assert pod["securityContext"]["runAsNonRoot"]
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        secured = container["securityContext"]
        assert (secured["readOnlyRootFilesystem"], secured["capabilities"]) == (True, {"drop": ["ALL"]})
        assert not secured["allowPrivilegeEscalation"]
        assert container["resources"]["limits"]["memory"]
    service = found["Deployment/rackrate"]["spec"]
    assert service["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}
    pod = service["template"]["spec"]
    (volume,) = (each["secret"]["secretName"] for each in pod["volumes"] if "secret" in each)
    assert f"Secret/{volume}" in found
    grace = pod["terminationGracePeriodSeconds"]
    waits = int(pod["containers"][0]["lifecycle"]["preStop"]["exec"]["command"][1])
    assert grace > waits + 20  # what is under way has 20 s


def _documents(file: Path) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(file.read_text()))


def test_the_dockerfile_and_compose_are_what_their_linters_take() -> None:
    run(TOOLS / "hadolint", "Dockerfile")
    run(TOOLS / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", "compose.yaml")


def test_the_unit_is_one_and_shows_little_of_the_system(tmp_path: Path) -> None:
    unit = tmp_path / "rackrate.service"
    text = (DEPLOY / "systemd/rackrate.service").read_text()
    unit.write_text(text.replace("/opt/rackrate/bin/rackrate", "/bin/true"))
    run("systemd-analyze", "verify", unit)
    run("systemd-analyze", "security", "--offline=true", f"--threshold={EXPOSURE}", unit)


def test_the_proxys_configuration_is_valid_without_a_warning_and_a_broken_one_is_refused(
    tmp_path: Path,
) -> None:
    run(HAPROXY, "-dW", "-c", "-f", "haproxy/haproxy.cfg")
    broken = tmp_path / "haproxy.cfg"
    text = (DEPLOY / "haproxy/haproxy.cfg").read_text()
    broken.write_text(text.replace("default_backend rackrate", "default_backend rackrat"))
    run(HAPROXY, "-dW", "-c", "-f", broken, succeeds=False)


def test_alerts_fire_for_what_they_are_for_and_not_for_what_is_well() -> None:
    folder = DEPLOY / "prometheus"
    run(PROMETHEUS / "promtool", "check", "config", "prometheus.yml", cwd=folder)
    run(PROMETHEUS / "promtool", "test", "rules", "alerts.test.yml", cwd=folder)
    tested = yaml.safe_load((folder / "alerts.test.yml").read_text())["tests"]
    fired = {rule["alertname"] for each in tested for rule in each["alert_rule_test"] if "exp_alerts" in rule}
    assert fired == {alert["alert"] for alert in ALERTS}


@pytest.fixture
def scraped(tmp_path: Path) -> Iterator[tuple[Service, str]]:
    """A service with a Redis, and the address of a Prometheus that scrapes it once a second."""
    redis = Redis(tmp_path)
    service = Service(tmp_path, redis_url=redis.url, workers="2")
    port = free_port()
    settings = yaml.safe_load((DEPLOY / "prometheus/prometheus.yml").read_text())
    settings["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    (job,) = settings["scrape_configs"]
    del job["dns_sd_configs"]
    job["static_configs"] = [{"targets": [service.url.removeprefix("http://")]}]
    shutil.copy(DEPLOY / "prometheus/alerts.yml", tmp_path)
    (tmp_path / "prometheus.yml").write_text(yaml.safe_dump(settings))
    running = Process(
        [
            str(PROMETHEUS / "prometheus"),
            f"--config.file={tmp_path / 'prometheus.yml'}",
            f"--storage.tsdb.path={tmp_path / 'tsdb'}",
            f"--web.listen-address=127.0.0.1:{port}",
        ],
        lambda: _answers(f"http://127.0.0.1:{port}/-/ready"),
        None,
        tmp_path / "prometheus.log",
    )
    try:
        yield service, f"http://127.0.0.1:{port}"
    finally:
        running.stop(signal.SIGKILL)
        service.stop(signal.SIGKILL)
        redis.stop(signal.SIGKILL)


def _answers(url: str) -> bool:
    try:
        return bool(urllib.request.urlopen(url, timeout=2).status == 200)
    except OSError:
        return False


def test_every_panel_and_rule_has_an_answer_from_a_service_that_is_scraped(
    scraped: tuple[Service, str],
) -> None:
    service, prometheus = scraped
    filled = [_filled(query) for query in expressions()]
    assert len(filled) > len(DASHBOARD["panels"])
    quiet = {_filled(alert["expr"]) for alert in ALERTS}  # all is well
    deal = (EXAMPLES / "hyperscale-single-tenant.json").read_bytes()

    def answered() -> bool:
        for body in (deal, b"{}"):
            service.http.post("/v1/underwritings", content=body, headers={"Content-Type": "application/json"})
        return {query for query in filled if not _asked(prometheus, query)} <= quiet

    until(answered, "an answer to each query")


def _filled(query: str) -> str:
    return query.replace("$__rate_interval", "30s").replace("$instance", ".+").replace("$job", ".+")


def _asked(prometheus: str, query: str) -> list[Any]:
    asked = urllib.parse.urlencode({"query": query})
    with urllib.request.urlopen(f"{prometheus}/api/v1/query?{asked}", timeout=10) as answer:
        found: list[Any] = json.load(answer)["data"]["result"]
    return found
