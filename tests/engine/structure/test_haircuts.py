"""The uniform haircut: break-evens, grids and tornadoes of it are one curve, in any unit of account."""

import copy
import functools
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.builders.any_deal import any_deal
from tests.builders.deals import EXAMPLE_DEALS, EXAMPLES, RULESET
from tests.kernel.simulated_deals import path_of, ran, stormy_roll

from rackrate import kernel
from rackrate.analyses.deals.sensitivity import sensitivities
from rackrate.analyses.deals.underwriting import underwrite
from rackrate.deal.codec.decode import decode
from rackrate.deal.errors import CannotFinance, Invalid, Unsupported
from rackrate.deal.requests.sensitivity import SensitivityRequest
from rackrate.deal.requests.underwriting import Deal, Underwriting
from rackrate.deal.rulesets import Ruleset
from rackrate.engine.debt.case_flows import size_loan
from rackrate.engine.debt.sizing import Sized
from rackrate.engine.facility.collateral import Collateral, reprice, run_cases
from rackrate.engine.structure.break_even import break_evens
from rackrate.engine.structure.payment import Paid, hold, pay
from rackrate.engine.structure.waterfall import distribute

Plain = Any  # a document as JSON gives it
MONEY = {
    "appraised_value",
    "cost",
    "rent_per_kw_month",
    "other_income",
    "annual",
    "fixed_monthly",
    "demand_rate",
    "price_per_mwh",
    "per_kw_month",
    "capex_reserve_per_kw_year",
    "renewal_cost_per_kw",
    "reletting_cost_per_kw",
    "ground_rent",
    "capex_reserve_floor",
    "denomination",
    "principal",
    "commitment",
    "drawn",
    "cap_annual",
    "strike",
    "adder",
    "power_index",
}
NEAR = 1e-6  # of the curve: either side of a break-even


@functools.cache
def document(name: str) -> Plain:
    return msgspec.json.decode((EXAMPLES / f"{name}.json").read_bytes())


def decoded(document: Plain) -> Deal:
    return decode(msgspec.json.encode(document), Deal)


def losing(name: str) -> Plain:
    """A shipped deal with a hall more that loses money in every month: a haircut takes nothing of it."""
    deal = copy.deepcopy(document(name))
    hall = deal["facilities"][0]
    idle = {
        **hall["leases"][0],
        "id": "idle",
        "rent_per_kw_month": 1.0,
        "contracted_kw": 1.0,
        "ramp": [],
        "escalation": {"kind": "fixed", "rate": 0.0},
        "power": {"kind": "direct"},
    }
    costs = [{"name": "idle", "annual": 2e-3 * sum(each["appraised_value"] for each in deal["facilities"])}]
    more = {**hall, "id": "idle", "capacity_kw": 2.0, "leases": [idle], "power": [], "operating_costs": costs}
    deal["facilities"].append({**more, "other_income": 0.0, "appraised_value": 1.0, "cost": 1.0})
    return deal


def ready(deal: Plain, ruleset: Ruleset = RULESET) -> tuple[Collateral, Sized, Paid]:
    """A deal priced, sized and paid."""
    priced = run_cases(decoded(deal), ruleset)
    sized = size_loan(priced)
    assert priced.deal.structure is not None
    return priced, sized, pay(priced, sized, priced.deal.structure)


def paid_at(priced: Collateral, sized: Sized, paid: Paid, haircut: float) -> Paid:
    """The classes held where the facilities themselves are cut: by the adjustment, and their appraisals."""
    (moved,) = reprice(priced, [{"ncf_haircut": haircut}], held=True)
    return hold(moved, sized, paid)


@pytest.mark.parametrize("name", EXAMPLE_DEALS)
def test_a_haircut_along_the_line_is_one_of_the_facilities_themselves(name: str) -> None:
    """Halls cut month by month and appraised at less pay what the line of the break-evens says."""
    priced, sized, paid = ready(document(name))
    for haircut in (0.0, 0.15, 0.4, 0.8, 1.0):
        cash, own = paid.line.by(np.array([haircut])), paid_at(priced, sized, paid, haircut)
        along = distribute(paid.terms, cash)
        for row in ("available", "equity", "balance", "interest_unpaid", "trap"):
            assert getattr(own.run, row) == pytest.approx(getattr(along, row), rel=1e-9, abs=1e-4), row


