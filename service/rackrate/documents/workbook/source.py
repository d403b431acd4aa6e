"""What a workbook is made of: the deal, the answer, and the engine's arrays behind its values."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from rackrate import kernel
from rackrate.deal.answers.figures import RulesetStamp
from rackrate.deal.requests.underwriting import Deal, Underwriting
from rackrate.deal.rulesets import Ruleset
from rackrate.engine.debt.case_flows import size_loan
from rackrate.engine.debt.sizing import Sized
from rackrate.engine.facility.cases import (
    Scenario,
    default_multipliers,
    scenario_rows,
    scripted_defaults,
)
from rackrate.engine.facility.collateral import Collateral, run_cases
from rackrate.engine.facility.tenant_survival import survive
from rackrate.engine.structure.class_limits import ClassTerms, room
from rackrate.engine.structure.payment import Paid, class_terms, pay
from rackrate.engine.structure.tranches import cumulative
from rackrate.engine.timeline import Floats
from rackrate.kernel.records import LETTING

LET = {name: column for column, name in enumerate(LETTING)}


@dataclass(frozen=True)
class Letting:
    """Expected letting in a scenario (axes: L lease, F facility, N month).

    Attributes
    ----------
    alive : array [L, N]
        Share of each contract still alive; 1 where no credit, default or option acts.
    later : array [F, len(LETTING), N]
        What renewals and new lettings add.
    due : array [L, N]
        Months of its contract's rent that each lease pays as it ends early: fees and deposits by probability.
    costs : array [F, N]
        Leasing costs, whole.
    """

    alive: Floats
    later: Floats
    due: Floats
    costs: Floats


@dataclass(frozen=True)
class Source:
    """A deal, the answer to it, and the engine's runs behind the answer."""

    deal: Deal
    ruleset: Ruleset
    answer: Underwriting

    @property
    def stamp(self) -> RulesetStamp:
        """The ruleset as the answer names it."""
        return self.answer.ruleset

    @cached_property
    def priced(self) -> Collateral:
        """Facilities, income and values in every case."""
        return run_cases(self.deal, self.ruleset)

    @cached_property
    def sized(self) -> Sized:
        """The sized loan."""
        return size_loan(self.priced)

    @cached_property
    def paid(self) -> Paid | None:
        """The classes as issued, and their waterfall; None without a structure."""
        return None if self.deal.structure is None else pay(self.priced, self.sized, self.deal.structure)

    @cached_property
    def class_terms(self) -> list[ClassTerms]:
        """Coupons, accruals and own schedules of the classes, as their limits read them."""
        return class_terms(self.paid.resolved, self.paid.on) if self.paid else []

    @property
    def paid_balances(self) -> list[Floats | None]:
        """What is left of 1 of each class on its own schedule; None on the debt's."""
        return [terms.balance for terms in self.class_terms]

    def class_room(self, j: int, i: int) -> float:
        """What limit ``i`` allows class ``j`` behind the classes above."""
        above = cumulative(self.sized.loan, self.class_terms)[:j]
        return room(self.sized.loan, self.class_terms[: j + 1], above, i)

    @cached_property
    def has_booked(self) -> bool:
        """Whether figures at closing leave a lease out."""
        return bool(self.priced.resolved.leases["booked_not_billed"].any())

    def letting(self, scenario: Scenario, months: int) -> Letting:
        """Expected letting of every lease and facility in a scenario over some months."""
        resolved = self.priced.resolved.over(months)
        bare = Scenario(scenario.case, scenario.closing, contracted_only=True)
        runs = [scenario, bare, bare]
        cases, rows = [run.case for run in runs], scenario_rows(runs)
        rows["rent_haircut"][2] = 0.0  # whose receipts are shares of the contract's own rent
        multipliers = default_multipliers(cases, resolved.hazards.multipliers)
        survival = survive(resolved.hazards, multipliers, scripted_defaults(cases, resolved.tenants), months)
        homes = resolved.leases["facility"].copy()
        leases = resolved.leases.copy()
        leases["facility"] = np.arange(len(leases))
        let = np.empty((len(runs), len(leases), len(LETTING), months))
        kernel.let(
            leases,
            resolved.markets[homes],
            rows,
            resolved.rent,
            resolved.kw,
            np.ascontiguousarray(resolved.market_rent[homes]),
            np.ascontiguousarray(resolved.growth[homes]),
            np.ascontiguousarray(resolved.pue[homes]),
            survival,
            let,
            np.empty((len(runs), len(leases))),
        )
        whole, contracts, uncut = let
        kw, rent = resolved.kw, resolved.kw * resolved.rent
        alive = np.where(kw > 0.0, contracts[:, LET["occupied_kw"]] / np.where(kw > 0.0, kw, 1.0), 1.0)
        due = np.where(
            rent > 0.0, uncut[:, LET["termination_receipts"]] / np.where(rent > 0.0, rent, 1.0), 0.0
        )
        facilities = len(resolved.facilities)
        return Letting(
            alive,
            _by_facility(whole - contracts, homes, facilities),
            due,
            _by_facility(whole[:, LET["leasing_costs"]], homes, facilities),
        )


def _by_facility(values: Floats, homes: "np.ndarray[tuple[int], np.dtype[np.int64]]", count: int) -> Floats:
    """Sums over the leases of each facility, lease by lease."""
    sums = np.zeros((count, *values.shape[1:]))
    for lease, home in enumerate(homes.tolist()):
        sums[home] += values[lease]
    return sums
