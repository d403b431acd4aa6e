"""Metrics: what runs, what each process takes, and every refusal by its cause, all there from the start."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from prometheus_client.parser import text_string_to_metric_families
from tests.conftest import until

from rackrate import __version__
from rackrate.analyses.problems import KINDS

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def scraped(service: Any) -> Samples:
    """Each sample by its name and labels."""
    text = service.http.get("/metrics").text
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(samples: Samples, name: str, **labels: str) -> float:
    return samples[name, frozenset(labels.items())]


def test_a_scrape_tells_what_runs_and_what_every_process_takes(start_service: Callable[..., Any]) -> None:
    samples = scraped(start_service(workers="2"))
    assert value(samples, "rackrate_build_info", engine=__version__, ruleset="house-2026.1") == 1
    assert value(samples, "rackrate_workers") == value(samples, "rackrate_worker_starts_total") == 2
    for process in ("supervisor", "worker-0", "worker-1"):
        assert value(samples, "rackrate_process_resident_bytes", process=process) > 1 << 20
        assert value(samples, "rackrate_process_open_fds", process=process) > 3
        assert value(samples, "rackrate_process_cpu_seconds_total", process=process) >= 0
    assert not [name for name, _ in samples if name == "rackrate_redis_up"]


def test_every_refusal_is_counted_by_its_cause_and_is_there_before_the_first(
    start_service: Callable[..., Any],
) -> None:
    service = start_service()
    before = scraped(service)
    assert {value(before, "rackrate_refusals_total", problem=kind.name) for kind in KINDS} == {0.0}
    service.http.post("/v1/underwritings", content=b"{}", headers={"Content-Type": "application/json"})
    service.http.get("/nowhere")
    after = scraped(service)
    assert value(after, "rackrate_refusals_total", problem="invalid") == 1
    assert value(after, "rackrate_refusals_total", problem="not-found") == 1


def test_a_worker_that_is_replaced_is_a_start_more(start_service: Callable[..., Any]) -> None:
    service = start_service(workers="2")
    before = scraped(service)
    supervisor = service.child.pid
    children = Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text()
    worker = max(int(child) for child in children.split())
    os.kill(worker, signal.SIGKILL)
    until(lambda: value(scraped(service), "rackrate_worker_starts_total") == 3, "a worker in its place")
    assert value(before, "rackrate_worker_starts_total") == 2
    until(lambda: value(scraped(service), "rackrate_workers") == 2, "two workers")


def test_redis_that_goes_and_comes_back_is_told_in_metrics_and_log(
    start_service: Callable[..., Any], start_redis: Callable[..., Any], examples: Any
) -> None:
    redis = start_redis()
    service = start_service(redis_url=redis.url, workers="1")
    deal = (examples / "powered-shell-leasehold.json").read_bytes()

    def up() -> float:
        service.http.post("/v1/underwritings", content=deal, headers={"Content-Type": "application/json"})
        return value(scraped(service), "rackrate_redis_up")

    assert up() == 1
    redis.freeze()
    until(lambda: up() == 0, "Redis to be missed")
    redis.thaw()
    until(lambda: up() == 1, "Redis to be back")
    assert "works again" in service.log.read_text()
