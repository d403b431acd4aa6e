"""The waterfall by hand, clause by clause: one body for the kernel and its twin. Periods are years mostly."""

import numpy as np
import pytest
from tests.kernel.waterfalls import NONE, TRUST, Plan, pay, stress

import rackrate.kernel as compiled
from rackrate.kernel import records
from rackrate.kernel.builds import builds
from rackrate.kernel.reference import waterfall as reference
from rackrate.kernel.reference.payments.audit import audit

BUILDS = builds("waterfall")
BOTH = pytest.mark.parametrize("kernel", [compiled, reference], ids=["compiled", "reference"])
AMPLE = 1000.0


def sold(values, positive):
    """Two values without a terminal part, and their positive parts."""
    return [values, positive, [0.0, 0.0], [0.0, 0.0]]


def listed(rows):
    return np.round(rows, 9).tolist()


@BOTH
def test_four_years_of_deferral_draws_trapping_and_a_sale_by_hand(kernel):
    """A 100 at 10%, B 50 at 20% deferrable, fee 5, reserve of six months' coupon: (10 + 10) / 2 = 10.

    Year 1: 40 - 5 - 10 - 10 leaves 15 to equity. Cover 40 / 20 = 2.
    Year 2: 22 - 5 - 10 leaves 7 for B's 10: the reserve gives 3 and keeps 7. Cover 1.1.
    Year 3: below 1.5 traps, below 1.2 defers: B's 10 is added to 50. 35 - 5 - 10 leaves 20, 3 to the reserve,
    17 trapped. Cover 35 / 20 = 1.75 cures both.
    Year 4: 40 + 17 from the trap - 5 - 10 - 60 * 0.2 = 30; the target is (10 + 12) / 2 = 11, so 1 to the
    reserve and 29 to equity. Sale 150 + reserve 11 pays 100 and 60 and leaves 1.
    """
    plan = Plan(
        [(0, 100.0, NONE), (1, 50.0, NONE)],
        [0.1, 0.2],
        4,
        fees=[(1, -1, 5.0, 0.0, np.inf)],
        liquidity_months=6.0,
        trap_below=1.5,
        pik_below=1.2,
    )
    paid = pay(kernel, plan, [40.0, 22.0, 35.0, 40.0], sale=150.0)
    assert listed(paid.equity[0]) == [15.0, 0.0, 0.0, 30.0]
    assert listed(paid.reserve[0]) == [10.0, 7.0, 10.0, 0.0]
    assert listed(paid.trap[0]) == [0.0, 0.0, 17.0, 0.0]
    assert listed(paid.dscr_actual[0]) == [2.0, 1.1, 1.75, round(40.0 / 22.0, 9)]
    assert paid.trapping[0].tolist() == paid.pik[0].tolist() == [0.0, 0.0, 1.0, 0.0]
    assert listed(paid.interest_paid[0]) == [[10.0] * 4, [10.0, 10.0, 0.0, 12.0]]
    assert listed(paid.capitalised[0]) == [[0.0] * 4, [0.0, 0.0, 10.0, 0.0]]
    assert listed(paid.balance[0]) == [[100.0, 100.0, 100.0, 0.0], [50.0, 50.0, 60.0, 0.0]]
    assert paid.sale[0] == 150.0


@pytest.mark.parametrize("isa", BUILDS)
def test_every_build_gives_the_same_bits(isa):
    """Random cash through two classes with every trigger: each build against the baseline."""
    cash = np.random.default_rng(7).normal(22.0, 9.0, (131, 24))
    plan = Plan(
        [(0, 100.0, 0.6), (1, 50.0, NONE)],
        [0.1, 0.2],
        24,
        ard=9,
        liquidity_months=6.0,
        additional_rate=0.05,
        schedule=np.linspace([0.98, 0.9], [0.5, 0.0], 24).T,
        own={1},
        trap_below=1.5,
        amortise_below=1.2,
        pik_below=1.1,
        constant=0.12,
    )
    given = {"sale": 150.0, "takeout": 90.0, "value": np.full(cash.shape, 200.0)}
    built, baseline = (pay(module, plan, cash, **given) for module in (BUILDS[isa], BUILDS["baseline"]))
    for name, row in vars(baseline).items():
        assert row.tobytes() == getattr(built, name).tobytes(), name


