"""Inputs of the simulated paths from the collateral and the paid structure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from rackrate import kernel
from rackrate.deal.sizing_tests import Refinance
from rackrate.engine.debt.refinance import cover_leg, value_leg
from rackrate.engine.facility.cases import Scenario, adjustment, scenario_rows, scripted_defaults
from rackrate.engine.facility.collateral import YEAR, Collateral
from rackrate.engine.facility.resolve import Resolved
from rackrate.engine.facility.tenant_survival import survive
from rackrate.engine.facility.valuation import ValuationBasis, months_read, value, without_haircut
from rackrate.engine.rows import Integers, Rows
from rackrate.engine.simulation.streams import streams_of
from rackrate.engine.structure.cash import watched_values
from rackrate.engine.structure.payment import Paid
from rackrate.engine.structure.waterfall import WaterfallResult
from rackrate.engine.structure.waterfall_terms import (
    WaterfallTerms,
    fee_rows,
    note_rows,
    payment_rows,
    terms_row,
)
from rackrate.engine.timeline import Floats
from rackrate.kernel import records
from rackrate.kernel.arguments import ExitInputs, FacilityInputs, RiskFactors, WaterfallInputs

Arguments = tuple[int, int, int, RiskFactors, FacilityInputs, ExitInputs, WaterfallInputs, Floats, Floats]


@dataclass(frozen=True)
class PathInputs:
    """Inputs that all paths of a deal share.

    Attributes
    ----------
    risk, facilities, exits, structure
        Arguments of ``kernel.simulate``, by name.
    centres, scales : float64[1 + 2 K]
        About which squares of equity, losses and lives are taken, and in which unit: the deterministic run's.
    """

    seed: int
    risk: RiskFactors
    facilities: FacilityInputs
    exits: ExitInputs
    structure: WaterfallInputs
    centres: Floats
    scales: Floats
    names: list[str]
    principals: list[float]
    period_months: int

    @property
    def months(self) -> int:
        """Number of months of cash flow."""
        return len(self.facilities.power_index)

    @property
    def periods(self) -> int:
        """Number of periods of the waterfall."""
        return int(self.structure.coupon.shape[1])

    def arguments(self, first: int, pairs: int) -> Arguments:
        """Arguments of ``kernel.simulate`` for some of the pairs, up to the tallies."""
        return (
            self.seed, first, pairs, self.risk, self.facilities, self.exits, self.structure, self.centres,
            self.scales,
        )  # fmt: skip

    @property
    def classes(self) -> int:
        """Number of classes."""
        return len(self.names)


def path_inputs(
    priced: Collateral, paid: Paid, factor: Rows, seed: int, as_of: date | None = None
) -> PathInputs:
    """Inputs of the simulation, in the structure's case.

    Parameters
    ----------
    as_of : date or None
        Day from which chance runs, in all deals that are simulated together; closing by default.
    """
    offset = 0 if as_of is None else priced.timeline.index(as_of)
    case, structure, terms, resolved_structure = paid.on.case, paid.structure, paid.terms, paid.resolved
    view = priced.bases[structure.case]
    final, ard = structure.legal_final_months, resolved_structure.ard
    watching = any(note.ltv_trigger is not None for note in structure.classes)
    months = max(final, ard + YEAR, final + months_read(view) if watching else 0)
    resolved = priced.resolved.over(months)
    exits = np.zeros(1, dtype=records.EXIT)
    exits["ard"], exits["final"], exits["kept"] = ard, final, 1.0 - resolved_structure.sale_costs
    exits["closing_value"] = value(view, paid.on.valued)
    exits["watch_months"], exits["watch_discount"] = view.months, monthly_discount(view)
    tests, cap = resolved_structure.refinance, resolved_structure.exit_cap_rate
    expiry = resolved.facilities["expiry"].copy()
    watched, watch_factors = watch(paid, view, expiry)
    return PathInputs(
        seed=seed,
        risk=RiskFactors(
            factor=factor,
            thresholds=thresholds(priced, paid, months, offset),
            chances=renewal_chances(resolved, adjustment(case, "renewal_factor")),
            **streams_of(priced.deal),
            offset=offset,
        ),
        facilities=facility_inputs(resolved, scenario_rows([Scenario(case)])),
        exits=ExitInputs(
            exits=exits,
            takeouts=takeout_rows(tests, adjustment(case, "rate_add")),
            takeout_factors=np.array([capitalisation_factors(test.cap_rate, expiry, ard) for test in tests]),
            sale_factors=capitalisation_factors(cap, expiry, final),
            watched=watched,
            watch_factors=watch_factors,
        ),
        structure=structure_inputs(terms),
        centres=centres(paid.run, terms.period_months),
        scales=scales(paid.run, [note.principal for note in terms.notes], terms.period_months),
        names=[note.name for note in terms.notes],
        principals=[note.principal for note in terms.notes],
        period_months=terms.period_months,
    )


def structure_inputs(terms: WaterfallTerms) -> WaterfallInputs:
    """Structure as the kernel takes it, at its first rate set."""
    payments, members = payment_rows(terms)
    return WaterfallInputs(
        terms=terms_row(terms),
        notes=note_rows(terms),
        coupon=np.ascontiguousarray(terms.coupon[0]),
        accrual=np.ascontiguousarray(terms.accrual[0]),
        schedule=np.ascontiguousarray(terms.schedule),
        fees=fee_rows(terms),
        payments=payments,
        members=members,
    )


def facility_inputs(resolved: Resolved, scenario: Rows) -> FacilityInputs:
    """Facilities in one scenario as the kernel takes them."""
    return FacilityInputs(
        leases=resolved.leases,
        markets=resolved.markets,
        scenario=scenario,
        facilities=resolved.facilities,
        contracts=resolved.contracts,
        costs=resolved.costs,
        amounts=resolved.amounts,
        rent=resolved.rent,
        kw=resolved.kw,
        change=contract_changes(resolved),
        market_rent=resolved.market_rent,
        growth=resolved.growth,
        pue=resolved.pue,
        power_index=resolved.power_index,
        hours=resolved.timeline.hours,
    )


def contract_changes(resolved: Resolved) -> Integers:
    """The next month in which each contract's terms change, [L, M]; M where they do not."""
    leases, months = resolved.leases, resolved.timeline.months
    i = np.arange(months)
    pays = i[None, :] - leases["commencement"][:, None] >= leases["free_rent"][:, None]
    changes = i[None, :] == leases["termination"][:, None]
    for terms in (resolved.rent, resolved.kw, pays):
        changes[:, 1:] |= terms[:, 1:] != terms[:, :-1]
    nexts = np.where(changes, i, months)
    nexts = np.minimum.accumulate(nexts[:, ::-1], axis=1)[:, ::-1]
    last = np.full((len(leases), 1), months)
    return np.ascontiguousarray(np.concatenate([nexts[:, 1:], last], axis=1)).astype(np.int64)


