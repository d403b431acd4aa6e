"""Metrics: what runs, what each process takes, and every refusal by its cause, all there from the start."""

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from tests.conftest import until

from rackrate import __version__
from rackrate.analyses.problems import KINDS
from rackrate.analyses.registry import BY_NAME
from rackrate.api.cache.circuit_breaker import REST_S
from rackrate.api.cache.redis_store import RedisResults
from rackrate.api.cache.store import CachedAnswer
from rackrate.api.telemetry.processes import processes

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


def with_two_workers(start_service: Callable[..., Any]) -> Any:
    """A service whose workers have both started: it is ready with the first."""
    service = start_service(workers="2")
    until(lambda: value(scraped(service), "rackrate_worker_starts_total") == 2, "both workers")
    return service


def test_a_scrape_tells_what_runs_and_what_every_process_takes(start_service: Callable[..., Any]) -> None:
    samples = scraped(with_two_workers(start_service))
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
    service = with_two_workers(start_service)
    supervisor = service.child.pid
    children = Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text().split()
    worker = next(child for child in children if Path(f"/proc/{child}/comm").read_text() == "worker-1\n")
    os.kill(int(worker), signal.SIGKILL)
    until(lambda: value(scraped(service), "rackrate_worker_starts_total") == 3, "a worker in its place")
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


def test_redis_that_starts_after_the_service_is_up_once_it_answers_a_read(
    start_redis: Callable[..., Any],
) -> None:
    async def story() -> None:
        server = start_redis()
        server.stop()
        results = RedisResults(server.url, 60)
        await results.start()
        results.put("key", CachedAnswer(b"", b""))  # opens the breaker of writes too
        await asyncio.sleep(0.1)
        assert results.state == "redis-away"
        server.start()
        await asyncio.sleep(REST_S)
        await results.get("key")
        assert results.state == "redis"
        await results.stop()

    asyncio.run(story())


def test_an_outage_of_redis_is_one_line(
    start_redis: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    async def story() -> None:
        server = start_redis()
        results = RedisResults(server.url, 60)
        await results.start()
        server.stop()
        for _ in range(2):
            await results.get("key")
            results.put("key", CachedAnswer(b"", b""))
            await results.claim("other", b"")
            await asyncio.sleep(0.1)
        await results.stop()

    with caplog.at_level("INFO", "rackrate.cache"):
        asyncio.run(story())
    assert len(caplog.records) == 1
    assert caplog.messages[0].startswith("Redis is away (")


def test_a_redis_that_refuses_writes_is_up(
    start_redis: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    async def story() -> None:
        results = RedisResults(start_redis("--maxmemory", "1").url, 60)
        await results.start()
        results.put("key", CachedAnswer(b"", b""))
        await results.stop()
        assert results.state == "redis"

    asyncio.run(story())
    assert ["refuses a write" in message for message in caplog.messages] == [True]


def test_every_source_of_answers_is_there_before_the_first(start_service: Callable[..., Any]) -> None:
    samples = scraped(start_service())
    for analysis in BY_NAME:
        for source in ("cache", "engine"):
            assert value(samples, "rackrate_answers_total", verb=analysis, source=source) == 0


def test_a_resource_tracker_that_was_killed_is_no_worker(start_service: Callable[..., Any]) -> None:
    service = with_two_workers(start_service)
    supervisor = service.child.pid
    children = Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text().split()
    tracker = next(
        child for child in children if b"resource_tracker" in Path(f"/proc/{child}/cmdline").read_bytes()
    )
    os.kill(int(tracker), signal.SIGKILL)
    until(lambda: Path(f"/proc/{tracker}/cmdline").read_bytes() == b"", "the tracker to be a zombie")
    samples = scraped(service)
    assert value(samples, "rackrate_workers") == 2
    assert value(samples, "rackrate_process_resident_bytes", process="worker-0") > 1 << 20


def test_a_process_is_labelled_by_its_place_and_not_by_its_age(tmp_path: Path) -> None:
    """Worker 0 was replaced, and is younger than worker 1; a third has ended, another process is none."""
    supervisor = os.getppid()
    stat = "1 (a) S " + " ".join(["0"] * 50)
    found = {
        11: ("worker-1", b"python"),
        12: ("worker-2", b""),
        13: ("python", b"tracker"),
        14: ("worker-0", b"x"),
    }
    for process in (supervisor, *found):
        folder = tmp_path / str(process)
        (folder / "fd").mkdir(parents=True)
        (folder / "task" / str(process)).mkdir(parents=True)
        (folder / "task" / str(process) / "children").write_text("")
        (folder / "stat").write_text(stat)
    for process, (name, command) in found.items():
        (tmp_path / str(process) / "comm").write_text(name + "\n")
        (tmp_path / str(process) / "cmdline").write_bytes(command)
    (tmp_path / str(supervisor) / "task" / str(supervisor) / "children").write_text("11 12 13 14 ")
    workers, cpu, *_ = processes(tmp_path)
    assert workers.samples[0].value == 2
    assert [sample.labels["process"] for sample in cpu.samples] == ["supervisor", "worker-1", "worker-0"]