@BOTH
def test_a_haircut_is_taken_of_what_is_positive_and_its_end_is_kept_by_hand(kernel):
    """100 at 10%; cash 20, 14 - 2 and 10, halved 10, 7 - 2 and 5; the lesser sale 100, halved 50.

    Whole: covers 2.0, 1.2 and, never tested, 1.0; nothing is unpaid. Halved: covers 1.0, 0.5; of 10 due 5 is
    paid, of 10 + 5 * 1.1 = 15.5 again 5; 50 of the sale pays 10.5 of interest and 39.5 of principal.
    """
    plan = Plan([(0, 100.0, NONE)], [0.1], 3)
    cash = [[20.0, 12.0, 10.0], [20.0, 12.0, 10.0], [20.0, 14.0, 10.0]]
    found = stress(kernel, plan, [0.0, 0.5], cash, [[], [], []], sold([100.0, 1e3], [100.0, 0.0]))
    assert listed(found.least) == [[1.2, np.inf], [0.5, np.inf]]
    assert listed(found.unpaid) == [[[0.0], [0.0]], [[0.0], [60.5]]]


@BOTH
def test_haircuts_that_refinance_rest_and_end_as_they_do_when_every_period_is_paid(kernel):
    """Two legs at the ARD: 130 less 200 a haircut from cash, never below 0 from value; 105 to refinance."""
    plan = Plan([(0, 100.0, NONE)], [0.05], 6, ard=2, fees=[(1, -1, 1.0, 0.0, 0.5)], trap_below=1.2)
    cash = np.full((3, 6), 9.0)
    haircuts = np.linspace(0.0, 1.0, 41)
    takeout = [[130.0, 400.0], [200.0, 500.0], [-np.inf, 0.0]]
    found = stress(kernel, plan, haircuts, cash, takeout, sold([90.0, 95.0], [90.0, 60.0]))
    supported = np.minimum(130.0 - 200.0 * haircuts, np.maximum(400.0 - 500.0 * haircuts, 0.0))
    sale = np.minimum(90.0 - 90.0 * haircuts, 95.0 - 60.0 * haircuts)
    paid = pay(kernel, plan, 9.0 - haircuts[:, None] * np.full(6, 9.0), takeout=supported, sale=sale)
    assert 0 < np.count_nonzero(paid.ard_proceeds) < 41
    assert found.events[:, :2].tolist() == np.stack([paid.ard_balance, paid.ard_proceeds], axis=1).tolist()
    assert found.unpaid[:, 1].tolist() == paid.balance[:, :, -1].tolist()
    assert found.unpaid[:, 0].tolist() == paid.interest_unpaid[:, :, -1].tolist()
    tested = paid.balance[:, :, :-1].sum(axis=1) > 0.0
    least = np.fmin.reduce(paid.dscr_actual[:, :-1], axis=1, initial=np.inf, where=tested)
    assert found.least[:, 0].tolist() == least.tolist()


@BOTH
def test_a_value_under_a_haircut_has_two_parts_neither_of_them_below_zero(kernel):
    """A sale of 50 - 40h and then 30 - 60h: 80 whole, 30 at a half, where 30 - 30 ends; 10 with 40 less."""
    plan = Plan([(0, 100.0, NONE)], [0.0], 1)
    sale = [[50.0, 1e3], [40.0, 0.0], [30.0, 0.0], [60.0, 0.0]]
    found = stress(kernel, plan, [0.0, 0.5, 1.0], np.zeros((3, 1)), [[], [], []], sale)
    assert listed(found.unpaid[:, 1, 0]) == [20.0, 70.0, 90.0]
    desert = [[50.0, 1e3], [40.0, 0.0], [-30.0, 0.0], [0.0, 0.0]]
    assert listed(stress(kernel, plan, [0.0], np.zeros((3, 1)), [[], [], []], desert).unpaid[0, 1]) == [50.0]


@BOTH
def test_an_ltv_trigger_looks_at_a_value_whose_terminal_part_is_nothing_at_least(kernel):
    """A value of 120 and -50 is 120: 100 is within 0.9 of it; at a haircut of 0.2 it is 96, and beyond."""
    plan = Plan([(0, 100.0, 0.9)], [0.0], 2)
    cash = [[0.0, 30.0], [0.0, 30.0], [0.0, 0.0]]
    value = [[np.inf, 120.0], [0.0, 120.0], [0.0, -50.0], [0.0, 0.0]]
    found = stress(kernel, plan, [0.0, 0.2], cash, [[], [], []], sold([0.0, 0.0], [0.0, 0.0]), value)
    assert listed(found.unpaid[:, 1, 0]) == [100.0, 70.0]


