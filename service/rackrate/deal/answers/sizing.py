"""Coverage, sizing tests and the sized loan; null where a figure is not defined."""

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta, Struct

from rackrate.deal.measures import unit


class Coverage(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A coverage figure that says what it is made of."""

    measure: Annotated[
        Literal["dscr", "icr", "llcr", "plcr", "debt_yield", "ltv", "ltc", "leverage"],
        Meta(description="What is measured."),
    ]
    numerator: Annotated[Literal["noi", "ncf"] | None, Meta(description="Income measured, if any.")]
    denominator: Annotated[
        Literal["actual", "interest_only", "amortising", "stressed"] | None,
        Meta(description="Debt service measured, if any."),
    ]
    basis: Annotated[
        Literal["closing", "stabilised", "minimum", "average", "trailing_3m"],
        Meta(description="Months measured."),
    ]
    case: Annotated[
        str | None, Meta(description="Case measured in; null for a cash flow of the client's own.")
    ]
    value: Annotated[float | None, unit("as-stated"), Meta(description="The figure.")]


class TestOutcome(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One sizing test: what it allows, and what moving its limit would give."""

    __test__ = False

    kind: Annotated[str, Meta(description="Kind of the test.")]
    name: Annotated[str, Meta(description="Its name, or its kind.")]
    limit: Annotated[float, unit("as-stated"), Meta(description="Its limit.")]
    actual: Annotated[
        float | None, unit("as-stated"), Meta(description="The tested figure at the sized principal.")
    ]
    max_principal: Annotated[
        float | None,
        unit("money"),
        Meta(description="Largest principal it allows, deal currency; null if it limits nothing."),
    ]
    slack: Annotated[
        float | None,
        unit("money"),
        Meta(description="max_principal less the sized principal, deal currency."),
    ]
    shadow_price: Annotated[
        float | None, unit("money"), Meta(description="Change of max_principal per 1 of limit.")
    ]
    binding: Annotated[bool, Meta(description="Whether it sizes the loan.")]
    numerator: Annotated[
        float | None,
        unit("money"),
        Meta(
            description="What `actual` divides at the sized principal, deal currency: the loan, the balloon, "
            "or the income; null of an average, and of a sculpted test on debt that is not sculpted."
        ),
    ]
    denominator: Annotated[
        float | None,
        unit("money"),
        Meta(
            description="What `actual` divides by at the sized principal, deal currency: value, cost, "
            "income, service or the loan; null where `numerator` is."
        ),
    ]
    leg: Annotated[
        Literal["dscr", "ltv", "advance_rate"] | None,
        Meta(description="Which of its limits is the tighter or is meant, of a test that may have two."),
    ]


LIMIT_UNITS = {
    "max_ltv": "share",
    "max_ltc": "share",
    "min_debt_yield": "rate",
    "ltv": "share",
    "advance_rate": "share",
}


def limit_unit(kind: str, leg: str | None) -> str:
    """Find the unit of a test's limit and figure, as `x-unit` has it, by its kind and its leg.

    >>> limit_unit("refinance", "ltv"), limit_unit("refinance", "dscr"), limit_unit("min_debt_yield", None)
    ('share', 'ratio', 'rate')
    """
    return LIMIT_UNITS.get(leg or kind, "ratio")


class DebtSchedule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The sized loan by payment date."""

    date: Annotated[list[date], Meta(description="Payment dates.")]
    interest: Annotated[list[float], unit("money"), Meta(description="Interest due, deal currency.")]
    principal: Annotated[
        list[float], unit("money"), Meta(description="Principal due without the balloon, deal currency.")
    ]
    balance: Annotated[
        list[float], unit("money"), Meta(description="Balance after the payment, deal currency.")
    ]
    dscr: Annotated[
        list[float | None], unit("ratio"), Meta(description="Cover of the period; null where nothing is due.")
    ]


class SizingOutcome(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The sized loan, every test, and its schedule."""

    principal: Annotated[float, unit("money"), Meta(description="Sized principal, deal currency.")]
    value: Annotated[float | None, unit("money"), Meta(description="Value of the collateral, deal currency.")]
    balloon: Annotated[float, unit("money"), Meta(description="Principal due at maturity, deal currency.")]
    tests: Annotated[list[TestOutcome], Meta(description="Every test, in the order asked.")]
    schedule: Annotated[DebtSchedule, Meta(description="The loan by payment date.")]
