"""Every book answers as an independent implementation does: figures, draws, and the reduce of losses."""

import json
from pathlib import Path

import msgspec
import numpy as np
import pytest
from tests.builders.books import terms
from tests.golden.agreement import CASES, SHARED_CASES, differences

from rackrate.analyses.books.book import underwrite_book
from rackrate.analyses.books.joint_losses import JointLosses
from rackrate.analyses.books.simulated import PathLosses, Simulated
from rackrate.analyses.deals.points import base_of
from rackrate.analyses.registry import ruleset_of
from rackrate.deal.codec.decode import decode
from rackrate.deal.factor import Factor
from rackrate.deal.requests.book import BookRequest
from rackrate.deal.requests.underwriting import Deal
from rackrate.engine.book.attribution import attribute
from rackrate.engine.book.losses import CATEGORIES, cents, distribution, pair_squares
from rackrate.engine.simulation.estimates import Tally
from rackrate.engine.simulation.inputs import path_inputs
from rackrate.engine.simulation.run import factor_row, run_chunk
from rackrate.engine.simulation.streams import obligor_of, stream, streams_of
from rackrate.kernel.reference.paths import draws

PLACES = (SHARED_CASES / "books", CASES / "books")


def found(ending):
    """Cases by name that have an expected answer of an ending, those of the checkout last."""
    paths = {}
    for place in PLACES:
        for path in sorted(place.glob("expected/*.json")):
            name = path.name.removesuffix(ending)
            if path.name.endswith(ending) and "." not in name:
                paths[name] = (place, name, path)
    return paths


ANSWERS, DRAWS, LOSSES = found(".json"), found(".draws.json"), found(".losses.json")


def read(path):
    return json.loads(Path(path).read_bytes())


@pytest.mark.parametrize("name", ANSWERS)
def test_exposures_maturities_and_defaults_agree(name):
    place, _, expected = ANSWERS[name]
    request = msgspec.json.decode((place / f"{name}.json").read_bytes(), type=BookRequest)
    answer = json.loads(msgspec.json.encode(underwrite_book(request)))
    wanted = read(expected)
    assert not [(part, *at) for part in wanted for at in differences(part, wanted[part], answer[part])]


def deals_of(place, name):
    return [decode(json.dumps(deal).encode(), Deal) for deal in read(place / f"{name}.json")["deals"]]


def unsigned(words):
    return words.view(np.uint64).tolist()


@pytest.mark.parametrize("name", DRAWS)
def test_who_draws_what_agrees_exactly(name):
    place, _, path = DRAWS[name]
    expected = read(path)
    for deal, wanted in zip(deals_of(place, name), expected["streams"], strict=True):
        own = streams_of(deal)
        keys = [obligor_of(tenant) for tenant in deal.tenants]
        leases = [lease.id for site in deal.facilities for lease in site.leases]
        rents = unsigned(own["rent_streams"])
        assert dict(zip(keys, unsigned(own["tenant_streams"]), strict=True)) == wanted["obligors"]
        assert dict(zip(leases, unsigned(own["lease_streams"]), strict=True)) == wanted["leases"]
        assert [rents[group] for group in own["rent_groups"]] == list(wanted["rent"].values())
        assert own["power_stream"] == wanted["power"]
    pairs = np.arange(4, dtype=np.uint64)
    seed = expected["seed"]
    factors = draws.normals(seed, draws.FACTOR, pairs, 0)[:4].tolist()
    assert factors == pytest.approx(expected["factor_of_pairs_0_to_3"], rel=1e-9)  # Phi^-1 to 4e-10
    for key, words in expected["words_of_pair_3_index_5"].items():
        found = draws.threefry(seed, stream("obligor", key), pairs[3:], 5)
        assert [f"{int(word[0]):016x}" for word in found] == words