@pytest.mark.parametrize("name", ["pool-of-three", "uk-two-hyperscalers", "colocation-multi-tenant"])
def test_a_grid_a_tornado_and_a_break_even_of_a_haircut_are_one_curve(name: str) -> None:
    """A class loses nothing just below its break-even, and something just above; cover is 1 at its own."""
    deal = losing(name)
    own = underwrite(decoded(deal), RULESET, id="x").tranches
    first = {"dscr_minimum": 1.0}, *({"first_loss": tranche.name} for tranche in own)
    solved = ask(deal, break_evens=[{"adjustment": "ncf_haircut", "target": each} for each in first])
    cover, *losses = [found.value for found in solved.break_evens]
    assert losses == [tranche.break_even_haircut for tranche in own]
    classes = [tranche.name for tranche in own if (tranche.break_even_haircut or 1.0) < 1.0]
    assert classes
    points = [point for loss in losses if loss < 1.0 for point in (loss - NEAR, loss + NEAR)]
    neutral = {"adjustment": "rate_add", "values": [0.0]}
    axis = {"adjustment": "ncf_haircut", "values": points}
    answer = ask(
        deal,
        tornado=[{"adjustment": "ncf_haircut", "low": cover, "high": points[0]}],
        grids=[
            *({"x": axis, "y": neutral, "measure": f"loss:{each}"} for each in classes),
            {"x": axis, "y": neutral, "measure": "dscr_minimum"},
        ],
    )
    floor = 1e-10 * sum(tranche.principal for tranche in own)
    for k, grid in enumerate(answer.grids[:-1]):
        below, above = grid.values[0][2 * k : 2 * k + 2]
        assert below <= floor < above
    assert answer.tornado[0].low.dscr_minimum == pytest.approx(1.0, abs=1e-6)
    assert answer.tornado[0].high.dscr_minimum == answer.grids[-1].values[0][0]


def ask(deal: Plain, **parts: Plain) -> Any:
    """Sensitivities of a deal, its classes held."""
    return sensitivities(
        decode(msgspec.json.encode({"deal": deal, **parts}), SensitivityRequest), RULESET, id="x"
    )


def test_a_held_haircut_is_taken_of_what_a_case_leaves_and_of_appraisals() -> None:
    """Half of what a case with a haircut of 0.2 leaves is 0.6 of all; a value halved doubles the LTV."""
    deal = copy.deepcopy(document("pool-of-three"))
    for case in deal["cases"]:
        case["ncf_haircut"] = 0.2
    answer = ask(deal, tornado=[{"adjustment": "ncf_haircut", "low": 0.0, "high": 0.5}])
    swing = answer.tornado[0]
    assert swing.low.dscr_closing == answer.base.dscr_closing
    assert swing.high.dscr_closing == pytest.approx(0.5 * answer.base.dscr_closing, rel=1e-12)
    assert swing.high.ltv == pytest.approx(2.0 * answer.base.ltv, rel=1e-12)


def test_all_of_the_cash_gone_leaves_no_value_and_no_ratio_to_it() -> None:
    """A value of nothing has no loan to value: null, and every class loses all that it is owed."""
    deal = copy.deepcopy(document("pool-of-three"))
    classes = [note["name"] for note in deal["structure"]["classes"]]
    axis, neutral = (
        {"adjustment": "ncf_haircut", "values": [1.0]},
        {"adjustment": "rate_add", "values": [0.0]},
    )
    grids = [{"x": axis, "y": neutral, "measure": measure} for measure in ("ltv", f"loss:{classes[-1]}")]
    ltv, loss = (grid.values[0][0] for grid in ask(deal, grids=grids).grids)
    assert ltv is None
    assert loss > 0.0


def test_a_sculpted_class_that_is_held_keeps_what_it_was_sculpted_on() -> None:
    """Held at a haircut of all cash it is neither sculpted anew nor refused."""
    deal = copy.deepcopy(document("pool-of-three"))
    deal["structure"]["classes"][0]["schedule"] = {"kind": "sculpted", "dscr": 1.5}
    priced, sized, paid = ready(deal)
    for point in ({"ncf_haircut": 1.0}, {"rent_haircut": 0.3}):
        (moved,) = reprice(priced, [point], held=True)
        assert hold(moved, sized, paid).terms.schedule.tolist() == paid.terms.schedule.tolist()


