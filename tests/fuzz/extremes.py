"""Legal numbers at extreme ratios: requests whose numbers and days are moved to the ends of their fields."""

import copy
import json
import math
import random
from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec
from msgspec import inspect
from tests.builders.any_deal import AMORTISATIONS, TESTS, TRIGGERS, any_deal
from tests.builders.any_pool import any_pool
from tests.fuzz.mutations import EXAMPLES

from rackrate.analyses.registry import (
    COMPARE,
    SENSITIVITY,
    SIMULATE,
    SIZE,
    UNDERWRITE,
    UNDERWRITE_POOL_WITH_TRANCHES,
    WATERFALL,
    Analysis,
)
from rackrate.api.openapi.examples import ASKED
from rackrate.deal.answers.ground_pool import GroundUnderwriting
from rackrate.deal.answers.pool import PoolUnderwriting
from rackrate.deal.requests.ground_pool import GroundPool
from rackrate.deal.requests.pool import Pool
from rackrate.deal.requests.pool_simulation import PoolSimulation, PoolSimulationRequest
from rackrate.deal.structure import OF_CLASSES, TEMPLATE_NAMES

Plain = Any  # a document as JSON gives it
Kind = inspect.FloatType | inspect.IntType | inspect.DateType
DAYS = ("0001-01-01", "1900-02-28", "1951-01-31", "2026-11-30", "2027-02-28", "2199-12-31", "9999-12-31")
DEALS = [json.loads(path.read_bytes()) for path in sorted(EXAMPLES.glob("*.json"))]
POOLS = [json.loads(path.read_bytes()) for path in sorted((EXAMPLES / "pools").glob("*.json"))]
OWN = {
    analysis: json.loads((EXAMPLES / "own" / f"{analysis.name}.json").read_bytes())
    for analysis in (SIZE, WATERFALL)
}
TRIED = {"tornado": ASKED[SENSITIVITY]["tornado"], "break_evens": ASKED[SENSITIVITY]["break_evens"]}
OFTEN = [UNDERWRITE] * 6 + [SIZE] * 6 + [WATERFALL] * 6 + [COMPARE, SENSITIVITY, SIMULATE]
OF_DEALS = {("numerator", "noi"), ("basis", "stabilised")}  # what a cash flow of one's own does not have
LEAST = 5e-324  # above zero


class Asked(NamedTuple):
    """A request of an analysis, and the types of both."""

    analysis: Analysis
    reads: type[msgspec.Struct]
    answers: type[msgspec.Struct]
    document: Plain


def extreme_deal(seed: int) -> Asked:
    """A request about a deal, one or many numbers far from where they were; the same for the same seed."""
    chance = random.Random(seed)
    analysis = chance.choice(OFTEN)
    asked = Asked(analysis, analysis.reads, analysis.answers, _request(analysis, chance))
    _move(asked, chance)
    return asked


def extreme_pool(seed: int) -> Asked:
    """A pool, or a simulation of one, with one or many numbers far from where they were; likewise."""
    chance = random.Random(seed)
    pool = any_pool(POOLS, chance.randrange(10**6))
    if "debt" in pool:
        asked = Asked(UNDERWRITE_POOL_WITH_TRANCHES, GroundPool, GroundUnderwriting, pool)
    elif chance.random() < 0.2:
        document = {"pool": pool, "paths": 64, "seed": 7, "asset_correlation": 0.2}
        asked = Asked(SIMULATE, PoolSimulationRequest, PoolSimulation, document)
    else:
        asked = Asked(UNDERWRITE_POOL_WITH_TRANCHES, Pool, PoolUnderwriting, pool)
    _move(asked, chance)
    return asked


def _move(asked: Asked, chance: random.Random) -> None:
    places = list(numbers(inspect.type_info(asked.reads), asked.document))
    for place in chance.sample(places, min(len(places), chance.choice((1, 2, 3, 5, 12, 40)))):
        if isinstance(place.kind, inspect.FloatType) or chance.random() < 0.2:  # others: mostly refused
            place.parent[place.key] = _value(place, chance)


def _request(analysis: Analysis, chance: random.Random) -> Plain:
    if analysis in OWN:
        return _own(analysis, copy.deepcopy(OWN[analysis]), chance)
    deal = copy.deepcopy(any_deal(DEALS, chance.randrange(10**6)))  # its parts are shared
    if analysis is UNDERWRITE:
        return deal
    asked = {SIMULATE: ASKED[SIMULATE] | {"paths": 64}, SENSITIVITY: TRIED}.get(analysis, {})
    return {"deal": deal} | copy.deepcopy(asked)


