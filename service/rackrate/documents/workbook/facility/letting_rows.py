"""Letting of a facility in a case: what its leases pay and draw, live, and what later lettings add."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from rackrate.deal.facility.facilities import Facility
from rackrate.deal.facility.leases import FixedPrice
from rackrate.documents.workbook.facility.power_rows import draws_power, write_power
from rackrate.documents.workbook.formulas.book import Sheet
from rackrate.documents.workbook.source import LET, Letting
from rackrate.engine.timeline import Floats

WHY_LATER = (
    "Value of the service: renewals and new lettings are expected by mass, cohort by cohort, which no row of"
    " months can hold (docs/methodology.md, leases). They move with lease terms, the letting market and"
    " credit: a new run."
)
WHY_ALIVE = (
    "Value of the service: the share of the contract that still stands, by tenant survival, options to end,"
    " and what is left out at closing (docs/methodology.md, tenant credit). It moves with ratings,"
    " multipliers and defaults: a new run."
)
WHY_DUE = (
    "Value of the service: fees and deposits, as months of the contract's rent, where a tenant leaves or"
    " defaults, by probability (docs/methodology.md, tenant credit). They move with ratings, options to end"
    " and deposits: a new run."
)


@dataclass(frozen=True)
class CashFlowRun:
    """One run of the facilities: prefix of its rows, prefix of its case's inputs, letting."""

    key: str
    case: str
    letting: Letting
    homes: list[int]  # facility of each lease


@dataclass(frozen=True)
class LettingRows:
    """The rows of a facility's letting while they are written."""

    sheet: Sheet
    run: CashFlowRun
    f: int
    facility: Facility

    @property
    def key(self) -> str:
        """Prefix of the facility's rows in this run."""
        return f"{self.run.key}.f{self.f + 1}"

    @property
    def leases(self) -> int:
        """Number of leases."""
        return len(self.facility.leases)

    def stack(self, field: str) -> str:
        """A row of every lease, one below another."""
        return f"{{f{self.f + 1}_l1.{field}..f{self.f + 1}_l{self.leases}.{field}}}"

    def terms(self, term: str) -> str:
        """An input of every lease, one below another."""
        return f"{{in_f{self.f + 1}_l1_{term}..in_f{self.f + 1}_l{self.leases}_{term}}}"

    def product(self, *factors: str) -> str:
        """Sum over the leases of the product of some rows and inputs, of what still stands."""
        return f"SUMPRODUCT({','.join([*self.weights, *factors])})" if self.leases else "0"

    @cached_property
    def weights(self) -> list[str]:
        """The share of each contract that stands, where it is not all of it; its rows are written here."""
        alive = self.run.letting.alive[self.held]
        return [] if np.all(alive == 1.0) else [self._shares("alive", "stands", alive, WHY_ALIVE)]

    @property
    def held(self) -> list[int]:
        """Which of the deal's leases are the facility's."""
        return [i for i, home in enumerate(self.run.homes) if home == self.f]

    def _shares(self, key: str, label: str, values: Floats, note: str) -> str:
        """A row of values for every lease, one below another; a reference to them."""
        for n, row in enumerate(values.tolist()):
            told = f"{self.facility.leases[n].id}: {label}"
            self.sheet.known(f"{self.key}.{key}{n + 1}", told, row, style="factor", note=note)
        return f"{{{self.key}.{key}1..{self.key}.{key}{self.leases}}}"

    def receipts(self) -> str:
        """Formula of what tenants pay as contracts end early; that of later lettings is a value."""
        due, live = self.run.letting.due[self.held], "0"
        if due.any():
            months = self._shares("due", "months of rent due as it ends", due, WHY_DUE)
            rent = f"SUMPRODUCT({months},{self.stack('bills')},{self.stack('rent')})"
            live = f"(1-{{in_{self.run.case}_rent_haircut}})*{rent}"
        return live + self.later("termination_receipts", "termination receipts", "money")

    def later(self, term: str, label: str, style: str = "count") -> str:
        """What later lettings add; a reference to its row, or nothing where they add nothing."""
        values = self.run.letting.later[self.f, LET[term]]
        if not values.any():
            return ""
        key = f"{self.key}.later_{term}"
        self.sheet.known(key, f"later lettings: {label}", values.tolist(), style=style, note=WHY_LATER)
        return f"+{{{key}}}"

    def write(self) -> None:
        """Write rent, paying and occupied kW, and where there is power load, contracts and recovery."""
        cut, use = f"(1-{{in_{self.run.case}_rent_haircut}})", f"{{in_{self.run.case}_utilisation_factor}}"
        draws = draws_power(self.facility)
        rows: list[tuple[str, str, str, str, tuple[str, ...], tuple[str, ...]]] = [
            ("base_rent", "contract and later rent", "money", cut, ("pays", "rent"), ()),
            ("paying_kw", "paying", "count", "1", ("pays",), ()),
            ("occupied_kw", "occupied", "count", "1", ("bills",), ()),
        ]
        if draws:
            rows += [
                ("load_kw", "average draw", "count", use, ("bills",), ("use",)),
                ("peak_kw", "peak draw", "count", use, ("bills",), ("peak",)),
            ]
        _ = self.weights
        for term, label, style, factor, fields, inputs in rows:
            added = self.later(term, label, style)
            product = self.product(*map(self.stack, fields), *map(self.terms, inputs)) if self.leases else "0"
            live = product if factor == "1" else f"{factor}*{product}"
            self.sheet.row(
                f"{self.key}.{term}", label, live + added, unit="" if style == "money" else "kW", style=style
            )
        if draws:
            write_power(self.sheet, self.run.case, self.key, self.f, self.facility)
            self._recovery(use)

    def _recovery(self, use: str) -> None:
        """What tenants pay back: metered at unit cost under their PUE cap, or at a price of their own."""
        pue, metered, own = f"{{{self.key}.pue}}", "0", "0"
        if self.leases:
            cap = self.terms("pue_cap")
            capped = f"(({cap}<{pue})*{cap}+({cap}>={pue})*{pue})"
            drawn = self.stack("bills"), self.terms("use"), capped
            grossed = "1+" + self.terms("markup")
            metered = f"{use}*{self.product(*drawn, self.terms('metered'), grossed)}"
            if any(isinstance(lease.power, FixedPrice) for lease in self.facility.leases):
                own = f"{use}*{self.product(*drawn, self.stack('mwh'))}"
        added = self.later("metered_kw", "metered draw")
        self.sheet.row(f"{self.key}.metered", "metered draw", metered + added, unit="kW", style="count")
        added = self.later("fixed_price_revenue", "power at a price of its own", "money")
        self.sheet.row(f"{self.key}.own", "power at tenants' own prices, a thousand hours", own + added)
        paid = f"({{{self.key}.unit}}*{{{self.key}.metered}}+{{{self.key}.own}})*{{{self.key}.kwh}}"
        self.sheet.row(f"{self.key}.recovered", "recovered", paid)
