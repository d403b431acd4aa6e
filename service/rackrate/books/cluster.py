"""Tasks of a book on a Dask scheduler's workers."""

# Design: the scheduler and its workers trust whoever reaches them: loopback, or tls://. Futures are let go
# of as they land, so that neither scheduler nor driver grows with the book. A task is the same function as
# here.

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import islice
from types import TracebackType
from typing import Any, Self

from distributed import Client, KilledWorker, as_completed

from rackrate.analyses.books.stages import OnFault
from rackrate.books.tasks import OtherVersionsError, run, versions
from rackrate.books.workers import AHEAD, Done, Isolation, SchedulerLostError, Task

RETRIES = 3
PATIENCE_S = 60  # for a scheduler that is away
FIRST_S = 20  # for its first worker
ALONE_S = 60  # between notes that nothing lands for want of workers


class Cluster:
    """Workers of a Dask scheduler, found by its address."""

    def __init__(
        self,
        address: str,
        on_fault: OnFault,
        isolation: Isolation,
        workers: int | None,
        tell: Callable[[str], None],
    ) -> None:
        self._address, self._on_fault, self._isolation, self._tell = address, on_fault, isolation, tell
        self._wanted = workers or 1

    def __enter__(self) -> Self:
        self._connect(FIRST_S)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close(timeout=5)

    def _connect(self, patience_s: int) -> None:
        try:
            self._client = Client(self._address, timeout=patience_s, set_as_default=False)
            self._client.wait_for_workers(self._wanted, timeout=patience_s)
        except (OSError, TimeoutError) as error:
            raise SchedulerLostError(f"{self._address}: {error}") from error
        self._check()

    def _check(self) -> None:
        """Refuse a cluster that would give other bits, with what differs."""
        own = versions()
        try:
            found: dict[str, Any] = {"scheduler": self._client.run_on_scheduler(versions)}
            found |= self._client.run(versions)
        except Exception as error:
            raise OtherVersionsError(
                f"{self._address}: rackrate[books] cannot be asked there: {error}"
            ) from error
        other = {who: what for who, what in found.items() if what != own}
        if other:
            rows = [f"  {who}: {what}" for who, what in other.items()]
            raise OtherVersionsError("\n".join(["other versions than here:", f"  here: {own}", *rows]))

    def _workers(self) -> int | None:
        """How many workers there are; None while the scheduler is away."""
        try:
            return len(self._client.scheduler_info(n_workers=-1)["workers"])
        except OSError:
            return None

    @property
    def _room(self) -> int:
        return AHEAD * (self._workers() or 1)

    def run(self, tasks: Iterable[Task]) -> Iterator[Done]:
        """Yield each task as it is done; what was under way when the scheduler went is run again."""
        waiting, going = iter(tasks), dict[Any, Task]()
        work = partial(run, on_fault=self._on_fault)

        def submit(task: Task) -> Any:
            future = self._client.submit(work, task.job, pure=False, retries=RETRIES)
            going[future] = task
            return future

        landing = self._landing([submit(task) for task in islice(waiting, self._room)])
        while going:
            try:
                future = next(landing)
            except StopIteration:
                future = None
            except TimeoutError:
                if self._workers() == 0:
                    self._tell(f"{self._address}: no worker is there; {len(going)} tasks wait for one")
                landing = self._landing(list(going))
                continue
            if future is None or future.status in ("cancelled", "lost"):
                lost = list(going.values())
                going.clear()
                self._reconnect()
                landing = self._landing([submit(task) for task in lost])
                continue
            task = going.pop(future)
            done = self._landed(task, future)
            if done is None:
                landing.add(submit(task))
                continue
            future.release()
            yield done
            for more in islice(waiting, max(0, self._room - len(going))):
                landing.add(submit(more))

    def _landing(self, futures: list[Any]) -> Any:
        """Futures as they land; a wait ends in TimeoutError after a while."""
        return as_completed(futures, loop=self._client.loop, timeout=ALONE_S)

    def _landed(self, task: Task, future: Any) -> Done | None:
        """The part of a task that landed; None where it is to run again, on another worker."""
        error = future.exception()
        if error is None:
            return Done(task, future.result())
        if isinstance(error, KilledWorker):
            return self._isolation.run(task)
        if isinstance(error, OtherVersionsError):
            self._retire()
            return None
        raise error

    def _retire(self) -> None:
        """Retire workers of other versions, that joined later."""
        own = versions()
        other = [who for who, what in self._client.run(versions).items() if what != own]
        if other:
            self._tell(f"{', '.join(other)}: retired, for other versions than here")
            self._client.retire_workers(other)

    def _reconnect(self) -> None:
        self._tell(f"{self._address}: lost; it has {PATIENCE_S} s to come back")
        self._client.close(timeout=5)
        self._connect(PATIENCE_S)