@BOTH
def test_the_cover_of_a_period_after_which_nothing_is_owed_trips_nothing(kernel):
    """Covers 3, then 0.5 in the year that refinances, or that repays the last 10 of the schedule."""
    cash = [[15.0, 2.5, 9.0], [15.0, 2.5, 9.0], [0.0, 0.0, 0.0]]
    refinanced = Plan([(0, 100.0, NONE)], [0.05], 3, ard=2)
    found = stress(kernel, refinanced, [0.0], cash, [[200.0], [0.0], [0.0]], sold([0.0, 0.0], [0.0, 0.0]))
    assert listed(found.least[0]) == [3.0, np.inf]
    refused = stress(kernel, refinanced, [0.0], cash, [[50.0], [0.0], [0.0]], sold([0.0, 0.0], [0.0, 0.0]))
    assert listed(refused.least[0]) == [0.5, np.inf]
    repaid = Plan([(0, 20.0, NONE)], [0.0], 3, schedule=[[0.5, 0.0, 0.0]])
    cash = [[30.0, 10.0, 9.0], [30.0, 5.0, 9.0], [0.0, 0.0, 0.0]]
    found = stress(kernel, repaid, [0.0], cash, [[], [], []], sold([0.0, 0.0], [0.0, 0.0]))
    assert listed(found.least[0]) == [3.0, np.inf]


@BOTH
def test_nothing_is_trapped_in_the_period_that_repays_the_last_class(kernel):
    """Of year 2 3 are trapped; year 3 repays all, and its 4 go to the fees that waited and to equity.

    What was trapped before is released at the top of year 4.
    """
    plan = Plan(
        [(0, 30.0, NONE)],
        [0.0],
        4,
        schedule=[[2.0 / 3.0, 1.0 / 3.0, 0.0, 0.0]],
        fees=[(0, -1, 0.5, 0.0, np.inf)],
        trap_below=2.0,
    )
    paid = pay(kernel, plan, [11.0, 13.0, 14.0, 0.0])
    assert paid.trapping[0].tolist() == [0.0, 1.0, 1.0, 0.0]
    assert listed(paid.trap[0]) == [0.0, 3.0, 3.0, 0.0]
    assert listed(paid.uncapped_fees[0]) == [0.5, 0.0, 1.0, 0.0]
    assert listed(paid.equity[0]) == [0.5, 0.0, 3.0, 3.0]


@BOTH
def test_cash_is_still_trapped_for_interest_that_a_repaid_class_is_owed(kernel):
    """B's 10 are repaid and its interest of 1 was skipped: 4 are trapped, and pay it 1.1 in the next year."""
    steps = [
        ("interest", {"when": "not_pik"}),
        "scheduled_principal",
        ("trap", {"when": "trapping"}),
        "equity",
    ]
    plan = Plan(
        [(0, 10.0, NONE)], [0.1], 3, schedule=[[1.0, 0.0, 0.0]], steps=steps, trap_below=9.0, pik_below=9.0
    )
    paid = pay(kernel, plan, [1.0, 14.0, 0.0])
    assert listed(paid.interest_unpaid[0, 0]) == [0.0, 1.0, 0.0]
    assert listed(paid.trap[0]) == [0.0, 4.0, 0.0]
    assert listed(paid.interest_paid[0, 0]) == [1.0, 0.0, 1.1]
    assert listed(paid.equity[0]) == [0.0, 0.0, 2.9]


@BOTH
def test_a_failed_ard_turbos_and_leaves_the_junior_class_its_loss_by_hand(kernel):
    """A 100 and B 50 at 10%, 5% additional after year 2, when 120 could be refinanced and 150 is owed.

    Years 1 and 2: 25 - 15 leaves 10 to equity. Year 3: 35 - 15 = 20 to A. Year 4: 33 - 8 - 5 = 20 to A.
    Sale 100: A's 60, then 40 of B's 50. Additional interest 5 + 4 and 2.5 + 2.5 is never reached.
    """
    plan = Plan([(0, 100.0, NONE), (0, 50.0, NONE)], [0.1, 0.1], 4, ard=2, additional_rate=0.05)
    paid = pay(kernel, plan, [25.0, 25.0, 35.0, 33.0], takeout=120.0, sale=100.0)
    assert listed(paid.equity[0]) == [10.0, 10.0, 0.0, 0.0]
    assert listed(paid.principal_paid[0]) == [[0.0, 0.0, 20.0, 80.0], [0.0, 0.0, 0.0, 40.0]]
    assert listed(paid.balance[0, :, -1]) == [0.0, 10.0]
    assert listed(paid.additional_paid[0]) == [[0.0] * 4] * 2
    assert paid.amortising[0].tolist() == [0.0, 0.0, 1.0, 1.0]
    assert (paid.ard_balance[0], paid.ard_proceeds[0], paid.sale[0]) == (150.0, 0.0, 100.0)


