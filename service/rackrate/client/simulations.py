"""Events of a simulation under way: its progress, then its result."""

from collections.abc import Callable
from typing import TypeVar

import httpx2
import msgspec

from rackrate.client.problems import BrokenAnswerError
from rackrate.deal.requests.simulation import Progress

Result = TypeVar("Result", bound=msgspec.Struct)


def is_progress(event: httpx2.ServerSentEvent) -> bool:
    """Whether an event tells of progress; else it is the result, or none that is known.

    Raises
    ------
    BrokenAnswerError
        If it is neither.
    """
    if event.event not in ("progress", "result"):
        raise BrokenAnswerError(f"a simulation has no event {event.event!r}")
    return event.event == "progress"


def progress_of(event: httpx2.ServerSentEvent) -> Progress:
    """How far the simulation has come."""
    return result_reader(Progress)(event.data.encode())


def result_reader(kind: type[Result]) -> Callable[[bytes], Result]:
    """The function that reads the data of an event, JSON, as a kind of Struct."""

    def read(data: bytes) -> Result:
        try:
            return msgspec.json.decode(data, type=kind)
        except msgspec.DecodeError as fault:
            raise BrokenAnswerError(f"an event is no {kind.__name__}: {fault}") from None

    return read
