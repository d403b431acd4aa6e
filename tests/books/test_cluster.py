"""A scheduler's workers give the bytes that processes of this machine give, a worker killed among them."""

import json
import os
import signal

import msgspec
import pytest
from distributed import LocalCluster
from tests.books.conftest import ASKED
from tests.books.running import files, once, run
from tests.builders.books import GIVEN, terms
from tests.conftest import until

from rackrate.analyses.books.book import raised
from rackrate.analyses.books.stages import Document
from rackrate.books import cluster as clusters
from rackrate.books.tasks import Job, unpacked
from rackrate.books.workers import Isolation, Task


@pytest.fixture(scope="module")
def cluster():
    with LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None, processes=True
    ) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """The deals of the case, several times over under other names, and what is asked of them."""
    folder = tmp_path_factory.mktemp("many")
    deals = [deal | {"name": f"{deal['name']} {n}"} for n in range(8) for deal in GIVEN["deals"]]
    (folder / "book.ndjson").write_text("\n".join(map(json.dumps, deals)))
    (folder / "request.json").write_text(json.dumps(ASKED))
    return folder / "book.ndjson", folder / "request.json"


def test_a_cluster_gives_the_same_bytes_though_a_worker_is_killed(cluster, many, tmp_path):
    book, asked = many
    assert run(book, tmp_path / "local", asked, "--workers", "2", "--chunk", "10") == 0
    nanny = next(iter(cluster.workers.values()))
    killer = once(tmp_path / "far", 1, lambda: os.kill(nanny.pid, signal.SIGKILL))
    assert run(book, tmp_path / "far", asked, "--scheduler", cluster.scheduler_address, "--chunk", "3") == 0
    assert not killer.is_alive()
    assert files(tmp_path / "far") == files(tmp_path / "local")


def test_an_address_where_no_scheduler_is_ends_with_its_own_status(many, tmp_path, monkeypatch):
    monkeypatch.setattr("rackrate.books.cluster.FIRST_S", 1)
    book, asked = many
    assert run(book, tmp_path / "out", asked, "--scheduler", "tcp://127.0.0.1:21899") == 5


def test_without_workers_a_run_says_that_it_waits_and_goes_on_with_the_next(monkeypatch):
    monkeypatch.setattr(clusters, "ALONE_S", 0.2)
    document = Document(0, "line 1", json.dumps(GIVEN["deals"][0]).encode())
    task = Task(
        0, "", msgspec.msgpack.encode(Job(stage="underwrite", terms=terms(100), documents=[document]))
    )
    told = []
    with LocalCluster(
        n_workers=1, threads_per_worker=1, protocol="tcp://", dashboard_address=":0", processes=False
    ) as local:

        def tell(note):
            told.append(note)
            local.scale(1)

        with clusters.Cluster(local.scheduler_address, raised, Isolation(raised, 0), 1, tell) as cluster:
            local.scale(0)
            until(lambda: not local.scheduler.workers, "the worker to go")
            (done,) = cluster.run([task])
    assert [deal.row for deal in unpacked(done.part).deals] == [0]
    assert told
    assert all(note.endswith("no worker is there; 1 tasks wait for one") for note in told)
