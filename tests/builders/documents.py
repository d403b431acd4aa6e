"""Documents for the tests of the deal layer, and the means to break them."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

import rackrate.deal
from rackrate.deal.codec.decode import Media, decode
from rackrate.deal.errors import Invalid
from rackrate.deal.requests.standalone_sizing import SizingRequest
from rackrate.deal.requests.standalone_waterfall import WaterfallRequest
from rackrate.deal.requests.underwriting import Deal

DEALS = sorted((Path(rackrate.deal.__file__).parent / "examples").glob("*.json"))
ABSENT = object()
Plain = Any  # a document as JSON gives it

SIZING: Plain = {
    "closing": "2026-12-31",
    "period_months": 12,
    "ncf": [1e8, 1.02e8, 1.04e8, 1.06e8, -5e6],
    "value": 1.5e9,
    "cost": 1.2e9,
    "annual_ncf": None,
    "debt": {
        "rate": 0.07,
        "day_count": "30/360",
        "term_months": 48,
        "interest_only_months": 0,
        "amortisation": {"kind": "sculpted", "dscr": 1.3},
        "balloon": 0.0,
    },
    "tests": [{"kind": "max_ltv", "limit": 0.7}, {"kind": "max_ltc", "limit": 0.8}],
}
WATERFALL: Plain = {
    "closing": "2026-12-01",
    "period_months": 3,
    "ncf": [1e7, 1.1e7, 9e6, 1e7],
    "value": 6e8,
    "classes": [
        {
            "name": "A",
            "principal": 4e8,
            "coupon": 0.055,
            "day_count": "30/360",
            "schedule": {"kind": "level", "months": 300},
        },
        {
            "name": "B",
            "principal": 5e7,
            "coupon": 0.075,
            "day_count": "ACT/360",
            "deferrable": True,
            "ltv_trigger": 0.8,
            "schedule": {"kind": "amounts", "amounts": [1e6, 0]},
        },
    ],
    "fees": [{"name": "servicer", "annual": 150000, "rate": 0.0005, "cap_annual": 300000}],
    "reserves": {"liquidity_months": 6, "initial": 0},
    "triggers": {"service": "actual", "trap_below": 1.35, "cure_periods": 2},
    "ard_months": 6,
    "legal_final_months": 12,
    "additional_rate": 0.05,
    "refinances_at_ard": False,
    "liquidation": {"value": 5e8, "cost_share": 0.03},
    "steps": [
        {"kind": "fees"},
        {"kind": "interest", "classes": ["A"]},
        {"kind": "interest", "classes": ["B"], "when": "not_pik"},
        {"kind": "scheduled_principal", "classes": ["A", "B"], "order": "pro_rata"},
        {"kind": "equity"},
    ],
}


def deal(name: str) -> Plain:
    """The shipped deal whose file begins with a name."""
    return json.loads(next(path for path in DEALS if path.stem.startswith(name)).read_bytes())


def leaves(value: Plain, at: str = "") -> Iterator[tuple[str, Plain]]:
    """Every scalar of a document, by pointer."""
    if isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(item, f"{at}/{key}")
    else:
        yield at, value


def changed(document: Plain, changes: dict[str, Plain]) -> Plain:
    """A copy with other values at some pointers; ABSENT takes a member away, `-` appends."""
    document = copy.deepcopy(document)
    for pointer, value in changes.items():
        *path, last = pointer.split("/")[1:]
        parent = document
        for token in path:
            parent = parent[int(token) if isinstance(parent, list) else token]
        if last == "-":
            parent.append(value)
        elif value is ABSENT:
            del parent[int(last) if isinstance(parent, list) else last]
        else:
            parent[int(last) if isinstance(parent, list) else last] = value
    return document


def written(document: Plain, media: Media = "json") -> bytes:
    """The document as a body."""
    return msgspec.msgpack.encode(document) if media == "msgpack" else json.dumps(document).encode()


def refused(document: Plain, kind: type[msgspec.Struct], media: Media = "json") -> dict[str, str]:
    """What is wrong with a document: message by pointer."""
    with pytest.raises(Invalid) as refusal:
        decode(written(document, media), kind, media)
    assert refusal.value.detail
    return {error.pointer: error.message for error in refusal.value.errors}


REQUESTS: list[tuple[Plain, type[msgspec.Struct]]] = [  # the smallest first
    (SIZING, SizingRequest),
    (WATERFALL, WaterfallRequest),
    *((deal(path.stem), Deal) for path in sorted(DEALS, key=lambda path: path.stat().st_size)),
]