@BOTH
def test_additional_interest_is_simple_deferred_and_paid_after_every_principal(kernel):
    """100 at 10%, additional 5% on 100, then on 80: 9 due; a sale of 100 pays 80, 9, and 11 to equity."""
    plan = Plan([(0, 100.0, NONE)], [0.1], 3, ard=1, additional_rate=0.05)
    paid = pay(kernel, plan, [10.0, 30.0, 8.0], sale=100.0)
    assert listed(paid.additional_paid[0, 0]) == [0.0, 0.0, 9.0]
    assert listed(paid.balance[0, 0]) == [100.0, 80.0, 0.0]
    assert listed(paid.equity[0]) == [0.0, 0.0, 11.0]


@BOTH
def test_refinancing_repays_balances_and_unpaid_interest_and_frees_the_reserve(kernel):
    """100 at 10%, reserve 5. Year 1: 3 + 5 pays 8 of 10. Year 2: 10 + 2 * 1.1 due, 4 paid, so 108.2 is owed.

    Year 3 onwards nothing is left to report, whatever comes in.
    """
    plan = Plan([(0, 100.0, NONE)], [0.1], 4, ard=2, liquidity_months=6.0, trap_below=2.0)
    refinanced = pay(kernel, plan, [3.0, 4.0, 9.0, 9.0], takeout=108.2 + 1e-9)
    refused = pay(kernel, plan, [3.0, 4.0, 9.0, 9.0], takeout=108.2 - 1e-9)
    assert listed(refinanced.interest_due[0, 0]) == [10.0, 12.2, 0.0, 0.0]
    assert listed(refinanced.interest_paid[0, 0]) == [8.0, 12.2, 0.0, 0.0]
    assert listed(refinanced.balance[0, 0]) == [100.0, 0.0, 0.0, 0.0]
    assert listed(refinanced.available[0]) == [3.0, 4.0, 0.0, 0.0]
    assert listed(refinanced.equity[0]) == [0.0] * 4
    assert np.isnan(refinanced.dscr_actual[0, 2:]).all()
    assert not refinanced.trapping[0, 2:].any()
    assert refinanced.ard_proceeds[0] == pytest.approx(108.2)
    assert (refused.ard_proceeds[0], refused.ard_balance[0]) == (0.0, pytest.approx(108.2))


@BOTH
def test_refinancing_sends_reserve_and_trap_to_equity(kernel):
    """Reserve 5 stays untouched; year 2 traps 15 - 10 = 5 because year 1 covered 10 of 10 only 1.2 times."""
    plan = Plan([(0, 100.0, NONE)], [0.1], 3, ard=2, liquidity_months=6.0, trap_below=1.3)
    paid = pay(kernel, plan, [12.0, 15.0, 15.0], takeout=np.inf)
    assert listed(paid.equity[0]) == [2.0, 10.0, 0.0]
    assert listed(paid.trap[0]) == [0.0, 0.0, 0.0]


@BOTH
def test_debt_repaid_before_the_ard_is_not_tested_there(kernel):
    plan = Plan([(0, 100.0, NONE)], [0.1], 3, ard=2, schedule=[[0.0, 0.0, 0.0]])
    paid = pay(kernel, plan, [120.0, 30.0, 30.0], takeout=np.inf)
    assert (paid.ard_balance[0], paid.ard_proceeds[0]) == (0.0, 0.0)
    assert listed(paid.equity[0]) == [10.0, 30.0, 30.0]


@BOTH
def test_an_ard_on_legal_final_goes_straight_to_the_sale(kernel):
    plan = Plan([(0, 100.0, NONE)], [0.1], 2, ard=2)
    paid = pay(kernel, plan, [10.0, 10.0], takeout=np.inf, sale=90.0)
    assert (paid.ard_balance[0], paid.sale[0], paid.balance[0, 0, -1]) == (0.0, 90.0, 10.0)


@BOTH
def test_nothing_is_sold_where_nothing_is_owed(kernel):
    plan = Plan([(0, 100.0, NONE)], [0.1], 2, schedule=[[0.0, 0.0]], liquidity_months=6.0)
    paid = pay(kernel, plan, [150.0, 10.0], sale=90.0)
    assert paid.sale[0] == 0.0
    assert listed(paid.equity[0]) == [40.0, 15.0]


@BOTH
def test_negative_cash_takes_reserve_then_trap_then_waits_without_interest(kernel):
    """Reserve 5, and 7 trapped in year 2. Year 3 brings -20: 5 and 7 go, 8 wait.

    Year 4: 30 - 8 - 10 - 10 * 1.1 = 1.
    """
    plan = Plan([(0, 100.0, NONE)], [0.1], 4, liquidity_months=6.0, reserve_initial=5.0, trap_below=1.9)
    paid = pay(kernel, plan, [18.0, 17.0, -20.0, 30.0], ncf=[18.0] * 4, sale=AMPLE)
    assert listed(paid.trap[0]) == [0.0, 7.0, 0.0, 0.0]
    assert listed(paid.reserve[0]) == [5.0, 5.0, 0.0, 0.0]
    assert listed(paid.interest_unpaid[0, 0]) == [0.0, 0.0, 10.0, 0.0]
    assert listed(paid.equity[0]) == [8.0, 0.0, 0.0, 1.0 + AMPLE - 100.0]


