"""Requests of the analysis commands: from their options, else by default."""

from argparse import Namespace
from collections.abc import Mapping
from typing import Any

import msgspec

from rackrate.analyses.registry import ruleset_of
from rackrate.commands.refusals import file_content, read_from
from rackrate.deal.codec.decode import decode
from rackrate.deal.errors import Refusal
from rackrate.deal.factor import Factor
from rackrate.deal.requests.underwriting import Deal
from rackrate.deal.sizing_tests import limits_of

Asked = dict[str, Any]  # fields of a request beside its deal
TORNADO = {
    "rent_haircut": (0.0, 0.1),
    "market_rent_haircut": (0.0, 0.2),
    "vacancy_floor": (0.0, 0.1),
    "renewal_factor": (0.5, 1.0),
    "power_price_factor": (0.8, 1.3),
    "opex_factor": (0.9, 1.1),
    "rate_add": (-0.01, 0.01),
}
UNCOVERED = ("ncf_haircut", "rent_haircut", "vacancy_floor", "opex_factor", "power_price_factor", "rate_add")
GROWING = ("rate_add", "rent_haircut", "opex_factor", "vacancy_floor", "cap_rate")  # beside every limit
PATHS, SEED = 10_000, 7
FACTOR = Factor(  # the contract's example
    asset_correlation=0.24,
    renewal_loading=0.5,
    rent_volatility=0.1,
    rent_loading=0.6,
    power_speed=1.5,
    power_volatility=0.35,
    power_loading=0.1,
)


def sensitivity_of(deal: Deal, chosen: Namespace) -> Asked:
    """Build a sensitivity request: tenants out, a larger or smaller loan, else a tornado and break-evens."""
    if chosen.tenants:
        return {"tenants_out": True, "resize": chosen.resize}
    if chosen.principal is not None:
        return grown_by(deal, chosen.principal)
    tornado = [{"adjustment": name, "low": low, "high": high} for name, (low, high) in TORNADO.items()]
    return {"resize": chosen.resize, "tornado": tornado, "break_evens": [*uncovered(), *unpaid(deal)]}


def uncovered() -> list[Asked]:
    """How far each adjustment goes, alone, until debt service is not covered."""
    return [{"adjustment": name, "target": {"dscr_minimum": 1.0}} for name in UNCOVERED]


def unpaid(deal: Deal) -> list[Asked]:
    """How far net cash flow falls until each trigger trips and each class first loses."""
    if deal.structure is None:
        return []
    levels = deal.structure.triggers
    trips = [name for name in ("trap", "amortise", "pik") if getattr(levels, f"{name}_below") is not None]
    targets = [{"trigger": name} for name in trips]
    targets += [{"first_loss": note.name} for note in deal.structure.classes]
    return [{"adjustment": "ncf_haircut", "target": target} for target in targets]


def grown_by(deal: Deal, multiple: float) -> Asked:
    """What would make the loan `multiple` of itself: each limit, and what moves the whole deal."""
    moved = [*limits_of(deal.sizing.tests), *GROWING]
    target = {"principal": multiple}
    return {"resize": True, "break_evens": [{"adjustment": name, "target": target} for name in moved]}


def comparison_of(deal: Deal, chosen: Namespace) -> Asked:
    """Build a comparison request: by templates, or with another deal; classes alone are a structure."""
    asked: Asked = {} if chosen.templates is None else {"templates": chosen.templates.split(",")}
    if chosen.other is None:
        return asked
    other = fields_of(chosen.other.read_bytes())
    if other is None:
        raise Refusal(f"{chosen.other}: neither a deal nor a structure")
    if is_structure(other):
        other = msgspec.to_builtins(deal) | {"structure": other}
    return {"templates": [], "against": other} | asked


def is_structure(fields: Mapping[str, Any]) -> bool:
    """Whether a document is the structure of a deal alone."""
    return "classes" in fields and "facilities" not in fields


def simulation_of(deal: Deal, chosen: Namespace) -> Asked:
    """Build a simulation request: paths, seed and factor terms by option, of a file, else by default."""
    factor = usual_factor(deal)
    if chosen.factor is not None:
        content = file_content(chosen.factor)
        with read_from({"": (str(chosen.factor), content)}):
            factor = msgspec.to_builtins(decode(content, Factor))
    named = {name: getattr(chosen, name) for name in Factor.__struct_fields__}
    return {
        "paths": chosen.paths or PATHS,
        "seed": SEED if chosen.seed is None else chosen.seed,
        "factor": factor | {name: value for name, value in named.items() if value is not None},
    }


def simulation_of_pool(chosen: Namespace) -> Asked:
    """Paths, seed and asset correlation of a pool's obligors; the ruleset's where none is given."""
    asked: Asked = {"paths": chosen.paths or PATHS, "seed": SEED if chosen.seed is None else chosen.seed}
    if chosen.asset_correlation is not None:
        asked["asset_correlation"] = chosen.asset_correlation
    return asked


def usual_factor(deal: Deal) -> Asked:
    """Default factor terms: the ruleset's correlation, the rest of the contract's example."""
    correlation = ruleset_of(deal).credit.asset_correlation
    return {**msgspec.to_builtins(FACTOR), "asset_correlation": correlation}


def factor_origin(chosen: Namespace) -> str:
    """Say of the terms of the factor that nobody gave where they come from; nothing where all were given."""
    if chosen.factor is not None:
        return ""
    assumed = [name for name in Factor.__struct_fields__ if getattr(chosen, name) is None]
    example = [name for name in assumed if name != "asset_correlation"]
    told = ["asset_correlation is the ruleset's."] * ("asset_correlation" in assumed)
    if example:
        told.append(f"{', '.join(example)}: the contract's example, no estimate;")
        told.append("--factor FILE gives your own.")
    return " ".join(told)


def fields_of(content: bytes) -> Mapping[str, Any] | None:
    """Fields of a document, unread; None where it is no object, which who reads it will say."""
    try:
        return msgspec.json.decode(content, type=dict[str, msgspec.Raw])
    except msgspec.DecodeError:
        return None
