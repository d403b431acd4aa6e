"""Joint losses of a book: what adds up, what only the whole book tells, and a book of one deal."""

import json
import math
from fractions import Fraction
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.builders.books import FACTOR, GIVEN, WEAK, request, simulated, terms

from rackrate.analyses.books.book import underwrite_book
from rackrate.analyses.books.joint_losses import JointLosses
from rackrate.analyses.deals.points import base_of
from rackrate.analyses.deals.simulation import simulate
from rackrate.analyses.deals.underwriting import underwriting
from rackrate.analyses.registry import ruleset_of
from rackrate.deal.codec.decode import decode
from rackrate.deal.requests.simulation import SimulationRequest
from rackrate.deal.requests.underwriting import Deal

TERMS = terms(1000)
LEVEL = "0.99"


@pytest.fixture(scope="module")
def losses():
    return [simulated(row, deal, TERMS) for row, deal in enumerate(WEAK)]


def joint(deals):
    found = JointLosses(TERMS.simulation)
    for deal in deals:
        found.add(deal)
    return found


def shortfalls(of):
    return {tail.level: tail.value for tail in of.losses()[0].expected_shortfall}


def test_parts_of_a_book_add_up_path_by_path_but_what_a_deal_adds_to_the_tail_is_the_books(losses):
    whole, parts = joint(losses), [joint(losses[:2]), joint(losses[2:])]
    assert whole.vectors.any(axis=1).sum() > 2
    assert (whole.vectors == parts[0].vectors + parts[1].vectors).all()
    assert (whole.vectors[0] == whole.vectors[1:].sum(axis=0)).all()
    of_book = [deal.expected_shortfall[LEVEL].value for deal in whole.deals(losses)]
    of_part = [deal.expected_shortfall[LEVEL].value for deal in parts[0].deals(losses[:2])]
    assert of_book[:2] != of_part  # the worst paths of the part are others
    assert sum(of_part) == pytest.approx(shortfalls(parts[0])[0.99], rel=1e-12)


def test_what_deals_and_obligors_add_to_the_tail_is_the_tail(losses):
    whole = joint(losses)
    for level, shortfall in shortfalls(whole).items():
        name = f"{level:g}"
        for found in (list(whole.deals(losses)), whole.obligors(lambda: losses)):
            added_up = math.fsum(one.expected_shortfall[name].value for one in found)
            assert added_up == pytest.approx(shortfall, rel=1e-12)
        alone = math.fsum(deal.standalone_shortfall[name] for deal in whole.deals(losses))
        assert 0.0 < shortfall < alone
    mean = math.fsum(one.expected_loss.value for one in whole.obligors(lambda: losses))
    assert mean == pytest.approx(whole.losses()[0].expected_loss.value, rel=1e-12)


def test_a_deal_that_loses_more_on_a_path_of_the_tail_adds_more_to_it(losses):
    whole = joint(losses)
    before = {deal.row: deal.expected_shortfall[LEVEL].value for deal in whole.deals(losses)}
    worst = int(np.argmax(whole.vectors[0]))
    for place, deal in enumerate(losses):
        paths, amounts = deal.losses.by_category()
        if worst not in paths:
            continue
        more = amounts.copy()
        more[paths.tolist().index(worst), 0] += 1_000_000  # cents
        raised = [*losses]
        of_paths = msgspec.structs.replace(deal.losses, cents=more.tobytes())
        raised[place] = msgspec.structs.replace(deal, losses=of_paths)
        after = {one.row: one.expected_shortfall[LEVEL].value for one in joint(raised).deals(raised)}
        # 10,000.00 more on one of the 10 worst paths of 1,000: 1,000.00 more of the mean of them
        assert after[deal.row] - before[deal.row] == pytest.approx(1000.0, rel=1e-9)


def test_a_book_of_every_deal_twice_loses_twice_and_is_as_concentrated():
    once, twice = (
        underwrite_book(request(deals, simulation=msgspec.to_builtins(TERMS.simulation)))
        for deals in (WEAK[:3], WEAK[:3] * 2)
    )
    one, two = once.simulation.total, twice.simulation.total
    assert one.expected_loss.value > 0.0
    assert two.expected_loss.value == pytest.approx(2.0 * one.expected_loss.value, rel=1e-15)
    assert two.quantiles == {level: 2.0 * loss for level, loss in one.quantiles.items()}
    for first, second in zip(one.expected_shortfall, two.expected_shortfall, strict=True):
        assert second.value == pytest.approx(2.0 * first.value, rel=1e-15)
    for dimension in ("tenant", "market", "sponsor"):
        first, second = (getattr(book.exposures, dimension) for book in (once, twice))
        assert second.debt.hhi == pytest.approx(first.debt.hhi, rel=1e-12)
        assert [row.deals for row in second.rows] == [2 * row.deals for row in first.rows]
    assert twice.counts.deals == 2 * once.counts.deals


