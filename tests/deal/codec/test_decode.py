"""Good documents: every one is decoded, and in both media to the same request."""

import json
from pathlib import Path

import msgspec
import pytest
from tests.builders.documents import DEALS, SIZING, WATERFALL, Plain, changed, deal, written

from rackrate.deal.codec.decode import decode
from rackrate.deal.requests.standalone_sizing import SizingRequest
from rackrate.deal.requests.standalone_waterfall import WaterfallRequest
from rackrate.deal.requests.underwriting import Deal
from rackrate.deal.sizing_tests import MinDscr


@pytest.mark.parametrize("path", DEALS, ids=lambda path: path.stem)
def test_every_shipped_deal_decodes_alike_from_json_and_messagepack(path: Path) -> None:
    body = path.read_bytes()
    request = decode(body, Deal)
    assert request == decode(msgspec.msgpack.encode(json.loads(body)), Deal, "msgpack")
    assert request == decode(msgspec.json.encode(request), Deal)
    assert request == decode(msgspec.msgpack.encode(request), Deal, "msgpack")


@pytest.mark.parametrize(("document", "kind"), [(SIZING, SizingRequest), (WATERFALL, WaterfallRequest)])
def test_own_cash_flows_decode_alike_from_json_and_messagepack(
    document: Plain, kind: type[msgspec.Struct]
) -> None:
    request = decode(written(document), kind)
    assert request == decode(written(document, "msgpack"), kind, "msgpack")
    assert request == decode(msgspec.json.encode(request), kind)


def test_a_deal_without_a_ruleset_takes_the_newest_by_name() -> None:
    document = deal("gpu")
    del document["ruleset"]
    assert decode(written(document), Deal).ruleset == "house-2026.1"


def test_what_may_be_left_out_of_a_deal_takes_its_default() -> None:
    document = deal("powered-shell")
    del document["structure"]
    for name in ("power", "operating_costs", "other_income", "vacancy_floor"):
        del document["facilities"][0][name]
    for name in ("name", "security_months"):
        del document["tenants"][0][name]
    del document["facilities"][0]["leases"][0]["free_rent_months"]
    request = decode(written(document), Deal)
    facility = request.facilities[0]
    assert request.structure is None
    assert (facility.power, facility.operating_costs, facility.other_income, facility.vacancy_floor) == (
        [],
        [],
        0,
        0,
    )
    assert (request.tenants[0].pd_multiplier, request.tenants[0].security_months) == (1, 0)
    assert (facility.leases[0].free_rent_months, facility.leases[0].utilisation) == (0, None)


def test_every_kind_of_the_contract_is_understood() -> None:
    """Kinds and members that no shipped deal uses."""
    document = changed(
        deal("pool"),
        {
            "/facilities/0/power/-": {"kind": "cfd", "mw": 5, "strike": 50, "end": "2030-01-01"},
            "/facilities/0/pue": [["2026-01-01", 1.4], ["2028-01-01", 1.35]],
            "/facilities/0/curtailment_hours_per_year": 40,
            "/facilities/0/sla_credit_share": 1,
            "/facilities/0/leases/0/termination": {"month": 60, "fee_months": 6, "probability": 0.2},
            "/facilities/0/leases/0/reserved": True,
            "/tenants/0/cumulative_pd": [[1, 0.01], [5, 0.04]],
            "/debt/rate": {"margin": 0.02},
            "/debt/amortisation": {"kind": "sculpted", "dscr": 1.3},
            "/debt/balloon": 0.25,
            "/sizing/value": {"kind": "cap_rate", "cap_rate": 0.08},
            "/sizing/tests/-": {
                "kind": "min_dscr",
                "limit": 1.2,
                "name": "amortising",
                "case": "AAA",
                "service": "actual",
            },
            "/structure/period_months": 3,
            "/structure/exit_cap_rate": 0.09,
            "/structure/steps": [
                {"kind": "interest", "classes": ["A-2", "B"], "order": "pro_rata"},
                {"kind": "equity"},
            ],
            "/structure/classes/0/price": 0.99,
            "/structure/classes/0/schedule": {"kind": "target_balance", "curve": [["2027-01-01", 0.9]]},
            "/structure/classes/1/schedule": {"kind": "amounts", "amounts": [1e6]},
            "/cases/1/tenant_defaults": [{"tenant": "neo", "month": 12}],
            "/cases/1/discount_rate": 0.09,
        },
    )
    request = decode(written(document), Deal)
    assert isinstance(request.sizing.tests[-1], MinDscr)
    assert request.structure is not None
    assert request.structure.classes[0].price == 0.99


def test_an_integer_where_a_number_is_due_is_that_number() -> None:
    assert decode(written(changed(deal("gpu"), {"/market/power_index": 50})), Deal) == decode(
        written(changed(deal("gpu"), {"/market/power_index": 50.0})), Deal
    )
