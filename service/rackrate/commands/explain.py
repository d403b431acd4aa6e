"""`rackrate explain FILE`: what binds, what breaks first and when, what would make the loan larger."""

from pathlib import Path
from typing import Any

from rackrate.commands.asked import fields_of, grown_by, uncovered, unpaid
from rackrate.commands.kinds import expect
from rackrate.commands.refusals import file_content, read_from
from rackrate.deal.codec.decode import read
from rackrate.deal.requests.sensitivity import SolvedBreakEven
from rackrate.deal.requests.underwriting import Deal
from rackrate.in_process import sensitivity, underwrite
from rackrate.reports.explanation import explanation

PAST = 1e-6  # beyond a break-even, whose error is less


def explain_file(file: Path, multiple: float) -> str:
    """Explain the deal in a file; `multiple` is the loan that is sought, of the one it has.

    Raises
    ------
    RefusedFileError
        If the service would refuse the deal.
    OSError
        If the file cannot be read.
    """
    content = file_content(file)
    expect(file, fields_of(content), "underwrite")
    with read_from({"": (str(file), content)}):
        deal, _ = read(content, Deal)
        underwriting = underwrite(deal)
        fallen = sensitivity(deal, break_evens=unpaid(deal) + uncovered())
        followed = [_past(found, str(i)) for i, found in enumerate(fallen.break_evens) if _is_cut(found)]
        stressed = sensitivity(deal, stresses=followed).stresses if followed else []
        grown = sensitivity(deal, **grown_by(deal, multiple))
    return explanation(deal, underwriting, fallen.break_evens, stressed, grown.break_evens, multiple)


def _is_cut(found: SolvedBreakEven) -> bool:
    """Whether it is reached at a cut of net cash flow, so that a waterfall just past it can be followed."""
    return found.adjustment == "ncf_haircut" and found.status == "solved"


def _past(found: SolvedBreakEven, name: str) -> dict[str, Any]:
    return {"name": name, "adjustment": found.adjustment, "value": min(1.0, (found.value or 0.0) + PAST)}
