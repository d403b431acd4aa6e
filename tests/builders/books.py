"""Books of tests: the deals of the case, what is asked of them, and stages run here."""

import json
from typing import Any

import msgspec
from tests.golden.agreement import CASES

from rackrate.analyses.books.book import raised
from rackrate.analyses.books.simulated import Simulated
from rackrate.analyses.books.stages import Document, simulate
from rackrate.deal.requests.book import BookRequest, BookTerms

Plain = Any  # a document as JSON gives it

GIVEN: Plain = json.loads((CASES / "books" / "five-deals.json").read_bytes())
FACTOR = {
    "asset_correlation": 0.24,
    "renewal_loading": 0.5,
    "rent_volatility": 0.15,
    "rent_loading": 0.6,
    "power_speed": 1.5,
    "power_volatility": 0.35,
    "power_loading": -0.1,
}
CALM = dict.fromkeys(FACTOR, 0.0)


def terms(paths: int, factor: Plain = FACTOR, **more: Plain) -> BookTerms:
    """What is asked of a book that is simulated."""
    simulation = {"paths": paths, "seed": 7, "factor": factor}
    return msgspec.convert({"currency": "USD", "fx": GIVEN["fx"], "simulation": simulation} | more, BookTerms)


def request(deals: list[Plain], **asked: Plain) -> BookRequest:
    """A request of a book."""
    plain = {"currency": "USD", "fx": GIVEN["fx"], "deals": deals} | asked
    return msgspec.json.decode(msgspec.json.encode(plain), type=BookRequest)


def weak(deal: Plain, times: float = 40.0) -> Plain:
    """A deal whose tenants default so much more often."""
    tenants = [tenant | {"pd_multiplier": times} for tenant in deal["tenants"]]
    return deal | {"tenants": tenants}


WEAK = [weak(deal) for deal in GIVEN["deals"]]


def simulated(row: int, deal: Plain, of: BookTerms) -> Simulated:
    """A deal's losses on the paths of a book."""
    found = simulate(Document(row, f"deal {row}", json.dumps(deal).encode()), of, raised)
    assert isinstance(found, Simulated), found
    return found
