"""What a memo is written from, and the words it has for tests, cases and money."""

from collections.abc import Sequence
from datetime import date

from msgspec import Struct

from rackrate.deal.answers.ground_pool import GroundUnderwriting
from rackrate.deal.answers.sizing import TestOutcome, limit_unit
from rackrate.deal.answers.tranches import Tranche
from rackrate.deal.pools.ground_leases import LifeNpv
from rackrate.deal.requests.sensitivity import Sensitivities
from rackrate.deal.requests.underwriting import Deal, Underwriting
from rackrate.deal.rulesets import Ruleset
from rackrate.deal.sizing_tests import MinDscr, SizingTest
from rackrate.deal.valuation import Value
from rackrate.documents.wording import millions, name, percent, times, words
from rackrate.engine.timeline import timeline

TESTS = {
    "max_ltv": ("Loan to value", "at most"),
    "max_ltc": ("Loan to cost", "at most"),
    "min_debt_yield": ("Debt yield", "at least"),
    "max_leverage": ("Leverage", "at most"),
    "min_dscr": ("Debt service cover", "at least"),
    "sculpted": ("Sculpted cover", "at least"),
    "min_llcr": ("Loan life cover", "at least"),
    "min_plcr": ("Project life cover", "at least"),
    "refinance": ("Refinance", ""),
    "equipment": ("Equipment", ""),
}
LEGS = {"dscr": "cover", "ltv": "loan to value", "advance_rate": "advance"}
WAYS = {"dscr": "at least", "ltv": "at most", "advance_rate": "at most"}
TEMPLATES = {
    "abs_master_trust": "ABS master trust",
    "cmbs_single_asset": "Single-asset CMBS",
    "compute_term_loan": "Compute term loan",
    "project_finance": "Project finance",
}


class Financed(Struct, frozen=True):
    """Debt and classes on collateral of either kind, a deal's or ground leases', and the house defaults."""

    deal: Deal
    underwriting: Underwriting | GroundUnderwriting
    ruleset: Ruleset

    def money(self, amount: float, places: int = 1) -> str:
        """Write an amount with its currency."""
        return f"{self.deal.currency} {millions(amount, places)} m"

    def when(self, months: int) -> date:
        """Date a number of months from closing, one at least."""
        return timeline(self.deal.closing, months).payment_dates[-1]

    @property
    def lens(self) -> Value | LifeNpv:
        """How the collateral is valued."""
        return self.deal.sizing.value

    @property
    def debt(self) -> float:
        """What is lent: the classes, or the loan."""
        summary = self.underwriting.summary
        return summary.principal if summary.issued is None else summary.issued

    @property
    def ard(self) -> int:
        """Months to the anticipated repayment, or to maturity."""
        structure = self.deal.structure
        months = None if structure is None else structure.ard_months
        return self.deal.debt.term_months if months is None else months

    @property
    def final(self) -> int:
        """Months to legal final, or to maturity."""
        structure = self.deal.structure
        return self.deal.debt.term_months if structure is None else structure.legal_final_months

    @property
    def paid_case(self) -> str:
        """Case of the reported cash flow and waterfall."""
        return self.underwriting.cash_flow.case


class Given(Financed, frozen=True):
    """A deal, its underwriting, the house defaults, and the house's stresses of it."""

    underwriting: Underwriting
    stressed: Sensitivities


def binding(given: Financed) -> TestOutcome | None:
    """The test that sizes the loan."""
    return next((test for test in given.underwriting.sizing.tests if test.binding), None)


def next_test(given: Financed) -> TestOutcome | None:
    """The tightest of the other tests."""
    others = [test for test in given.underwriting.sizing.tests if not test.binding and test.slack is not None]
    return min(others, key=lambda test: test.slack or 0.0, default=None)


def test_words(test: TestOutcome) -> str:
    """Name a test in words; one with a name of its own has it behind them."""
    told = f"{TESTS[test.kind][0]} {LEGS.get(test.leg or '', '')}".strip()
    return told if test.name in (test.kind, "") else f"{told} ({name(test.name)})"


def test_rows(given: Financed) -> list[str]:
    """Name tests for a table: what is limited, which way, and on which service."""
    asked = [*given.deal.sizing.tests, None]
    return [
        ", ".join(filter(None, (test_words(test), _service(asked[min(k, len(asked) - 1)]), _way(test))))
        for k, test in enumerate(given.underwriting.sizing.tests)
    ]


def _way(test: TestOutcome) -> str:
    return TESTS[test.kind][1] or WAYS.get(test.leg or "", "")


def _service(test: SizingTest | None) -> str:
    """Say what a cover divides by, and over which months, where that is not usual."""
    if not isinstance(test, MinDscr):
        return ""
    service = {
        "interest_only": "interest only",
        "amortising": f"annuity of {test.months} months",
        "stressed": f"constant of {percent(test.constant)}",
    }.get(test.service or "", "")
    income = "NOI" if test.numerator == "noi" else ""
    basis = "" if test.basis in (None, "closing") else {"minimum": "least year"}.get(test.basis, test.basis)
    return ", ".join(filter(None, (income, service, basis)))


def figure(test: TestOutcome, value: float | None) -> str:
    """Write a figure of a test: a percentage or a cover."""
    return kind_figure(test.kind, test.leg, value)


def kind_figure(kind: str, leg: str | None, value: float | None) -> str:
    """Write a figure of a kind of test, or of the leg of one that has two."""
    if limit_unit(kind, leg) == "ratio":
        return times(value)
    return percent(value, 1 if kind == "max_ltv" else 2)


def case_words(case: str) -> str:
    """Name a case."""
    return f"case {name(words(case))}"


def least(classes: Sequence[Tranche]) -> float | None:
    """Least cut of net cash flow at which any class loses; none without one."""
    found = [note.break_even_haircut for note in classes if note.break_even_haircut is not None]
    return min(found, default=None)
