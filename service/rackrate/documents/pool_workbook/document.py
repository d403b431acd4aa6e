"""The workbook as a document of a pool: what it costs, and how it is made."""

from rackrate.deal.answers.ground_pool import GroundUnderwriting
from rackrate.deal.answers.pool import PoolUnderwriting
from rackrate.deal.requests.ground_pool import GroundPool
from rackrate.deal.requests.pool import Pool
from rackrate.documents.document import Document
from rackrate.documents.workbook.document import FORMS, check_size

A_LOAN, A_LEASE, A_CLASS, A_MONTH = 30, 20, 12, 30  # cells of each, in one sheet or by month


def make(
    pool: Pool | GroundPool, answer: PoolUnderwriting | GroundUnderwriting, media: str, most: int
) -> bytes:
    """Make the workbook of an answer to a pool.

    Raises
    ------
    Problem
        422 if it is more work than is done for one request.
    TypeError
        If the answer is not one to the pool.
    """
    from rackrate.documents.pool_workbook.compose import compose  # what writes may not be installed
    from rackrate.documents.pool_workbook.ground_compose import compose_ground
    from rackrate.documents.workbook.file.workbook_file import save

    check_size(cells(answer), most)
    if isinstance(pool, GroundPool) and isinstance(answer, GroundUnderwriting):
        book = compose_ground(pool, answer)
    elif isinstance(pool, Pool) and isinstance(answer, PoolUnderwriting):
        book = compose(pool, answer)
    else:
        raise TypeError(f"{type(answer).__name__} is no answer to a {type(pool).__name__}")
    return save(book, pool, f"{answer.id[:16]}  rackrate {answer.engine}  {answer.pool_ruleset.name}")


def cells(answer: PoolUnderwriting | GroundUnderwriting) -> int:
    """Estimate the cells of a pool's workbook: rows of its tables, then its classes by month."""
    months = 0 if answer.waterfall is None else len(answer.waterfall.date)
    by_month = months * (A_MONTH + A_CLASS * len(answer.tranches))
    if isinstance(answer, GroundUnderwriting):
        return A_LEASE * len(answer.ground_leases) + by_month
    return A_LOAN * len(answer.loans) + by_month


POOL_WORKBOOK = Document(
    "workbook",
    "the workbook",
    "Tables of the answer with live sums: loans or ground leases, concentration, years of maturity or "
    "expiry, tests, classes, losses by scenario, the class schedule by month. Checks tie all to the answer.",
    FORMS,
    make,
    long=True,
    of="pool",
)
