"""Exposures of one deal: its figures at closing by key of every dimension, in the reporting currency."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import fsum
from typing import Any

from rackrate.deal.answers.tranches import Tranche
from rackrate.deal.requests.underwriting import Deal
from rackrate.engine.book.exposures import Exposed
from rackrate.engine.book.supply import NO_LOAD, Served, floating, served
from rackrate.engine.facility.cashflow import ScenarioCashFlows
from rackrate.engine.facility.collateral import YEAR, Collateral
from rackrate.engine.facility.concentration import Billed, billed
from rackrate.engine.simulation.streams import obligor_of


@dataclass(frozen=True)
class Facility:
    """A facility's rent at closing, its load in the first year and who serves it."""

    rent: float
    load: float
    served: list[Served]

    @property
    def floating(self) -> float:
        """Energy at the index with nobody behind it, MWh."""
        return floating(self.served)

    def debt_of(self, one: Served, debt: float, rent: float) -> float:
        """A contract's part of the deal's debt: the facility's by rent, the contract's by load."""
        own = debt * (self.rent / rent) if rent else 0.0
        if one.kind == NO_LOAD:
            return own
        return own * (one.mwh / self.load) if self.load else 0.0


def facilities_of(priced: Collateral, flow: ScenarioCashFlows) -> list[Facility]:
    """Every facility in the waterfall's case; `flow` is that case's cash flow by facility."""
    resolved, bills = priced.resolved, billed(priced.resolved)
    found = []
    for f, row in enumerate(resolved.facilities):
        months = max(0, min(YEAR, int(row["expiry"])))
        load = flow.group_supply("load_mwh", f)[0, :months]
        contracts = resolved.contracts[row["power_start"] : row["power_end"]]
        found.append(
            Facility(
                rent=fsum(bill.annual_rent for bill in bills if bill.facility == f),
                load=fsum(load.tolist()),
                served=served(contracts, load, resolved.timeline.hours[:months]),
            )
        )
    return found


def exposed(
    own: dict[str, Any],
    deal: Deal,
    bills: list[Billed],
    sites: list[Facility],
    tranches: list[Tranche],
    debt: float,
    fx_rate: float,
) -> Iterator[Exposed]:
    """All that a deal exposes to; debt without rent stands on the null key."""
    rent, kw = own["annual_rent"], own["billed_kw"]
    for dimension, key in (("sponsor", deal.sponsor), ("currency", deal.currency)):
        yield Exposed(dimension, key, rent * fx_rate, kw, 0.0, debt * fx_rate)
    for dimension, named in _lettings(deal):
        yield from _let(dimension, named, bills, rent, debt, fx_rate)
    for issued in tranches:
        yield Exposed("category", issued.supports or "none", debt=issued.principal * fx_rate)
    yield from _energy(deal, sites, rent, debt, fx_rate)


Named = Callable[[Billed], str | None]


def _lettings(deal: Deal) -> Iterator[tuple[str, Named]]:
    """The dimensions that rent is spread over, and a lease's key in each."""
    yield "tenant", lambda bill: obligor_of(deal.tenants[bill.tenant])
    yield "market", lambda bill: deal.facilities[bill.facility].market.name


def _let(
    dimension: str, named: Named, bills: list[Billed], rent: float, debt: float, fx_rate: float
) -> Iterator[Exposed]:
    keys: dict[str | None, list[Billed]] = {}
    for bill in bills:
        keys.setdefault(named(bill), []).append(bill)
    for key, own in keys.items():
        part = fsum(bill.annual_rent for bill in own)
        on_key = debt * (part / rent) if rent else 0.0
        yield Exposed(dimension, key, part * fx_rate, fsum(bill.kw for bill in own), 0.0, on_key * fx_rate)
    if not rent:
        yield Exposed(dimension, None, debt=debt * fx_rate)


def _energy(deal: Deal, sites: list[Facility], rent: float, debt: float, fx_rate: float) -> Iterator[Exposed]:
    """Energy by kind of contract, and by who supplies it."""
    for f, site in enumerate(sites):
        for one in site.served:
            on_it = site.debt_of(one, debt, rent) * fx_rate
            beside = one.kind == "cfd"
            yield Exposed("power", one.kind, mwh=0.0 if beside else one.mwh, debt=0.0 if beside else on_it)
            if one.contract is not None:
                named = deal.facilities[f].power[one.contract].counterparty
                yield Exposed("counterparty", named, mwh=one.mwh, debt=on_it)
    if not rent:
        yield Exposed("power", None, debt=debt * fx_rate)