def test_a_point_whose_cash_sculpts_no_class_is_one_at_which_no_debt_can_be_sized() -> None:
    """Sized anew without any rent: the point is null, and the request is answered."""
    deal = copy.deepcopy(document("pool-of-three"))
    deal["sizing"]["tests"] = [{"kind": "max_ltv", "limit": 0.5}]
    for note in deal["structure"]["classes"]:
        note |= {"schedule": {"kind": "sculpted", "dscr": 1.5}, "limits": []}
    x, y = {"adjustment": "rent_haircut", "values": [0.0, 1.0]}, {"adjustment": "rate_add", "values": [0.0]}
    last = deal["structure"]["classes"][-1]["name"]
    (row,) = ask(deal, resize=True, grids=[{"x": x, "y": y, "measure": f"loss:{last}"}]).grids[0].values
    assert row[0] is not None
    assert row[1] is None


def test_written_amounts_of_a_note_drawn_in_part_are_due_as_written() -> None:
    """2 million a month of 10 drawn under a commitment of 50: nothing is left after five months."""
    deal = copy.deepcopy(document("pool-of-three"))
    note, structure = deal["structure"]["classes"][0], deal["structure"]
    note |= {"vfn": {"commitment": 5e7, "drawn": 1e7, "commitment_fee": 0.005}, "limits": []}
    note["schedule"] = {"kind": "amounts", "amounts": [2e6] * 24}
    structure |= {"case": "issuer", "triggers": {"service": "actual", "cure_periods": 1}}
    _, _, paid = ready(deal)
    assert paid.run.balance[0, 0, :6].tolist() == pytest.approx([8e6, 6e6, 4e6, 2e6, 0.0, 0.0])


def test_a_value_of_nothing_is_named_where_it_is_lent_on_and_null_where_it_is_divided_by() -> None:
    """A hall let from its seventh month on only costs until then: its closing year is worth nothing."""
    deal = copy.deepcopy(document("hyperscale-single-tenant"))
    deal["cases"][0].pop("discount_rate")
    deal["facilities"] = deal["facilities"][:1]
    deal["facilities"][0]["leases"][0] |= {"commencement": "2026-06-01", "ramp": []}
    deal["sizing"] |= {"value": {"kind": "cap_rate", "cap_rate": 0.08}}
    deal["sizing"]["tests"] = [{"kind": "max_ltv", "limit": 0.5}]
    with pytest.raises(CannotFinance, match=r"max_ltv allows no debt: value is 0\.00"):
        ready(deal)
    deal["sizing"]["tests"] = [{"kind": "min_dscr", "limit": 1.5, "basis": "stabilised"}]
    for note in deal["structure"]["classes"]:
        note["limits"] = []
    answer = underwrite(decoded(deal), RULESET, id="x")
    assert (answer.summary.value, answer.summary.ltv) == (0.0, None)
    assert [
        row.value for row in answer.coverage if row.measure == "ltv" and row.case == deal["sizing"]["case"]
    ] == [None]
    for tranche in answer.tranches:
        places = tranche.ltv, tranche.credit_enhancement, tranche.attachment.value, tranche.detachment.value
        assert places == (None, None, None, None)
        assert tranche.supports is None


def scaled(deal: Plain, factor: float) -> Plain:
    """The same deal in another unit of account: every amount of money, whatever it is per."""
    if isinstance(deal, list):
        return [scaled(part, factor) for part in deal]
    if not isinstance(deal, dict):
        return deal
    return {
        name: times(part, factor) if name in MONEY else scaled(part, factor) for name, part in deal.items()
    }


def in_units(factor: float) -> Ruleset:
    """The house's defaults in another unit of account."""
    cases = {
        name: replace(
            case, capex_reserve_floor=case.capex_reserve_floor and case.capex_reserve_floor * factor
        )
        for name, case in RULESET.cases.items()
    }
    return replace(RULESET, cases=cases)


def times(amount: Plain, factor: float) -> Plain:
    """An amount, or a curve of amounts, in another unit."""
    if isinstance(amount, list):
        return [[day, value * factor] for day, value in amount]
    return amount if amount is None else amount * factor


