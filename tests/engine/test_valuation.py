"""Value: through which lens a case sees it, and what each lens reads."""

import numpy as np
import pytest
from tests.engine.deals import RULESET

from rackrate.deal.cases import Case
from rackrate.deal.sizing import Appraisal, CapRate, Npv, Value
from rackrate.engine.timeline import Floats
from rackrate.engine.valuation import Estate, Lens, exit_value, horizon, lens, under, value, worths

FREEHOLD = 1_000_000
NPV = Npv(discount_rate=0.09, months=60, terminal_cap_rate=0.08)


def estate(ncf: Floats, closing: float = 100.0, expiry: int = FREEHOLD, appraisal: float = 5000.0) -> Estate:
    """One hall: so much a month, and so much in each month at closing."""
    ends = np.array([expiry], dtype=np.int64)
    return Estate(np.array([appraisal]), ends, np.full((1, 12), closing), ncf[None])


@pytest.mark.parametrize(
    ("own", "adjustments", "expected"),
    [
        (Appraisal(), {}, Lens("appraisal")),
        (Appraisal(), {"cap_rate": 0.07}, Lens("cap_rate", cap=0.07)),
        (Appraisal(), {"discount_rate": 0.1}, Lens("npv", cap=0.08, rate=0.1, months=120)),
        (Appraisal(), {"discount_rate": 0.1, "cap_rate": 0.07}, Lens("npv", cap=0.07, rate=0.1, months=120)),
        (CapRate(cap_rate=0.06), {}, Lens("cap_rate", cap=0.06)),
        (CapRate(cap_rate=0.06), {"cap_rate": 0.07}, Lens("cap_rate", cap=0.07)),
        (CapRate(cap_rate=0.06), {"discount_rate": 0.1}, Lens("npv", cap=0.06, rate=0.1, months=120)),
        (NPV, {}, Lens("npv", cap=0.08, rate=0.09, months=60)),
        (NPV, {"cap_rate": 0.07}, Lens("npv", cap=0.07, rate=0.09, months=60)),
        (NPV, {"discount_rate": 0.1}, Lens("npv", cap=0.08, rate=0.1, months=60)),
    ],
)
def test_a_cases_rates_win_over_the_deals(own: Value, adjustments: dict[str, float], expected: Lens) -> None:
    """An appraisal has no cap of its own: a discount rate then takes the ruleset's 8%."""
    assert lens(own, Case(name="x", **adjustments), RULESET) == expected


def test_a_cap_rate_reads_the_figures_at_closing_and_later_those_of_the_months_to_come() -> None:
    """1,200 at closing over 8% is 15,000; from month 12 on 200 a month is earned: 30,000."""
    hall = estate(np.repeat([150.0, 200.0], 12))
    found = worths(Lens("cap_rate", cap=0.08), hall, np.array([0, 12]))
    assert found[0].tolist() == pytest.approx([15_000.0, 30_000.0])


def test_a_present_value_discounts_at_month_ends_and_capitalises_the_year_after() -> None:
    """21% a year: 121 in a year's time is worth 100, and 10% on 12.1 in the year after it 100 more."""
    flows = np.zeros(24)
    flows[11], flows[12] = 121.0, 12.1
    found = value(Lens("npv", cap=0.1, rate=0.21, months=12), estate(flows))
    assert found == pytest.approx(100.0 + 100.0)


def test_a_leasehold_is_worth_the_years_it_has_left() -> None:
    """Two years left at 10%: 1 - 1/1.21 of 12,000; at its end nothing, and the appraisal with it."""
    hall = estate(np.full(48, 100.0), expiry=24)
    cap = Lens("cap_rate", cap=0.1)
    worth = 12_000.0 * (1.0 - 1.0 / 1.21)
    assert worths(cap, hall, np.array([0, 24]))[0].tolist() == pytest.approx([worth, 0.0])
    assert worths(Lens("appraisal"), hall, np.array([0, 23, 24]))[0].tolist() == [5000.0, 5000.0, 0.0]
    assert exit_value(hall, 0.1, 12, 0) == pytest.approx(12_000.0 * (1.0 - 1.0 / 1.1))


def test_a_haircut_cuts_each_halls_positive_months_only() -> None:
    """Halls of +100 and -40 a month at 10%: 7,200; half of the positive months gone 1,200."""
    ends = np.array([FREEHOLD, FREEHOLD], dtype=np.int64)
    months = np.stack([np.full(12, 100.0), np.full(12, -40.0)])
    both = Estate(np.array([5000.0, 1000.0]), ends, months, months)
    closing = np.zeros(1, dtype=np.int64)
    found = under(worths(Lens("cap_rate", cap=0.1), both, closing), np.array([0.0, 0.5]))
    assert found[:, 0].tolist() == pytest.approx([7200.0, 1200.0])
    appraised = under(worths(Lens("appraisal"), both, closing), np.array([0.0, 0.25]))
    assert appraised[:, 0].tolist() == [6000.0, 4500.0]


def test_a_value_is_never_below_nothing() -> None:
    assert value(Lens("cap_rate", cap=0.1), estate(np.full(12, -1.0), closing=-1.0)) == 0.0


@pytest.mark.parametrize(
    ("view", "months"),
    [(Lens("appraisal"), 0), (Lens("cap_rate", cap=0.1), 12), (Lens("npv", months=60), 72)],
)
def test_a_lens_reads_so_many_months(view: Lens, months: int) -> None:
    assert horizon(view) == months