@pytest.mark.parametrize("name", DRAWS)
def test_months_of_default_agree_exactly(name):
    place, _, path = DRAWS[name]
    expected = read(path)
    calm = dict.fromkeys(Factor.__struct_fields__, 0.0)
    factor = factor_row(Factor(**calm | {"asset_correlation": expected["asset_correlation"]}))
    pairs = expected["paths"] // 2
    for deal, wanted in zip(
        deals_of(place, name), expected["default_months_with_pd_multiplier_times_40"], strict=True
    ):
        weak = msgspec.structs.replace(
            deal,
            tenants=[
                msgspec.structs.replace(tenant, pd_multiplier=40 * tenant.pd_multiplier)
                for tenant in deal.tenants
            ],
        )
        done = base_of(weak, ruleset_of(weak))
        inputs = path_inputs(done.priced, done.paid, factor, expected["seed"])
        months = np.empty((2 * pairs, len(weak.tenants)), dtype=np.int32)
        run_chunk(inputs, 0, pairs, Tally(inputs.periods, inputs.classes), defaults=months)
        last = max(weak.debt.term_months, weak.structure.legal_final_months)
        for t, tenant in enumerate(wanted["tenants"]):
            here = [month if 0 <= month < last else None for month in months[:, t].tolist()]
            assert here == tenant["month"], (deal.name, tenant["id"])


def lost(deal, q):
    """A made-up deal's losses as a simulation of it would give them."""
    paths = len(deal["classes"][0]["losses"])
    by_category, principals = np.zeros((paths, len(CATEGORIES)), dtype=np.int64), [0.0] * len(CATEGORIES)
    for note in deal["classes"]:
        at = CATEGORIES.index(note["supports"] or "none")
        by_category[:, at] += cents(np.array(note["losses"]), q)
        principals[at] += note["principal"] * q
    total = by_category.sum(axis=1)
    at = np.flatnonzero(total)
    final = deal["legal_final_months"]
    gone = np.array(
        [
            [month is not None and month < final for month in tenant["default_month"]]
            for tenant in deal["tenants"]
        ]
    ).T[at]
    keys = [tenant["obligor"] for tenant in deal["tenants"]]
    shares = [tenant["share"] for tenant in deal["tenants"]]
    parts = attribute(at, total[at].tolist(), gone, keys, shares)
    places = {key: n for n, key in enumerate(keys)} | {None: -1}
    columns = np.array([(path, places[key], part) for path, key, part in parts], dtype=np.int64).reshape(
        -1, 3
    )
    own = distribution(total).expected_shortfall
    losses = PathLosses(
        row=deal["row"],
        paths=at.astype(np.int64).tobytes(),
        cents=by_category[at].tobytes(),
        keys=keys,
        rows=tuple(columns[:, n].tobytes() for n in range(3)),
    )
    return Simulated(
        row=deal["row"],
        name=deal["name"],
        principals=principals,
        losses=losses,
        obligors=[(key, str(sum(cents.tolist()))) for key, _, cents in losses.by_obligor()],
        total=str(total.sum()),
        squares=str(pair_squares(at, total[at])),
        standalone={level: value.value for level, value in own.items()},
        classes=[],
    )


@pytest.mark.parametrize("name", LOSSES)
def test_losses_are_reduced_exactly(name):
    place, _, path = LOSSES[name]
    given, expected = read(place / f"{name}.losses.json"), read(path)
    rates = {given["currency"]: 1.0, **given["fx"]}
    deals = [lost(deal, rates[deal["currency"]]) for deal in given["deals"]]
    joint = JointLosses(terms(expected["paths"]).simulation)
    for deal in reversed(deals):
        joint.add(deal)
    total, categories = joint.losses()
    told = {
        "paths": joint.paths,
        "total": total,
        "categories": categories,
        "deals": list(joint.deals(deals)),
        "obligors": joint.obligors(lambda: deals),
    }
    answer = json.loads(msgspec.json.encode(told))
    assert not [(part, *at) for part in expected for at in differences(part, expected[part], answer[part])]
