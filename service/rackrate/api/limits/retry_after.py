"""503 and 429 with Retry-After (RFC 9110 section 10.2.3): the wait of every refusal is set here."""

from rackrate.analyses.problems import BUSY, LIMITED, Problem

SHORT_WORK_S = 1.0  # the queue of short work, or the process's requests, are at their limit
LONG_WORK_S = 5.0  # all slots of long work or of portfolios are taken
BODIES_S = 1.0  # as many bytes of bodies are held as may be
HEADER = "Retry-After"


def busy(wait_s: float, headers: dict[str, str] | None = None) -> Problem:
    """Refuse for want of capacity (503), to be sent again after `wait_s`, in whole seconds."""
    detail = "As much is under way as can be answered in time; send it again."
    return Problem(BUSY, detail, headers=_header(wait_s) | (headers or {}))


def limited(detail: str, wait_s: float, headers: dict[str, str] | None = None) -> Problem:
    """Refuse what is beyond a client's own limit (429), to be sent again after `wait_s`."""
    return Problem(LIMITED, detail, headers=(headers or {}) | _header(wait_s))


def wait_of(refused: Problem) -> float:
    """Return the Retry-After of a refusal in seconds.

    >>> wait_of(busy(0.2)), wait_of(limited("One at a time.", 5.0))
    (1.0, 5.0)
    """
    return float(refused.headers[HEADER])


def _header(wait_s: float) -> dict[str, str]:
    return {HEADER: str(max(1, round(wait_s)))}