def thresholds(priced: Collateral, paid: Paid, months: int, offset: int = 0) -> Floats:
    """Asset value up to which each tenant has defaulted by each month's end, [T, M]; credit always on.

    Hazards run from month ``offset`` of the deal on, before closing where it is negative.
    """
    case, hazards = paid.on.case, priced.resolved.hazards
    scripted = scripted_defaults([case], priced.resolved.tenants)
    multipliers = adjustment(case, "pd_multiplier") * hazards.multipliers[None, :]
    none = np.full_like(scripted, -1)
    aged = survive(hazards, multipliers, none, max(1, months - offset))[0]
    survival = np.ones((len(aged), months))
    first = max(0, offset)
    survival[:, first:] = aged[:, first - offset : months - offset]
    for tenant, month in enumerate(scripted[0].tolist()):
        if month >= 0:
            survival[tenant, month:] = 0.0
    limits = np.empty(survival.shape)
    kernel.default_thresholds(survival, limits)
    return limits


def renewal_chances(resolved: Resolved, factor: float) -> Floats:
    """Phi^-1 of each facility's renewal probability, [F]."""
    leaves = 1.0 - np.minimum(1.0, resolved.markets["renewal_probability"] * factor)
    chances = np.empty((1, len(leaves)))
    kernel.default_thresholds(leaves[None, :].copy(), chances)
    found: Floats = chances[0]
    return found


