"""Sizing: the tests that a loan must pass, each of which limits its principal."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

from msgspec import Meta, field
from msgspec.structs import replace

from rackrate.deal.debt import Debt, Sculpted
from rackrate.deal.errors import FieldError
from rackrate.deal.measures import unit
from rackrate.deal.parts import Part
from rackrate.deal.units import (
    CapitalisationRate,
    Constant,
    Cover,
    DebtTerm,
    DebtYield,
    Identifier,
    Leverage,
    Ltv,
    Rate,
)
from rackrate.deal.valuation import Value

Service = Literal["actual", "interest_only", "amortising", "stressed"]


_TestName = Annotated[Identifier | None, Meta(description="Name in the answer; the kind if absent.")]
_TestCase = Annotated[
    Identifier | None, Meta(description="Case tested in; the sizing's or the class's if absent.")
]


class BaseTest(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every sizing test has: a kind."""

    @property
    def kind(self) -> str:
        """Its kind, as a document names it.

        >>> SculptedTest(limit=1.3).kind
        'sculpted'
        """
        return str(self.__struct_config__.tag)


class MaxLtv(
    BaseTest, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="max_ltv"
):
    """Principal over value, at most."""

    limit: Annotated[Ltv, Meta(description="Greatest loan to value.")]
    name: _TestName = None
    case: _TestCase = None


class MaxLtc(
    BaseTest, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="max_ltc"
):
    """Principal over cost, at most."""

    limit: Annotated[Ltv, Meta(description="Greatest loan to cost.")]
    name: _TestName = None
    case: _TestCase = None


class MinDebtYield(
    BaseTest, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="min_debt_yield"
):
    """Net cash flow at closing over principal, at least."""

    limit: Annotated[DebtYield, Meta(description="Least debt yield, per year.")]
    name: _TestName = None
    case: _TestCase = None


class MaxLeverage(
    BaseTest, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="max_leverage"
):
    """Principal over net cash flow at closing, at most."""

    limit: Annotated[Leverage, Meta(description="Greatest multiple of yearly net cash flow.")]
    name: _TestName = None
    case: _TestCase = None


class MinDscr(
    BaseTest, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="min_dscr"
):
    """Income over a year's debt service, at least."""

    limit: Annotated[Cover, Meta(description="Least debt service cover.")]
    service: Annotated[
        Service | None,
        Meta(description="Debt service measured: by default actual, but interest_only in a class's limit."),
    ] = None
    months: Annotated[DebtTerm | None, Meta(description="Annuity term of amortising service, months.")] = None
    constant: Annotated[
        Constant | None, Meta(description="Yearly service per 1 of principal, of stressed service.")
    ] = None
    basis: Annotated[
        Literal["closing", "stabilised", "minimum", "average"],
        Meta(
            description="Twelve months from closing, the first stabilised twelve, the tightest twelve, "
            "or the mean cover of every twelve."
        ),
    ] = "closing"
    numerator: Annotated[Literal["ncf", "noi"], Meta(description="Income measured.")] = "ncf"
    name: _TestName = None
    case: _TestCase = None


class SculptedTest(
    BaseTest, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="sculpted"
):
    """Net cash flow over debt service in every period, at least: capacity by backward induction."""

    limit: Annotated[Cover, Meta(description="Least debt service cover in every period.")]
    name: _TestName = None
    case: _TestCase = None


class MinLlcr(
    BaseTest, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="min_llcr"
):
    """Present value of net cash flow to maturity over principal, at least."""

    limit: Annotated[Cover, Meta(description="Least loan life cover.")]
    name: _TestName = None
    case: _TestCase = None


class MinPlcr(
    BaseTest, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="min_plcr"
):
    """Present value of net cash flow to the last contract's end over principal, at least."""

    limit: Annotated[Cover, Meta(description="Least project life cover.")]
    name: _TestName = None
    case: _TestCase = None


class Refinance(
    BaseTest, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="refinance"
):
    """The balloon must be refinanceable at maturity: on cover, on value, or on both."""

    rate: Annotated[Rate | None, Meta(description="Rate of the take-out loan, per year; with dscr.")] = None
    months: Annotated[
        DebtTerm | None, Meta(description="Annuity term of the take-out loan, months; with dscr.")
    ] = None
    dscr: Annotated[Cover | None, Meta(description="Least debt service cover of the take-out loan.")] = None
    ltv: Annotated[Ltv | None, Meta(description="Greatest loan to value of the take-out loan.")] = None
    cap_rate: Annotated[
        CapitalisationRate | None, Meta(description="Capitalisation rate at maturity, per year; with ltv.")
    ] = None
    name: _TestName = None
    case: _TestCase = None