@BOTH
def test_fees_above_their_cap_wait_behind_principal_and_what_is_unpaid_carries(kernel):
    """Fee 6 capped at 4, and 3 not senior: 4 before interest, 5 behind.

    Year 1: 12 - 4 leaves 8 of 10 for interest.
    Year 2: 21 - 4 - 12.2 leaves 4.8 for 10 of waiting fees.
    Year 3: 2 of 4, and the other 2 carry to year 4.
    """
    fees = [(1, -1, 6.0, 0.0, 4.0), (0, -1, 3.0, 0.0, np.inf)]
    plan = Plan([(0, 100.0, NONE)], [0.1], 4, fees=fees)
    paid = pay(kernel, plan, [12.0, 21.0, 2.0, 60.0], ncf=[30.0] * 4, sale=AMPLE)
    assert listed(paid.fees[0]) == [4.0, 4.0, 2.0, 6.0]
    assert listed(paid.uncapped_fees[0]) == [0.0, 4.8, 0.0, 15.2]
    assert listed(paid.interest_due[0, 0]) == [10.0, 12.2, 10.0, 21.0]


@BOTH
def test_fees_stop_with_the_debt_and_a_commitment_fee_accrues_on_its_class(kernel):
    """Half a percent of 100 opening; 2 a year by the class's own year fraction of 1."""
    fees = [(1, -1, 0.0, 0.005, np.inf), (1, 0, 2.0, 0.0, np.inf)]
    plan = Plan([(0, 100.0, NONE)], [0.1], 3, fees=fees, schedule=[[1.0, 0.0, 0.0]])
    assert listed(pay(kernel, plan, [200.0] * 3).fees[0]) == [2.5, 2.5, 0.0]


@BOTH
def test_the_reserve_follows_its_target_down_a_period_later(kernel):
    """Half a year of 10% on 100, then on 60: 5, then 3; the 2 above last year's target are free in year 3."""
    plan = Plan([(0, 100.0, NONE)], [0.1], 4, liquidity_months=6.0, schedule=[[0.6, 0.6, 0.6, 0.6]])
    paid = pay(kernel, plan, [50.0, 6.0, 6.0, 6.0], sale=AMPLE)
    assert listed(paid.reserve[0]) == [5.0, 5.0, 3.0, 0.0]
    assert listed(paid.equity[0, :3]) == [0.0, 0.0, 2.0]


@BOTH
def test_a_reserve_funded_above_its_opening_target_comes_free_at_once(kernel):
    plan = Plan([(0, 100.0, NONE)], [0.1], 2, liquidity_months=6.0, reserve_initial=9.0)
    paid = pay(kernel, plan, [10.0, 10.0], sale=AMPLE)
    assert listed(paid.equity[0, :1]) == [4.0]


@BOTH
def test_scheduled_principal_carries_shortfalls_and_credits_prepayments(kernel):
    """80, 60, 40, 20 due. Year 1 pays 10 of 20; year 2 the missing 10 too; a sweep in year 3 pays 18 early.

    Year 4 owes only 40 - 18 - 20 = 2. Interest is nil, so that cash is principal.
    """
    plan = Plan(
        [(0, 100.0, NONE)], [0.0], 4, schedule=[[0.8, 0.6, 0.4, 0.2]], amortise_below=0.95, cure_periods=1
    )
    paid = pay(kernel, plan, [10.0, 30.0, 38.0, 50.0], ncf=[30.0, 10.0, 30.0, 30.0], sale=AMPLE)
    assert listed(paid.principal_paid[0, 0, :3]) == [10.0, 30.0, 38.0]
    assert listed(paid.balance[0, 0, :3]) == [90.0, 60.0, 22.0]
    assert listed(paid.equity[0]) == [0.0, 0.0, 0.0, 48.0 + AMPLE - 20.0]
    assert listed(paid.dscr_actual[0]) == [1.5, 0.5, 1.5, 1.5]


@BOTH
def test_nothing_is_scheduled_after_the_term(kernel):
    plan = Plan([(0, 100.0, NONE)], [0.0], 3, schedule=[[0.9, 0.8, 0.7]], term=2)
    paid = pay(kernel, plan, [10.0, 10.0, 10.0])
    assert listed(paid.balance[0, 0]) == [90.0, 80.0, 80.0]


