"""The dispatcher: what a request costs is known, and refused, before any of it is computed."""

from collections.abc import Callable

import msgspec
from tests.api.compute.test_short_queue import Client, Document

from rackrate.analyses.cost import LONG, check, is_long
from rackrate.analyses.registry import COMPARE, SENSITIVITY, UNDERWRITE
from rackrate.deal.codec.decode import decode


def test_more_work_than_one_request_may_ask_for_is_refused_by_name(
    open_client: Callable[..., Client], deal: Document
) -> None:
    client = open_client(max_work=1_000_000)
    values = [i / 1000 for i in range(40)]
    grid = {
        "x": {"adjustment": "rate_add", "values": values},
        "y": {"adjustment": "rent_haircut", "values": values},
        "measure": "ltv",
    }
    answer = client.post("/v1/sensitivities", json={"deal": deal, "grids": [grid]})
    problem = answer.json()
    assert (answer.status_code, problem["type"]) == (422, "urn:rackrate:problem:too-much-work")
    assert "months x 1601 points" in problem["detail"]
    assert client.post("/v1/underwritings", json=deal).status_code == 200


def test_large_deals_and_analyses_are_long_work(deal: Document) -> None:
    small = decode(msgspec.json.encode(deal), UNDERWRITE.reads)
    assert not is_long(UNDERWRITE, check(small))
    assert is_long(UNDERWRITE, LONG + 1)
    assert is_long(SENSITIVITY, 0)
    assert is_long(COMPARE, 0)