class EquipmentTest(
    BaseTest, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="equipment"
):
    """Debt stays below covered contracted cash flow, an advance on residual value, and depreciated cost."""

    dscr: Annotated[
        Cover | None,
        Meta(
            description="Cover of the present value of contracted net cash flow; no such ceiling if absent."
        ),
    ] = None
    advance_rate: Annotated[
        Ltv | None,
        unit("share"),
        Meta(description="Advance on residual value, share; no such ceiling if absent."),
    ] = None
    name: _TestName = None
    case: _TestCase = None


SizingTest = (
    MaxLtv
    | MaxLtc
    | MinDebtYield
    | MaxLeverage
    | MinDscr
    | SculptedTest
    | MinLlcr
    | MinPlcr
    | Refinance
    | EquipmentTest
)


SizingTests = Annotated[
    list[SizingTest],
    Meta(
        max_length=50,
        description="The tests; the tightest sizes the loan. Sculpted debt, which is held to its own "
        "cover, may have none.",
    ),
]


class Sizing(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the loan is sized: in a case, against a value, by tests of which the tightest binds."""

    case: Annotated[Identifier, Meta(description="Name of the case the loan is sized in.")]
    value: Annotated[Value, Meta(description="How the collateral is valued.")]
    tests: SizingTests = field(default_factory=list)


def name_of(test: SizingTest) -> str:
    """Return a test's name, or its kind."""
    return test.name or test.kind


def limits_of(tests: Sequence[SizingTest]) -> dict[str, tuple[int, str]]:
    """Find every limit of some tests by name: the index of its test, and the field it is.

    It is called `limit:NAME` by the test's name or kind; `dscr:NAME`, `ltv:NAME` or `advance_rate:NAME` where
    a test has two. Of tests that share a kind the second is `NAME#2`.

    >>> tests = [MaxLtv(limit=0.6), Refinance(ltv=0.6, cap_rate=0.08), MaxLtv(limit=0.7, case="issuer")]
    >>> limits_of(tests)
    {'limit:max_ltv': (0, 'limit'), 'ltv:refinance': (1, 'ltv'), 'limit:max_ltv#2': (2, 'limit')}
    """
    found: dict[str, tuple[int, str]] = {}
    for i, test in enumerate(tests):
        name = name_of(test)
        for leg in ("limit", "dscr", "ltv", "advance_rate"):
            if getattr(test, leg, None) is not None:
                labels = (f"{leg}:{name}" + (f"#{k}" if k > 1 else "") for k in range(1, len(tests) + 2))
                found[next(label for label in labels if label not in found)] = (i, leg)
    return found


def with_limits(tests: Sequence[SizingTest], point: Mapping[str, Any]) -> list[SizingTest]:
    """Set the limits that a point names; what else it names is left to the cases."""
    moved = list(tests)
    for name, (i, leg) in limits_of(tests).items():
        if name in point:
            moved[i] = replace(moved[i], **{leg: point[name]})
    return moved


def _refinance_faults(test: Refinance, at: str) -> Iterator[FieldError]:
    if test.dscr is None and test.ltv is None:
        yield FieldError(at, "needs dscr, ltv or both")
    if test.dscr is not None and test.rate is None:
        yield FieldError(f"{at}/rate", "required with dscr")
    if test.dscr is not None and test.months is None:
        yield FieldError(f"{at}/months", "required with dscr")
    if test.ltv is not None and test.cap_rate is None:
        yield FieldError(f"{at}/cap_rate", "required with ltv")


def _one_test_faults(test: SizingTest, has_equipment: bool, at: str) -> Iterator[FieldError]:
    match test:
        case MinDscr(service="amortising", months=None):
            yield FieldError(f"{at}/months", "required by amortising service")
        case MinDscr(service="stressed", constant=None):
            yield FieldError(f"{at}/constant", "required by stressed service")
        case Refinance():
            yield from _refinance_faults(test, at)
        case EquipmentTest() if not has_equipment:
            yield FieldError(f"{at}/kind", "no facility has equipment")
        case EquipmentTest(dscr=None, advance_rate=None):
            yield FieldError(at, "needs dscr, advance_rate or both")
    if test.name == "classes":
        yield FieldError(f"{at}/name", "'classes' is what an answer calls the limits of the classes")


def limit_faults(tests: list[SizingTest], has_equipment: bool, at: str) -> Iterator[FieldError]:
    """Yield what contradicts itself in a list of tests or limits."""
    for i, test in enumerate(tests):
        yield from _one_test_faults(test, has_equipment, f"{at}/{i}")
        if test.name is not None and test.name in [before.name for before in tests[:i]]:
            yield FieldError(f"{at}/{i}/name", f"the test {test.name!r} is used more than once")


def sizing_faults(tests: list[SizingTest], debt: Debt, has_equipment: bool, at: str) -> Iterator[FieldError]:
    """Yield what contradicts itself in the tests that size a loan."""
    if not tests and not isinstance(debt.amortisation, Sculpted):
        yield FieldError(at, "needs a test: only sculpted debt is held to a cover of its own")
    yield from limit_faults(tests, has_equipment, at)
