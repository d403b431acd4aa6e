"""Parts of a run: wrong ones are computed again, once; a run tells what is done, and what room it takes."""

import hashlib
from dataclasses import dataclass, field

import pytest

from rackrate.books.parts import Parts, Stopped
from rackrate.books.source import Chunk
from rackrate.books.tasks import Part, WrongPartError, packed
from rackrate.books.work import Work, plan_of
from rackrate.books.workers import Done, Task
from rackrate.deal.requests.book import BookTerms

CHUNKS = 12


@dataclass
class Here:
    """Runs tasks here: each part has as many rows as its task's number; some results are no parts."""

    broken: dict[int, int] = field(default_factory=dict)  # by task, how often still
    ran: list[int] = field(default_factory=list)

    def run(self, tasks):
        for task in tasks:
            self.ran.append(task.number)
            left = self.broken.get(task.number, 0)
            self.broken[task.number] = left - 1
            yield Done(task, b"no part" if left > 0 else packed(Part(rows=task.number)))


@dataclass
class Told:
    """What is told of a run, which is to end after some documents."""

    last: int = CHUNKS
    notes: list[str] = field(default_factory=list)
    done: int = 0

    def stage(self, name, of):
        self.done = 0

    def advance(self, documents, rejected):
        self.done += documents

    def note(self, text):
        self.notes.append(text)

    def stopping(self):
        return self.done > self.last


def tasks():
    for number in range(CHUNKS):
        job = str(number).encode()
        yield Task(number, hashlib.sha256(job).hexdigest(), job), 1


@pytest.fixture
def parts(tmp_path):
    def make(workers, told=None):
        chunks = [Chunk(row, 1, 0, row, "", 1, "") for row in range(CHUNKS)]
        work = Work(tmp_path, plan_of(BookTerms(currency="USD"), 1, chunks))
        work.begin()
        return Parts(work, workers, told or Told())

    return make


def rows(of):
    return [part.rows for part in of.of("underwrite")]


def damage(tmp_path, number):
    (path,) = tmp_path.glob(f"work/parts/*/underwrite-{number:06d}")
    path.write_bytes(path.read_bytes()[:-1])


def test_parts_are_read_in_order_and_only_what_is_missing_is_run(parts):
    first, told = Here(), Told(last=4)
    with pytest.raises(Stopped):
        parts(first, told).run("underwrite", tasks, CHUNKS)
    assert first.ran == [0, 1, 2, 3, 4]
    again, told = Here(), Told()
    resumed = parts(again, told)
    resumed.run("underwrite", tasks, CHUNKS)
    assert again.ran == list(range(5, CHUNKS))
    assert rows(resumed) == list(range(CHUNKS))
    assert told.notes == ["resumes: 5 of 12 chunks of underwrite are done"]
    assert told.done == CHUNKS


def test_a_part_that_is_wrong_when_it_is_read_is_computed_again(parts, tmp_path):
    workers, told = Here(), Told()
    of = parts(workers, told)
    of.run("underwrite", tasks, CHUNKS)
    damage(tmp_path, 7)
    assert rows(of) == list(range(CHUNKS))
    assert workers.ran == [*range(CHUNKS), 7]
    assert told.notes[-1] == "part 7 of underwrite is not what was computed: once more"
    assert rows(of) == list(range(CHUNKS))
    assert workers.ran[-2:] == [11, 7]  # once


def test_a_result_that_is_no_part_is_computed_again_once_and_then_refused_by_its_name(parts):
    told = Told()
    of = parts(Here(broken={3: 1}), told)
    of.run("underwrite", tasks, CHUNKS)
    assert rows(of) == list(range(CHUNKS))
    assert told.done == CHUNKS
    with pytest.raises(WrongPartError, match="part 3 of scenario is wrong twice"):
        parts(Here(broken={3: 2})).run("scenario", tasks, CHUNKS)


def test_after_ten_parts_is_told_what_room_the_others_take(parts, monkeypatch):
    monkeypatch.setattr(Work, "free", lambda _: 10)
    told, size = Told(), len(packed(Part(rows=1)))
    parts(Here(), told).run("underwrite", tasks, CHUNKS)
    (note,) = told.notes
    assert note == f"underwrite: about {2 * size / 1e6:.0f} MB more to write, 0 MB are free: not enough"