def test_a_deal_under_another_name_shares_its_obligors_and_not_its_renewals(losses):
    other = simulated(5, WEAK[4] | {"name": "Elk Grove colocation, once more"}, TERMS)
    paths, again = (one.losses.by_category()[0] for one in (losses[4], other))
    assert paths.tolist() != again.tolist()
    book = [*losses, other]
    same = [*losses, msgspec.structs.replace(losses[4], row=5)]
    spread, doubled = (
        {one.row: one.expected_shortfall[LEVEL].value for one in joint(deals).deals(deals)}
        for deals in (book, same)
    )
    assert doubled[4] == doubled[5]
    assert 0.0 < spread[4] + spread[5] < doubled[4] + doubled[5]


def test_a_book_of_one_deal_is_its_simulation():
    for row, deal in enumerate(WEAK):
        asked = {"deal": deal, "paths": 200, "seed": 7, "factor": FACTOR}
        typed = decode(json.dumps(asked).encode(), SimulationRequest)
        alone = simulate(typed, ruleset_of(typed.deal), id="")
        of_book = simulated(row, deal, terms(200))
        for of_class, own in zip(of_book.classes, alone.classes, strict=True):
            assert of_class["loss_probability"] == own.principal_loss.value
            assert of_class["expected_loss"] == own.expected_loss.value
            assert of_class["expected_loss_se"] == own.expected_loss.standard_error
            assert of_class["expected_shortfall"] == own.expected_shortfall.value
            assert of_class["missed_interest"] == own.missed_interest.value
            assert of_class["loss_99"] == own.loss_quantiles[LEVEL]
        rate = TERMS.rate(deal["currency"])
        expected = math.fsum(own.expected_loss.value * rate for own in alone.classes)
        total = float(Fraction(int(of_book.total), 200 * 100))
        assert abs(total - expected) <= 0.005 * len(alone.classes)


def figures(answer: Any) -> Any:
    told = json.loads(msgspec.json.encode(answer))
    simulation = told["simulation"]
    return {
        "exposures": told["exposures"],
        "maturities": told["maturities"],
        "totals": told["totals"],
        "scenarios": [{k: v for k, v in one.items() if k != "rows"} for one in told["scenarios"]],
        "losses": {name: simulation[name] for name in ("total", "categories", "obligors")},
    }


@given(order=st.permutations(range(len(WEAK))))
@settings(max_examples=4, deadline=None)
def test_no_figure_of_a_book_depends_on_the_order_of_its_deals(order):
    asked = {"scenarios": [{"top": 2, "month": 12}], "simulation": msgspec.to_builtins(terms(100).simulation)}
    first = underwrite_book(request(WEAK, **asked))
    other = underwrite_book(request([WEAK[place] for place in order], **asked))
    assert figures(other) == figures(first)
    for row, place in enumerate(order):
        assert other.deals[row] == msgspec.structs.replace(first.deals[place], row=row)


LABELS = {"sponsor", "obligor", "power_hub", "counterparty"}


def unlabelled(plain, path=()):
    if isinstance(plain, list):
        return [unlabelled(one, path) for one in plain]
    if not isinstance(plain, dict):
        return plain
    site = path[-2:] == ("facilities", "market")
    return {
        key: unlabelled(value, (*path, key))
        for key, value in plain.items()
        if key not in LABELS and not (site and key == "name")
    }


@pytest.mark.parametrize("deal", GIVEN["deals"], ids=lambda deal: deal["name"])
def test_labels_move_no_figure_of_a_deal_alone(deal):
    plain = unlabelled(deal)
    assert plain != deal
    answers = []
    for one in (deal, plain):
        typed = decode(json.dumps(one).encode(), Deal)
        answers.append(underwriting(base_of(typed, ruleset_of(typed)), id=""))
    assert msgspec.json.encode(answers[0]) == msgspec.json.encode(answers[1])