@BOTH
def test_capitalised_interest_does_not_fall_due_by_schedule(kernel):
    """Year 2 defers 10, so 110 is outstanding against 100 + 10: nothing is due, and nothing is paid."""
    plan = Plan([(1, 100.0, NONE)], [0.1], 3, pik_below=9.0)
    paid = pay(kernel, plan, [10.0, 50.0, 50.0])
    assert listed(paid.balance[0, 0]) == [100.0, 110.0, 121.0]
    assert listed(paid.equity[0]) == [0.0, 50.0, 50.0]


@BOTH
def test_a_set_repays_its_seniors_first_and_pro_rata_shares_by_what_each_is_due(kernel):
    """Both classes are to fall by half: 50 + 20 = 70 due, 35 paid. In proportion 25 and 10."""
    notes, half = [(0, 100.0, NONE), (0, 40.0, NONE)], [[0.5], [0.5]]
    first = pay(kernel, Plan(notes, [0.0, 0.0], 1, schedule=half), [35.0])
    steps = [("scheduled_principal", {"order": "pro_rata"}), "equity"]
    shared = pay(kernel, Plan(notes, [0.0, 0.0], 1, schedule=half, steps=steps), [35.0])
    assert listed(first.principal_paid[0, :, 0]) == [35.0, 0.0]
    assert listed(shared.principal_paid[0, :, 0]) == [25.0, 10.0]


@BOTH
def test_pro_rata_interest_draws_for_all_and_shares_by_what_each_is_due(kernel):
    """10 + 5 due, 7 of cash and 2 in reserve: 9 / 15 of each is 6 and 3."""
    steps = [("interest", {"order": "pro_rata"}), "equity"]
    plan = Plan(
        [(0, 100.0, NONE), (0, 50.0, NONE)],
        [0.1, 0.1],
        1,
        steps=steps,
        reserve_initial=2.0,
        liquidity_months=6.0,
    )
    paid = pay(kernel, plan, [7.0])
    assert listed(paid.interest_paid[0, :, 0]) == [6.0, 3.0]
    assert listed(paid.interest_unpaid[0, :, 0]) == [4.0, 2.0]


@BOTH
def test_a_pro_rata_sweep_shares_by_balance(kernel):
    steps = ["interest", ("principal", {"order": "pro_rata", "when": "always"}), "equity"]
    plan = Plan([(0, 90.0, NONE), (0, 30.0, NONE)], [0.0, 0.0], 1, steps=steps)
    assert listed(pay(kernel, plan, [40.0]).principal_paid[0, :, 0]) == [30.0, 10.0]


@BOTH
def test_classes_are_paid_in_the_order_their_step_lists_them(kernel):
    steps = [("interest", {"classes": [1, 0]}), "equity"]
    plan = Plan([(0, 100.0, NONE), (0, 50.0, NONE)], [0.1, 0.1], 1, steps=steps)
    assert listed(pay(kernel, plan, [7.0]).interest_paid[0, :, 0]) == [2.0, 5.0]


@BOTH
def test_trapped_cash_joins_the_sweep_while_amortising(kernel):
    """Year 2 traps 14 - 10 = 4 (cover 1.2 of year 1).

    Year 3 amortises (0.9 of year 2): 13 - 10 + 4 = 7 to principal.
    """
    plan = Plan([(0, 100.0, NONE)], [0.1], 3, trap_below=1.3, amortise_below=1.0)
    paid = pay(kernel, plan, [14.0, 14.0, 13.0], ncf=[12.0, 9.0, 9.0], sale=AMPLE)
    assert listed(paid.trap[0]) == [0.0, 4.0, 0.0]
    assert listed(paid.principal_paid[0, 0, :2]) == [0.0, 0.0]
    assert listed(paid.balance[0, 0]) == [100.0, 100.0, 0.0]
    assert listed(paid.equity[0]) == [4.0, 0.0, AMPLE - 93.0]


@BOTH
def test_months_are_tested_on_three_of_them_and_cured_after_two_tests_in_a_row(kernel):
    """Interest 1 a month. Cover of three months: 2, 2, 1.5, 1.0, 1.5, 2.0, ... from month 3; below 1.8 traps.

    Month 5 has 1.5, so months 6 to 9 trap; months 8 and 9 have 2.0 and cure month 10.
    """
    cash = [2.0, 2.0, 2.0, 2.0, 0.5, 0.5, 2.0, 2.0, 2.0, 2.0, 2.0]
    plan = Plan([(0, 120.0, NONE)], [0.1], 11, period_months=1, trap_below=1.8, cure_periods=2)
    paid = pay(kernel, plan, cash, sale=AMPLE)
    assert np.isnan(paid.dscr_actual[0, :2]).all()
    assert listed(paid.dscr_actual[0, 2:9]) == [2.0, 2.0, 1.5, 1.0, 1.0, 1.5, 2.0]
    assert paid.trapping[0].tolist() == [0.0] * 5 + [1.0] * 5 + [0.0]


