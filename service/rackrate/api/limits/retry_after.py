"""503 with Retry-After: the refusal for want of capacity."""

from rackrate.analyses.problems import BUSY, Problem


def busy(wait_s: float, headers: dict[str, str] | None = None) -> Problem:
    """Refuse for want of room, and say when to come again: after what waits now, in whole seconds."""
    seconds = str(max(1, round(wait_s)))
    return Problem(
        BUSY,
        "As much is under way as can be answered in time; send it again.",
        headers={"Retry-After": seconds} | (headers or {}),
    )
