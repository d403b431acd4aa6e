"""`rackrate portfolio BOOK --out DIR`: underwrite a book in chunks, resumed where it was."""

import argparse
import errno
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rackrate import processors
from rackrate.analyses.books.stages import Limits
from rackrate.commands.book_progress import PROGRESS, Progress
from rackrate.deal.codec.decode import decode
from rackrate.deal.errors import Refusal
from rackrate.deal.requests.book import BookTerms
from rackrate.faults import internal_error
from rackrate.settings import Settings

if TYPE_CHECKING:
    from rackrate.books.workers import Workers

DONE, REJECTS, REFUSED, POISONED, FULL, LOST = range(6)  # statuses to exit with
INTERRUPTED = 128  # and the signal
NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)  # full, beyond a quota, beyond the limit of a file
PATIENCE_S = 10  # for what is under way, once the run is to end
USD = BookTerms(currency="USD")


def add_book_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what a book takes beside its file."""
    parser.add_argument("--out", metavar="DIR", type=Path, help="underwrite a book into this folder instead")
    parser.add_argument("--request", metavar="FILE", type=Path, help="what is asked of the book, as JSON")
    parser.add_argument("--scheduler", metavar="tcp://…", help="of Dask; else processes of this machine")
    parser.add_argument("--workers", metavar="N", type=int, help="processes; one a core if absent")
    parser.add_argument("--chunk", metavar="N", type=int, default=500, help="documents of a task (500)")
    parser.add_argument("--column", default="document", help="of Parquet, with the documents (document)")
    parser.add_argument("--fresh", action="store_true", help="start over")
    parser.add_argument("--keep-work", action="store_true", help="keep the parts")
    parser.add_argument(
        "--most-poisoned", metavar="N", type=int, default=20, help="deals that kill workers (20)"
    )
    parser.add_argument("--progress", choices=PROGRESS, help="bar on a terminal, else lines")


def underwrite_book(chosen: argparse.Namespace, settings: Settings) -> int:
    """Underwrite a book into a folder; the status to exit with."""
    try:
        from rackrate.books import run
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("rackrate"):
            raise
        return _refused(f"{error.name} is not installed: pip install 'rackrate[books]'")
    from rackrate.books.manifest import OtherBookError
    from rackrate.books.parts import Stopped
    from rackrate.books.source import SourceError
    from rackrate.books.tasks import OtherVersionsError, WrongPartError
    from rackrate.books.work import BusyError, OtherPlanError
    from rackrate.books.workers import SchedulerLostError, TooManyPoisonedError

    progress = Progress(chosen.progress)
    try:
        terms = USD if chosen.request is None else decode(chosen.request.read_bytes(), BookTerms)
        with progress, _interrupted(progress), _workers(chosen, progress) as workers:
            rejected = run.BookRun(
                source=lambda: _source(chosen),
                terms=terms,
                out=chosen.out,
                workers=workers,
                report=progress,
                options=run.Options(
                    chunk=max(1, chosen.chunk),
                    fresh=chosen.fresh,
                    keep_work=chosen.keep_work,
                    limits=Limits(settings.max_body_bytes, settings.max_work),
                ),
            ).run()
    except (SourceError, OtherPlanError, OtherVersionsError, BusyError, OtherBookError, WrongPartError,
            Refusal) as error:  # fmt: skip
        return _refused(_words(error))
    except TooManyPoisonedError as error:
        return _refused(str(error), POISONED)
    except SchedulerLostError as error:
        return _refused(str(error), LOST)
    except Stopped:
        return _refused("stopped; run it again to go on", INTERRUPTED + progress.signal)
    except OSError as error:
        if error.errno not in NO_SPACE:
            return _refused(f"{error.filename or chosen.file}: {error.strerror}")
        return _refused(progress.full(chosen.out), FULL)
    return REJECTS if rejected else DONE


def _refused(text: str, status: int = REFUSED) -> int:
    print(text, file=sys.stderr)
    return status


def _words(error: Exception) -> str:
    if not isinstance(error, Refusal):
        return str(error)
    return "\n".join([error.detail, *(f"  {one.pointer}: {one.message}" for one in error.errors)])


def _source(chosen: argparse.Namespace) -> Any:
    """Where the documents are; standard input is kept in the folder first."""
    from rackrate.books.source import source_of
    from rackrate.books.work import write_whole

    if str(chosen.file) != "-":
        return source_of(chosen.file, chosen.column)
    spool = chosen.out / "work" / "input.ndjson"
    write_whole(spool, iter(partial(sys.stdin.buffer.read, 1 << 20), b""))
    return source_of(spool, chosen.column)


@contextmanager
def _workers(chosen: argparse.Namespace, progress: Progress) -> Iterator["Workers"]:
    """Processes of this machine, or the workers of a scheduler."""
    from rackrate.books.workers import Isolation, LocalPool

    isolation = Isolation(internal_error, chosen.most_poisoned)
    try:
        if chosen.scheduler:
            from rackrate.books.cluster import Cluster

            with Cluster(
                chosen.scheduler, internal_error, isolation, chosen.workers, progress.note
            ) as cluster:
                yield cluster
            return
        pool = LocalPool(chosen.workers or processors.available(), internal_error, isolation)
        try:
            yield pool
        finally:
            pool.close()
    finally:
        isolation.close()


@contextmanager
def _interrupted(progress: Progress) -> Iterator[None]:
    """Let SIGINT and SIGTERM end the run: what is under way has ten seconds."""
    from rackrate.books.parts import Stopped

    def stop(number: int, _: Any) -> None:
        progress.signal = number
        signal.alarm(PATIENCE_S)

    def cut(*_: Any) -> None:
        raise Stopped

    handlers = {signal.SIGINT: stop, signal.SIGTERM: stop, signal.SIGALRM: cut}
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield
    finally:
        signal.alarm(0)
        for number, handler in before.items():
            signal.signal(number, handler)