@BOTH
@pytest.mark.parametrize("months", [3, 6, 12])
def test_periods_of_three_months_or_longer_are_tested_alone(kernel, months):
    plan = Plan([(0, 100.0, NONE)], [0.1], 3, period_months=months, trap_below=1.5)
    interest = 10.0 * months / 12.0
    paid = pay(kernel, plan, [interest, 2.0 * interest, 2.0 * interest])
    assert listed(paid.dscr_actual[0]) == [1.0, 2.0, 2.0]
    assert paid.trapping[0].tolist() == [0.0, 1.0, 0.0]


@BOTH
def test_triggers_look_at_the_service_they_are_told_to(kernel):
    """NCF 12 covers interest 10 by 1.2 and a constant of 16% by 0.75."""
    plans = [
        Plan([(0, 100.0, NONE)], [0.1], 2, constant=0.16, trap_below=1.0, service=service)
        for service in (0, 1)
    ]
    actual, assumed = (pay(kernel, plan, [12.0, 12.0]) for plan in plans)
    assert listed(actual.dscr_assumed[0]) == [0.75, 0.75]
    assert (actual.trapping[0, 1], assumed.trapping[0, 1]) == (0.0, 1.0)


@BOTH
def test_planned_principal_in_the_cover_is_at_most_what_is_outstanding(kernel):
    """Planned 60 and 40; a sweep leaves 10 after year 1: service of year 2 is 10."""
    steps = ["interest", "scheduled_principal", ("principal", {"when": "always"}), "equity"]
    plan = Plan([(0, 100.0, NONE)], [0.0], 2, steps=steps, schedule=[[0.4, 0.0]])
    assert listed(pay(kernel, plan, [90.0, 20.0]).dscr_actual[0]) == [1.5, 2.0]


@BOTH
def test_an_ltv_trigger_amortises_its_own_class_alone_and_leaves_the_trap(kernel):
    """Debt down to B is 150 on a value of 200: above 0.7, strictly. A's 100 are not, at 0.5 of 0.5.

    Year 2 traps nothing: B takes the 5 left after interest; the 4 trapped in year 1 stay.
    """
    steps = [step if step != "trap" else ("trap", {"when": "always"}) for step in TRUST]
    plan = Plan([(0, 100.0, 0.5), (0, 50.0, 0.7)], [0.1, 0.1], 2, steps=steps, trap_below=9.0)
    paid = pay(kernel, plan, [19.0, 20.0], value=[np.inf, 200.0], sale=AMPLE)
    assert listed(paid.trap[0]) == [4.0, 0.0]
    assert paid.amortising[0].tolist() == [0.0, 0.0]
    assert listed(paid.principal_paid[0]) == [[0.0, 100.0], [0.0, 50.0]]
    assert listed(paid.equity[0]) == [0.0, AMPLE - 145.0 + 4.0]


@BOTH
def test_interest_left_out_by_its_condition_stays_due_with_interest_on_it(kernel):
    """B is not deferrable but paid only when not deferring: year 2 leaves 10 unpaid, year 3 owes 10 + 11."""
    steps = [("interest", {"classes": [0]}), ("interest", {"classes": [1], "when": "not_pik"}), "equity"]
    plan = Plan([(0, 100.0, NONE), (0, 100.0, NONE)], [0.1, 0.1], 3, steps=steps, pik_below=1.5)
    paid = pay(kernel, plan, [20.0, 40.0, 40.0])
    assert listed(paid.interest_unpaid[0, 1]) == [0.0, 10.0, 0.0]
    assert listed(paid.interest_paid[0, 1]) == [10.0, 0.0, 21.0]


@BOTH
def test_unpaid_interest_of_a_deferrable_class_is_capitalised_with_the_rest(kernel):
    """Year 1 pays 4 of 10; year 2 defers 10 + 6.6."""
    plan = Plan([(1, 100.0, NONE)], [0.1], 2, pik_below=1.0)
    paid = pay(kernel, plan, [4.0, 50.0])
    assert listed(paid.capitalised[0, 0]) == [0.0, 16.6]
    assert listed(paid.interest_unpaid[0, 0]) == [6.0, 0.0]


@BOTH
def test_the_last_cent_of_a_schedule_goes_with_the_rest(kernel):
    """1e8 and 0.1 sum to a double that is 1e-9 off: what rounding leaves of 0.1 is not a debt of its own."""
    plan = Plan([(0, 1e8, NONE), (0, 0.1, NONE)], [0.1, 0.1], 2, schedule=[[1e-16, 0.0], [0.0, 0.0]])
    paid = pay(kernel, plan, [2e8, 5.0])
    assert paid.balance[0, :, 0].tolist() == [0.0, 0.0]
    assert np.isnan(paid.dscr_actual[0, 1])


