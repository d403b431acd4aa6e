"""Events of a simulation under way: its progress, then its result."""

from typing import TypeVar

import httpx2
import msgspec

from rackrate.client.problems import BrokenAnswerError
from rackrate.deal.requests.simulation import Progress, SimulationAnswer

Kind = TypeVar("Kind", bound=msgspec.Struct)


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
    return _read(event, Progress)


def result_of(event: httpx2.ServerSentEvent) -> SimulationAnswer:
    """The answer, in the last event."""
    return _read(event, SimulationAnswer)


def _read(event: httpx2.ServerSentEvent, kind: type[Kind]) -> Kind:
    try:
        return msgspec.json.decode(event.data, type=kind)
    except msgspec.DecodeError as fault:
        raise BrokenAnswerError(f"an event is no {kind.__name__}: {fault}") from None
