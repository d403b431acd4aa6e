"""The workbook as a document of an underwriting: what it costs, and how it is made."""

from rackrate.analyses.cost import UNIT_NS
from rackrate.analyses.extent import extent
from rackrate.analyses.problems import TOO_MUCH, Problem
from rackrate.analyses.registry import ruleset_of
from rackrate.deal.errors import FieldError
from rackrate.deal.requests.underwriting import Deal, Underwriting
from rackrate.documents.document import Document, Form
from rackrate.documents.workbook.source import Source

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMULA_NS = 12_000  # to evaluate and to write one
LARGEST = 1_000_000  # formulas of a workbook: beyond it no spreadsheet recalculates at ease
FORMS = (Form(XLSX, "xlsx", writer="xlsxwriter", extra="workbook"),)
ABOUT = (
    "Inputs in blue, then live formulas: cash flow, bridge, sizing tests, schedule, classes, priority of"
    " payments, coverage. What no formula can hold is a value that says so. Checks tie all to the answer."
)


def formulas(deal: Deal) -> int:
    """Estimate the formulas of a deal's workbook, its stress and final runs left aside.

    Rows by month of leases, facilities with their contracts and costs, in each case and run of it; of the
    schedule in each case; of the waterfall, which has some forty for each class.
    """
    counts = extent(deal, ruleset_of(deal))
    facilities = 25 * counts.facilities + 6 * counts.contracts + counts.costs + 18
    schedules = counts.cases * counts.term * 20
    run = counts.periods * (90 + 40 * counts.classes)
    return counts.months * (4 * counts.leases + counts.cases * facilities) + schedules + run


def check_size(count: int, most: int) -> None:
    """Refuse a workbook of too many formulas.

    Raises
    ------
    Problem
        422 if it is more work than is done for one request, or more than a spreadsheet bears.
    """
    if count > LARGEST or count * FORMULA_NS // UNIT_NS > most:
        bound = min(LARGEST, most * UNIT_NS // FORMULA_NS)
        told = f"about {count:.2g} formulas, at most {bound:.2g} are written"
        raise Problem(TOO_MUCH, f"The workbook would have {told}.", [FieldError("", told)])


def make(deal: Deal, answer: Underwriting, media: str, most: int) -> bytes:
    """Make the workbook of an answer.

    Raises
    ------
    Problem
        422 if it is more work than is done for one request, or more formulas than a spreadsheet bears.
    """
    from rackrate.documents.workbook.compose import compose  # what these write with may not be installed
    from rackrate.documents.workbook.file.workbook_file import save

    check_size(formulas(deal), most)
    source = Source(deal, ruleset_of(deal), answer)
    footer = f"{answer.id[:16]}  rackrate {answer.engine}  {answer.ruleset.name}"
    return save(compose(source), deal, footer)


WORKBOOK = Document(
    "workbook",
    "the workbook",
    ABOUT,
    FORMS,
    make,
    long=True,
)