@BOTH
def test_the_audit_names_the_first_period_of_a_breach(kernel):
    cash = np.full((2, 3), 10.0)
    cash[0, 1] = np.nan
    paid = pay(kernel, Plan([(0, 100.0, NONE)], [0.1], 3), cash)
    assert paid.breach_period.tolist() == [1.0, -1.0]
    assert paid.breach_kind.tolist() == [records.BREACHES.index("cash"), 0.0]


@pytest.mark.parametrize(
    ("account", "breach"),
    [
        ("equity", "cash"),
        ("interest_due", "interest"),
        ("additional_due", "interest"),
        ("opening", "principal"),
        ("opening_reserve", "reserve"),
        ("opening_trap", "trap"),
        ("unjust", "priority"),
    ],
)
def test_the_audit_sees_a_thousandth_too_much_in_any_account(account, breach, monkeypatch):
    """The books of a sound period, then one figure of them wrong; the twin, whose accounts can be reached."""

    def doctored(accounts, t):
        setattr(accounts, account, getattr(accounts, account) + 1e-3 * (t == 1))
        audit(accounts, t)

    monkeypatch.setattr(reference, "audit", doctored)
    paid = pay(reference, Plan([(0, 100.0, NONE)], [0.1], 3, liquidity_months=6.0), [20.0, 20.0, 20.0])
    assert (paid.breach_period[0], records.BREACHES[int(paid.breach_kind[0])]) == (1.0, breach)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("available", "available"),
        ("member", "members"),
        ("rate_set", "rate_set"),
        ("fee", "fees"),
        ("value", "notes"),
        ("series", "series"),
    ],
)
def test_the_kernel_refuses_rows_that_do_not_fit(change, named):
    """Only the compiled function checks: a wrong index or shape would read foreign memory there."""
    trigger = 0.5 if change == "value" else NONE
    fees = [(1, 7 if change == "fee" else -1, 1.0, 0.0, np.inf)]
    arguments = [*Plan([(0, 100.0, trigger)], [0.1], 2, fees=fees).arguments()]
    if change == "member":
        arguments[7] = arguments[7] + 1
    cash, one = np.zeros((1, 3 if change == "available" else 2)), np.zeros(1)
    outputs = [np.zeros((1, 13 if change == "series" else 14, 2)), np.zeros((1, 7, 1, 2)), np.zeros((1, 5))]
    rate_set = np.array([1 if change == "rate_set" else 0])
    with pytest.raises(ValueError, match=f"^{named}: expected "):
        compiled.pay(*arguments, rate_set, cash, cash, one, one, np.zeros((1, 0)), *outputs)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("cash", "cash"),
        ("takeout", "takeout"),
        ("sale", "sale"),
        ("value", "notes"),
        ("member", "members"),
        ("unpaid", "unpaid"),
    ],
)
def test_the_kernel_refuses_haircuts_of_rows_that_do_not_fit(change, named):
    """As for scenarios."""
    arguments = [*Plan([(0, 100.0, 0.5 if change == "value" else NONE)], [0.1], 2).arguments()]
    if change == "member":
        arguments[7] = arguments[7] + 1
    lines = [
        np.zeros((3, 3 if change == "cash" else 2)),
        np.zeros((2 if change == "takeout" else 3, 1)),
        np.zeros((4, 1 if change == "sale" else 2)),
        np.zeros((4, 0)),
    ]
    outputs = [np.zeros((1, 2)), np.zeros((1, 2, 2 if change == "unpaid" else 1)), np.zeros((1, 5))]
    with pytest.raises(ValueError, match=f"^{named}: expected "):
        compiled.stress(*arguments, *lines, np.zeros(1), *outputs)


@BOTH
@pytest.mark.parametrize("owed", [1e7, 1e11, 1e15])
def test_a_fee_beyond_all_cash_takes_all_of_it_to_the_last_bit(kernel, owed):
    """What it cannot be paid makes no cash, not by a last bit of what is due; the reserve goes too."""
    plan = Plan([(0, 100.0, NONE)], [0.05], 1, fees=[(1, -1, owed, 0.0, np.inf)], reserve_initial=0.3)
    paid = pay(kernel, plan, [[123_456.78]])
    assert paid.fees[0, 0] == 123_456.78 + 0.3
    assert (paid.equity[0, 0], paid.balance[0, 0, 0], paid.breach_period[0]) == (0.0, 100.0, -1.0)