def watch(paid: Paid, view: ValuationBasis, expiry: Integers) -> tuple[Floats, Floats]:
    """Values that LTV triggers look at, [P], NaN for the path's own, and capitalisation factors then, [P, F].

    Closing is known, and so is an appraisal; both are empty without LTV triggers.
    """
    known = without_haircut(watched_values(paid.structure, paid.on))
    if view.kind == "appraisal" or not len(known):
        return known, np.empty((0, 0))
    known[2 if view.kind == "cap_rate" else 1 :] = np.nan
    starts = paid.structure.period_months * np.arange(-1, len(known) - 1)
    return known, factors_by_period(view.cap, expiry, starts + view.months)


def centres(run: WaterfallResult, period_months: int) -> Floats:
    """Equity, losses and lives of the deterministic run, in the kernel's order of additions."""
    return np.concatenate([[in_order(run.equity[:1])[0]], run.principal_loss[0], lives(run, period_months)])


def lives(run: WaterfallResult, period_months: int) -> Floats:
    """Weighted average lives in years, [K]; what is lost counts as outstanding to legal final."""
    repaid, lost = run.principal_paid[0], run.principal_loss[0]
    periods = repaid.shape[1]
    late = in_order(repaid * np.arange(1.0, periods + 1.0)) + periods * lost
    whole = in_order(repaid) + lost
    life: Floats = period_months / 12.0 * late / np.where(whole > 0.0, whole, 1.0)
    return life


def in_order(values: Floats) -> Floats:
    """Sums over the last axis, from the first on."""
    return np.add.accumulate(values, axis=-1)[..., -1]


def scales(run: WaterfallResult, principals: list[float], period_months: int) -> Floats:
    """Units in which squares are taken: of the size of what they measure, a millionth of debt at least."""
    equity = max(1.0, abs(float(centres(run, period_months)[0])), math.fsum(principals) / 2.0**20)
    sizes = [max(1.0, principal) for principal in principals]
    return np.array([equity, *sizes, *(1.0 for _ in sizes)])


def monthly_discount(view: ValuationBasis) -> float:
    """Monthly discount factor of an NPV basis; 1 for any other."""
    if view.kind != "npv":
        return 1.0
    root = np.empty((1, 2))
    kernel.compound_index(np.array([view.rate]), root)
    return float(1.0 / root[0, 1])


def takeout_rows(tests: Sequence[Refinance], add: float) -> Rows:
    """The refinance tests as rows."""
    rows = []
    for test in tests:
        cover, loan_to_value = cover_leg(test, add), value_leg(test)
        service = np.nan if cover is None else cover.ncf
        rows.append((service, np.nan if loan_to_value is None else loan_to_value.ltv))
    return np.array(rows, dtype=records.TAKEOUT)


def capitalisation_factors(cap: float | None, expiry: Integers, at: int) -> Floats:
    """Value of 1 a year of each facility at a month, [F]; nothing without a cap rate."""
    return np.zeros(len(expiry)) if cap is None else factors_by_period(cap, expiry, np.array([at]))[0]


def factors_by_period(cap: float, expiry: Integers, at: Integers) -> Floats:
    """Value of 1 a year of each facility at each of P months, [P, F]."""
    known, which = np.unique(expiry, return_inverse=True)
    value = np.empty((len(known), len(at)))
    for n, end in enumerate(known.tolist()):
        kernel.capitalise(
            np.ones((1, 1, 1)), np.array([end]), cap, at, np.zeros(len(at), dtype=np.int64), value[n : n + 1]
        )
    return np.ascontiguousarray(value[which].T)