@settings(max_examples=12)
@given(st.sampled_from(["pool-of-three", "uk-two-hyperscalers", "gpu-compute-loan"]), st.integers(-19, 11))
def test_the_unit_of_account_changes_no_break_even(name: str, power: int) -> None:
    """A deal of a few hundred, of some 1e12: the same shares. The house's floor per kW is money too.

    Powers of two, so that a principal that is whole denominations in one unit is so in the other.
    """
    deal = losing(name)
    deal["structure"]["denomination"] = 1e4
    whole, other_unit = (
        break_evens(*ready(scaled(deal, factor), in_units(factor))) for factor in (1.0, 2.0**power)
    )
    for (target, found), (_, other) in zip(whole, other_unit, strict=True):
        assert found.status == other.status, target
        assert found.value == pytest.approx(other.value, abs=2e-8), target


def test_the_unit_of_account_changes_no_count_of_a_simulation() -> None:
    """In units 2**20 as large a path is the same to the last bit, and so is what counts as missed or lost."""
    deal = stormy_roll(document("colocation-multi-tenant"))
    deal["structure"] |= {"denomination": 2.0**14, "case": "issuer"}
    deal["sizing"] |= {"case": "issuer", "tests": [{"kind": "max_ltv", "limit": 0.75}]}
    for note in deal["structure"]["classes"]:
        note["case"] = "issuer"
    one, other = (ran(kernel, path_of(scaled(deal, factor)), 0, 400)[0] for factor in (1.0, 2.0**-20))
    assert one.losses[:, :, 0].any(axis=1).all()
    assert one.losses.tolist() == other.losses.tolist()
    assert one.flags.tolist() == other.flags.tolist()


def answers(seed: int) -> tuple[Collateral, Sized, Paid] | None:
    """Any deal with a structure, sized and paid; None where it is refused."""
    deal = any_deal([document(name) for name in EXAMPLE_DEALS], seed)
    if deal.get("structure") is None:
        return None
    try:
        return ready(deal)
    except (CannotFinance, Invalid, Unsupported):
        return None


def test_any_deals_triggers_trip_at_their_break_evens_and_its_classes_lose_there() -> None:
    """Just short of each nothing fails, just past it the flag is on in some period or the class is unpaid."""
    solved = {"trap": 0, "pik": 0, "first_loss": 0}
    for seed in range(80):
        found = answers(seed)
        if found is None:
            continue
        priced, sized, paid = found
        for target, failure in break_evens(priced, sized, paid):
            kind = target.trigger or ("first_loss" if target.first_loss else "")
            if failure.status != "solved" or kind not in solved:
                continue
            near = np.array([failure.value - NEAR, failure.value + NEAR])
            assert fails(paid, kind, target, near) == [False, True], (seed, target)
            solved[kind] += 1
    assert min(solved.values()) > 5, solved


def fails(paid: Paid, kind: str, target: Any, haircuts: Any) -> list[bool]:
    """Whether a run at each haircut trips a trigger, or leaves a class unpaid."""
    run = distribute(paid.terms, paid.line.by(haircuts))
    if kind == "first_loss":
        k = [note.name for note in paid.structure.classes].index(target.first_loss)
        unpaid = np.maximum(run.principal_loss[:, k], run.interest_unpaid[:, k, -1])
        return (unpaid > 1e-10 * paid.capital.issued).tolist()
    return {"trap": run.trapping, "pik": run.pik}[kind].any(axis=1).tolist()


def test_any_deals_coupons_are_as_contracted_whatever_its_cases_add() -> None:
    """The index at closing and the class's own floor and cap: the same with and without what a case adds."""
    added = 0
    for seed in range(60):
        deal = any_deal([document(name) for name in EXAMPLE_DEALS], seed)
        plain = copy.deepcopy(deal)
        for case in plain.get("cases", []):
            case.pop("rate_add", None)
        stressed = copy.deepcopy(plain)
        for case in stressed.get("cases", []):
            case["rate_add"] = 0.013
        told = [coupons(each) for each in (plain, stressed)]
        if None not in told:
            assert told[0] == told[1], seed
            added += 1
    assert added > 20


def coupons(deal: Plain) -> list[float] | None:
    """What each class is said to bear; None where the deal is refused."""
    try:
        answer: Underwriting = underwrite(decoded(deal), RULESET, id="x")
    except (CannotFinance, Invalid, Unsupported):
        return None
    return [tranche.coupon for tranche in answer.tranches]
