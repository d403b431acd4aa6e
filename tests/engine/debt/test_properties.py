"""What must hold of any loan, whatever its terms: drawn at random, held to each rule by itself."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from tests.builders import loans
from tests.builders.loans import debt, flows

from rackrate.deal.debt import FloatingRate, InterestOnly, Level, Sculpted, TargetBalance
from rackrate.deal.errors import Refusal
from rackrate.deal.sizing_tests import EquipmentTest, MaxLtv, MinDscr
from rackrate.engine.debt.coverage import coverage
from rackrate.engine.debt.interest_rates import annual_rate
from rackrate.engine.debt.sizing import size
from rackrate.engine.debt.terms import EquipmentCollateral

UNHELD = MaxLtv(limit=50.0)  # of 150: far above whatever else limits the loan
EXACT = 1.0 + 1e-9


@st.composite
def terms(draw, kinds=("interest_only", "level", "sculpted", "target")):
    """Terms of up to five years; level debt may repay itself before maturity, at it, or never."""
    term = draw(st.integers(1, 60))
    shares = sorted(draw(st.lists(st.floats(0.0, 1.0), min_size=term, max_size=term)), reverse=True)
    kind = draw(st.sampled_from(kinds))
    amortisation = {
        "interest_only": InterestOnly(),
        "level": Level(months=draw(st.sampled_from([term, 12, 40, 360]))),
        "sculpted": Sculpted(dscr=draw(st.floats(1.0, 2.5))),
        "target": TargetBalance(curve=1.0),
    }[kind]
    return debt(
        amortisation,
        term=term,
        interest_only=draw(st.integers(0, term)),
        balloon=draw(st.sampled_from([0.0, 0.3, 1.0])) if kind == "sculpted" else 0.0,
        target=np.array(shares),
        accrual=draw(st.sampled_from([1.0 / 12.0, 31.0 / 360.0])),
    )


@st.composite
def cases(draw, term):
    """A case of the debt: lean months, rates that move and vanish, contracts that end at any time."""
    elements = st.floats(0.1, 2.0) | st.just(0.4)
    cash = draw(arrays.arrays(np.float64, loans.MONTHS, elements=elements))
    rate = draw(st.sampled_from([0.0, 0.06, 0.11]))
    end = draw(st.integers(0, loans.MONTHS))
    falling = np.sort(draw(arrays.arrays(np.float64, term + 1, elements=st.floats(0.0, 90.0))))[::-1]
    equipment = EquipmentCollateral(
        np.where(np.arange(loans.MONTHS) < end, cash, 0.0), falling.copy(), 1.1 * falling
    )
    moved = np.where(
        np.arange(loans.MONTHS) < draw(st.integers(0, 60)), rate, draw(st.sampled_from([0.0, 0.08]))
    )
    return flows(cash, rate=moved, last_contract_end=end, collateral=equipment, maturity=term)


def sized(loan_terms, tests, case):
    """The loan, where any is allowed."""
    try:
        return size(loans.loan(loan_terms, tests, case))
    except Refusal:
        assume(False)
        raise


def rolling(found, numerator):
    """Cover of every year that counts, in plain Python: debt is outstanding before its last payment."""
    schedule, term = found.schedule, found.loan.terms.term
    service = (found.principal * schedule.service).tolist()
    return [
        sum(numerator[i : i + 12]) / sum(service[i : i + 12])
        for i in range(term - 11)
        if schedule.balance[i + 11] > 1e-9 and sum(service[i : i + 12]) > 1e-9 * found.principal
    ]


@settings(max_examples=100)
@given(data=st.data())
def test_sculpted_debt_never_has_less_cover_than_it_was_sculpted_at(data):
    sculpt = data.draw(terms(["sculpted"]))
    case = data.draw(cases(sculpt.term))
    extra = data.draw(st.sampled_from([[], [EquipmentTest(advance_rate=0.8)], [EquipmentTest(dscr=1.2)]]))
    found = sized(sculpt, [UNHELD, *extra], case)
    service = found.principal * found.schedule.service
    assert (service * sculpt.amortisation.dscr <= case.ncf[: sculpt.term] * EXACT + 1e-9).all()
    assert (np.diff(found.schedule.balance) <= 0.0).all()
    assert found.schedule.balloon <= sculpt.balloon * EXACT


@settings(max_examples=100)
@given(data=st.data())
def test_equipment_backs_what_is_outstanding_from_closing_to_maturity_the_balloon_included(data):
    loan_terms = data.draw(terms())
    case = data.draw(cases(loan_terms.term))
    dscr, advance = data.draw(st.sampled_from([(1.3, None), (None, 0.7), (1.3, 0.7), (1.0, 3.0)]))
    found = sized(loan_terms, [UNHELD, EquipmentTest(dscr=dscr, advance_rate=advance)], case)
    owed = np.where(found.schedule.balance > 1e-9, found.principal * found.schedule.balance, 0.0)
    assert (owed <= case.collateral.book * EXACT + 1e-9).all()
    for k, balance in enumerate(owed):
        if dscr is not None:
            discount = np.cumprod(1.0 / (1.0 + (case.rate * loan_terms.accrual)[k:]))
            assert dscr * balance <= (case.collateral.contracted[k:] * discount).sum() * EXACT + 1e-9
        if advance is not None:
            assert balance <= advance * case.collateral.residual[k] * EXACT + 1e-9


@settings(max_examples=100)
@given(data=st.data())
def test_rolling_cover_is_that_of_every_year_that_ends_while_debt_is_outstanding(data):
    loan_terms = data.draw(terms())
    case = data.draw(cases(loan_terms.term))
    found = sized(loan_terms, [MaxLtv(limit=0.1), EquipmentTest(advance_rate=5.0)], case)
    label = {(row.measure, row.numerator, row.denominator, row.basis): row.value for row in coverage(found)}
    for numerator, values in (("ncf", case.ncf.tolist()), ("noi", case.noi.tolist())):
        covers = rolling(found, values)
        got = [label["dscr", numerator, "actual", basis] for basis in ("minimum", "average")]
        if covers:
            assert got == pytest.approx([min(covers), sum(covers) / len(covers)], rel=1e-9)
        else:
            assert got == [None, None]


@settings(max_examples=100)
@given(data=st.data(), limit=st.floats(0.5, 3.0), basis=st.sampled_from(["minimum", "average"]))
def test_a_loan_sized_on_rolling_cover_has_exactly_that_cover(data, limit, basis):
    loan_terms = data.draw(terms(["interest_only", "level", "target"]))
    case = data.draw(cases(loan_terms.term))
    found = sized(loan_terms, [MinDscr(limit=limit, basis=basis)], case)
    covers = rolling(found, case.ncf.tolist())
    assert limit == pytest.approx(min(covers) if basis == "minimum" else sum(covers) / len(covers), rel=1e-9)


@given(
    rate=st.floats(0.0, 1.0)
    | st.builds(FloatingRate, margin=st.floats(-0.5, 1.0), floor=st.none() | st.just(-0.1)),
    base=arrays.arrays(np.float64, 4, elements=st.floats(-0.5, 1.0)),
    add=st.floats(-0.5, 1.0),
)
def test_no_rate_is_below_zero_nor_moved_where_it_is_not(rate, base, add):
    found = annual_rate(rate, base, add)
    assert (found >= 0.0).all()
    margin = rate.margin if isinstance(rate, FloatingRate) else rate
    index = np.maximum(base + add, -0.1 if rate.floor else -np.inf) if isinstance(rate, FloatingRate) else add
    bare = index + margin + np.zeros(4)
    assert found == pytest.approx(np.where(bare > 0.0, bare, 0.0), abs=1e-15)
