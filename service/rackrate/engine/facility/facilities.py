"""Resolve facilities: capacity, tenure, fees and operating costs as rows, equipment value as curves."""

from dataclasses import dataclass

import numpy as np

from rackrate.deal.facility.costs import OperatingCost
from rackrate.deal.facility.facilities import Facility, Leasehold
from rackrate.deal.requests.underwriting import Deal
from rackrate.engine.rows import FOREVER, Rows, rows, spans
from rackrate.engine.timeline import Floats, Timeline
from rackrate.kernel import records


@dataclass(frozen=True, slots=True)
class EquipmentValue:
    """Residual and straight-line book value of all equipment at each boundary [N], deal currency."""

    residual: Floats
    book: Floats


def _facility_row(facility: Facility, timeline: Timeline, span: tuple[int, int]) -> dict[str, float]:
    tenure = facility.tenure
    leasehold = tenure if isinstance(tenure, Leasehold) else None
    return {
        "expiry": FOREVER if leasehold is None else timeline.index(leasehold.expiry),
        "power_start": span[0],
        "power_end": span[1],
        "group": 0,
        "capacity_kw": facility.capacity_kw,
        "curtailment_share": facility.curtailment_hours_per_year / 8760.0,
        "sla_credit_share": facility.sla_credit_share,
        "vacancy_floor": facility.vacancy_floor,
        "management_fee": facility.management_fee,
        "other_income": facility.other_income,
        "capex_reserve": facility.capex_reserve_per_kw_year,
        "ground_rent": 0.0 if leasehold is None else leasehold.ground_rent,
        "ground_rent_growth": 0.0 if leasehold is None else leasehold.growth,
    }


def resolve_facilities(deal: Deal, timeline: Timeline) -> Rows:
    """Facility rows [F], summed into one group."""
    powered = spans(facility.power for facility in deal.facilities)
    return rows(
        records.FACILITY,
        (
            _facility_row(facility, timeline, span)
            for facility, span in zip(deal.facilities, powered, strict=True)
        ),
    )


def resolve_equipment(deal: Deal, timeline: Timeline) -> EquipmentValue | None:
    """Residual and straight-line book value of all equipment by month; None where there is none."""
    equipment = [facility.equipment for facility in deal.facilities if facility.equipment is not None]
    if not equipment:
        return None
    month = np.arange(timeline.months)
    residual, book = np.zeros(timeline.months), np.zeros(timeline.months)
    for item in equipment:
        residual += item.cost * timeline.curve(item.residual)
        book += item.cost * np.maximum(0.0, 1.0 - month / item.life_months)
    return EquipmentValue(residual, book)


def resolve_costs(deal: Deal, timeline: Timeline) -> tuple[Rows, tuple[str, ...], Floats]:
    """Operating costs: rows [Q], the names of their lines, and monthly amounts [Q, N] with growth in.

    An amount is money per month, or per occupied kW and month.
    """
    names: dict[str, int] = {}
    table: list[dict[str, float]] = []
    costs: list[OperatingCost] = []
    for f, facility in enumerate(deal.facilities):
        for cost in facility.operating_costs:
            line = names.setdefault(cost.name, len(records.LINES) + len(names))
            table.append({"facility": f, "line": line, "per_kw": int(cost.annual is None)})
            costs.append(cost)
    amounts = annual_growth([cost.growth for cost in costs], timeline.months)
    for amount, cost in zip(amounts, costs, strict=True):
        amount *= _monthly(cost, timeline)
    return rows(records.COST, table), tuple(names), amounts


def _monthly(cost: OperatingCost, timeline: Timeline) -> float | Floats:
    """Monthly amount of a cost at closing prices: per occupied kW, or of the facility."""
    if cost.annual is None:
        return cost.per_kw_month or 0.0
    return cost.annual / 12.0 if isinstance(cost.annual, (int, float)) else timeline.curve(cost.annual) / 12.0


def annual_growth(rates: list[float], months: int) -> Floats:
    """(1 + rate) to the whole years since closing [rates, months], by products: the same bits everywhere.

    >>> annual_growth([0.5], 25)[0, [0, 11, 12, 24]].tolist()
    [1.0, 1.0, 1.5, 2.25]
    """
    levels = np.empty((len(rates), -(-months // 12)))
    levels[:, 0], levels[:, 1:] = 1.0, 1.0 + np.array(rates)[:, None]
    return np.repeat(np.multiply.accumulate(levels, axis=1), 12, axis=1)[:, :months].copy()
