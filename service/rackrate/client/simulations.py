"""Server-sent events of a simulation: progress, then the result."""

from collections.abc import Callable
from typing import TypeVar

import httpx2
import msgspec

from rackrate.client.problems import BrokenAnswerError
from rackrate.deal.requests.simulation import Progress

Result = TypeVar("Result", bound=msgspec.Struct)


def is_progress(event: httpx2.ServerSentEvent) -> bool:
    """Return whether an event reports progress; else it is the result, or not known.

    Raises
    ------
    BrokenAnswerError
        If it is neither.
    """
    if event.event not in ("progress", "result"):
        raise BrokenAnswerError(f"a simulation has no event {event.event!r}")
    return event.event == "progress"


def progress_of(event: httpx2.ServerSentEvent) -> Progress:
    """Decode a progress event."""
    return result_reader(Progress)(event.data.encode())


def result_reader(kind: type[Result]) -> Callable[[bytes], Result]:
    """Return a decoder of an event's JSON data to a kind of Struct."""

    def read(data: bytes) -> Result:
        try:
            return msgspec.json.decode(data, type=kind)
        except msgspec.DecodeError as fault:
            raise BrokenAnswerError(f"an event is no {kind.__name__}: {fault}") from None

    return read
