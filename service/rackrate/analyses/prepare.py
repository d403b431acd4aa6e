"""Decode a request body, estimate its cost, and give its answer an id."""

# Design: reading is quick for what is well formed (40 us for each KiB) and up to twenty times slower for what
# is not, because every fault is looked for. So the event loop reads what is small, the thread of short work
# what takes it no longer than a deal, and the process of long work all else.

import msgspec

from rackrate.analyses.books.book import id_of_book
from rackrate.analyses.cost import check
from rackrate.analyses.identity import identity
from rackrate.analyses.problems import TOO_LARGE, Problem
from rackrate.analyses.registry import UNDERWRITE_BY_FACILITY, UNDERWRITE_POOL, Analysis, rules_sha256
from rackrate.deal.codec.decode import Media, read
from rackrate.deal.errors import FieldError
from rackrate.deal.requests.book import MOST_DEALS, BookRequest

SMALL = 16 * 1024  # bytes that the event loop reads
LARGE = 128 * 1024  # bytes from which on reading is long work


class Asked(msgspec.Struct, frozen=True):
    """A decoded request: its canonical form, the id of its answer, its cost in segment-months.

    `request` is None where another process has read it.
    """

    request: msgspec.Struct | None
    document: bytes
    id: str
    work: int


def examine(analysis: Analysis, content: bytes, media: Media, most: int) -> Asked:
    """Decode a body and estimate its cost; refuse more than `most`.

    Raises
    ------
    Refusal
        The document cannot be read or makes no sense.
    Problem
        It asks for too much work.
    """
    request, document = read(content, analysis.reads, media)
    if isinstance(request, BookRequest):
        if len(request.deals) > MOST_DEALS:
            fault = f"{len(request.deals)} deals, at most {MOST_DEALS} are read"
            raise Problem(TOO_LARGE, f"{fault}.", [FieldError("/deals", fault)])
        id_ = id_of_book(request)
    else:
        id_ = identity(rules_sha256(request), document)
    work = check(
        request,
        most,
        size=len(document),
        by_facility=analysis is UNDERWRITE_BY_FACILITY,
        break_evens=analysis is not UNDERWRITE_POOL,
    )
    return Asked(request, document, id_, work)
