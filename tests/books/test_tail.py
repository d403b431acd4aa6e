"""Of many paths only the tail's losses are kept, run a second time: the same figures from fewer bytes."""

import json
import math

import msgspec
import pytest
from tests.books.running import files
from tests.builders.books import WEAK, request, terms

from rackrate.analyses.books.book import raised, underwrite_book
from rackrate.books import tasks
from rackrate.books.run import BookRun, Options
from rackrate.books.source import source_of
from rackrate.books.workers import Done, Isolation
from rackrate.commands.book_progress import Progress
from rackrate.deal.requests import book

TERMS = terms(1000)


class Here:
    """Runs tasks in this process."""

    def run(self, waiting):
        for task in waiting:
            yield Done(task, tasks.run(task.job, raised))


class Halved(Here):
    """Runs each task as one that killed its worker, in halves; a row kills whoever runs it in a stage."""

    def __init__(self, poison=None, stage="simulate"):
        self.poison, self.stage = poison, stage

    def attempt(self, job):
        if job.stage == self.stage and self.poison in [document.row for document in job.documents]:
            return "was ended by SIGKILL"
        return tasks.unpacked(tasks.run(msgspec.msgpack.encode(job), raised))

    def run(self, waiting):
        isolation = Isolation(raised, 1)
        isolation._attempt = self.attempt
        yield from map(isolation.run, waiting)


@pytest.fixture
def written(tmp_path):
    def run(name, workers, chunk):
        document = tmp_path / "book.ndjson"
        document.write_text("".join(json.dumps(deal) + "\n" for deal in WEAK))
        BookRun(
            source=lambda: source_of(document, "document"),
            terms=TERMS,
            out=tmp_path / name,
            workers=workers,
            report=Progress("none"),
            options=Options(chunk=chunk),
        ).run()
        return files(tmp_path / name)

    return run


def answer():
    return underwrite_book(request(WEAK, simulation=msgspec.to_builtins(TERMS.simulation)))


def test_losses_of_the_tail_alone_give_the_same_figures(written, monkeypatch):
    whole, all_of_them = answer(), written("whole", Here(), 20)
    monkeypatch.setattr(book, "MOST_KEPT", 999)
    assert TERMS.simulation.tail_only
    tail, kept = answer(), written("tail", Here(), 20)
    assert kept["book.json"] == msgspec.json.encode(tail)
    for name in ("total", "categories", "deals"):
        assert getattr(tail.simulation, name) == getattr(whole.simulation, name)
    for one, other in zip(tail.simulation.obligors, whole.simulation.obligors, strict=True):
        assert one.expected_shortfall == other.expected_shortfall
        assert (one.key, one.expected_loss.value) == (other.key, other.expected_loss.value)
        assert one.expected_loss.standard_error is None  # it would take every path
    for name in ("paths/00000.parquet", "classes/00000.parquet"):
        assert kept[name] == all_of_them[name]
    again = written("again", Halved(), 3)
    assert again == kept


def test_a_deal_that_kills_who_simulates_it_is_in_no_sum(written, monkeypatch):
    monkeypatch.setattr(book, "MOST_KEPT", 999)
    simulation = json.loads(written("out", Halved(poison=1), 1)["book.json"])["simulation"]
    assert [deal["row"] for deal in simulation["deals"]] == [0, 2, 3, 4]
    for tail in simulation["total"]["expected_shortfall"]:
        adds = [deal["expected_shortfall"][f"{tail['level']:g}"]["value"] for deal in simulation["deals"]]
        assert math.fsum(adds) == pytest.approx(tail["value"], rel=1e-12)


def test_a_deal_that_kills_who_runs_it_again_ends_the_run_by_its_row(written, monkeypatch):
    monkeypatch.setattr(book, "MOST_KEPT", 999)
    with pytest.raises(tasks.WrongPartError, match="document 1 was simulated, and cannot be again"):
        written("out", Halved(poison=1, stage="contribute"), 1)