def _own(analysis: Analysis, document: Plain, chance: random.Random) -> Plain:
    """An own cash flow with other tests, or other steps, fees and triggers."""
    if analysis is SIZE:
        document["tests"] = chance.sample([test for test in TESTS if OF_DEALS.isdisjoint(test.items())], 3)
        document["debt"]["amortisation"] = chance.choice(AMORTISATIONS)
        return copy.deepcopy(document)
    document.update(template=chance.choice(TEMPLATE_NAMES), triggers=chance.choice(TRIGGERS), value=6e8)
    document["fees"] = [
        {"name": "f", "annual": 1e5, "rate": 1e-3, "cap_annual": 1e5},
        {"name": "g", "annual": 1e5, "rate": 0.0, "senior": False},
    ]
    document["reserves"] = chance.choice(
        ({"liquidity_months": 6.0}, {"liquidity_months": 6.0, "initial": 1e6}, {"liquidity_months": 0.0})
    )
    if chance.random() < 0.5:
        kinds = ("fees", "interest", "reserve", "scheduled_principal", "principal", "trap", "uncapped_fees")
        orders = ("sequential", "pro_rata")
        document["steps"] = [
            *(
                {"kind": kind} | ({"order": chance.choice(orders)} if kind in OF_CLASSES else {})
                for kind in chance.sample(kinds, len(kinds))
            ),
            {"kind": "equity"},
        ]
    for note in document["classes"]:
        note.update(ltv_trigger=0.7, deferrable=chance.random() < 0.5, schedule=chance.choice(AMORTISATIONS))
    return copy.deepcopy(document)


class Place(NamedTuple):
    """Where a number or a day stands in a document, and its type."""

    parent: Plain
    key: Any
    kind: Kind


def numbers(kind: inspect.Type, node: Plain) -> Iterator[Place]:
    """Each number and day of a document."""
    match kind:
        case inspect.Metadata():
            yield from numbers(kind.type, node)
        case inspect.UnionType():
            fitting = (member for member in kind.types if _fits(member, node))
            yield from numbers(next(fitting, kind.types[0]), node)
        case inspect.StructType() if isinstance(node, dict):
            for field in kind.fields:
                if field.encode_name in node:
                    yield from _in_place(field.type, node, field.encode_name)
        case inspect.ListType() if isinstance(node, list):
            for i in range(len(node)):
                yield from _in_place(kind.item_type, node, i)
        case inspect.TupleType() if isinstance(node, list):
            for i, item in enumerate(kind.item_types):
                yield from _in_place(item, node, i)


def _in_place(kind: inspect.Type, parent: Plain, key: Any) -> Iterator[Place]:
    number = _number(kind, parent[key])
    if number is None:
        yield from numbers(kind, parent[key])
    else:
        yield Place(parent, key, number)


def _number(kind: inspect.Type, node: Plain) -> Kind | None:
    """The type that a number or a day has here."""
    match kind:
        case inspect.FloatType() | inspect.IntType() if isinstance(node, int | float):
            return None if isinstance(node, bool) else kind
        case inspect.DateType() if isinstance(node, str):
            return kind
        case inspect.Metadata():
            return _number(kind.type, node)
        case inspect.UnionType():
            return next((found for member in kind.types if (found := _number(member, node))), None)
    return None


def _fits(kind: inspect.Type, node: Plain) -> bool:
    """Whether a document is of this member of a union."""
    match kind:
        case inspect.Metadata():
            return _fits(kind.type, node)
        case inspect.StructType():
            return isinstance(node, dict) and (kind.tag is None or node.get(kind.tag_field) == kind.tag)
        case inspect.ListType() | inspect.TupleType():
            return isinstance(node, list)
    return False


def _value(place: Place, chance: random.Random) -> float | int | str:
    """What its type allows: an end, next to nothing, of any size, or far from what was there; or any day."""
    kind = place.kind
    if isinstance(kind, inspect.DateType):
        return chance.choice(DAYS)
    least, most = kind.gt if kind.ge is None else kind.ge, kind.lt if kind.le is None else kind.le
    assert least is not None
    assert most is not None
    if isinstance(kind, inspect.IntType):
        return chance.choice((int(least), int(most), chance.randint(int(least), int(most))))
    low = math.nextafter(least, math.inf) if kind.ge is None else float(least)
    high = math.nextafter(most, -math.inf) if kind.le is None else float(most)
    sign = chance.choice((1.0, -1.0)) if low < 0.0 else 1.0
    far = place.parent[place.key] * 10.0 ** chance.uniform(-9.0, 9.0)
    sizes = (10.0 ** chance.uniform(-15.0, 15.0), LEAST, 1e-300, low, high, far, far, far)
    return min(high, max(low, sign * chance.choice(sizes)))
