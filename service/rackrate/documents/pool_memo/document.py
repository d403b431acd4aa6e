"""The memo as a document of a pool: of loans, or of ground leases."""

from rackrate.deal.answers.ground_pool import GroundUnderwriting
from rackrate.deal.answers.pool import PoolUnderwriting
from rackrate.deal.requests.ground_pool import GroundPool
from rackrate.deal.requests.pool import Pool
from rackrate.documents.document import Document
from rackrate.documents.layout.typesetting import FORMS, as_pdf
from rackrate.documents.pool_memo import ground_memo, memo


def written(
    pool: Pool | GroundPool, underwriting: PoolUnderwriting | GroundUnderwriting, media: str, most: int
) -> bytes:
    """Write the memo of a pool; it asks for no further work.

    Raises
    ------
    TypeError
        If the answer is not one to the pool.
    """
    if isinstance(pool, GroundPool) and isinstance(underwriting, GroundUnderwriting):
        return as_pdf(ground_memo.written(pool, underwriting))
    if isinstance(pool, Pool) and isinstance(underwriting, PoolUnderwriting):
        return as_pdf(memo.written(pool, underwriting))
    raise TypeError(f"{type(underwriting).__name__} is no answer to a {type(pool).__name__}")


POOL_MEMO = Document(
    "memo",
    "the memo",
    "Of loans: the loans, maturities by year, concentration, capacity by category, tests, classes. Of ground "
    "leases: the leases, who pays, expiries by year, what limits the debt, classes. Of both: what classes "
    "lose by scenario, warnings, house defaults with their sources.",
    FORMS,
    written,
    long=True,
    of="pool",
)
