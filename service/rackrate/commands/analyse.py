"""The analyses of a file at the command line: what the service would send, as tables or as its bytes."""

# Design: a file is the request that the service takes; where it is a deal alone, options say what is asked of
# it. `--request` shows the request they come to, so that whatever a terminal shows can be asked over HTTP.

import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from rackrate.analyses.identity import identity
from rackrate.analyses.registry import COMPARE, SENSITIVITY, SIMULATE, SIZE, WATERFALL, Analysis, ruleset_of
from rackrate.deal.codec.decode import read
from rackrate.deal.errors import Refusal
from rackrate.deal.requests.simulation import Factor
from rackrate.deal.requests.underwriting import Deal
from rackrate.deal.sizing_tests import limits_of
from rackrate.reports import comparison, sensitivity, simulation, standalone

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
FACTOR = Factor(
    asset_correlation=0.24,
    renewal_loading=0.5,
    rent_volatility=0.1,
    rent_loading=0.6,
    power_speed=1.5,
    power_volatility=0.35,
    power_loading=0.1,
)


class Command(msgspec.Struct, frozen=True):
    """One analysis at the command line.

    `asks` is what options ask of a deal; None where a file is always the request. `tabulate` writes request
    and answer to be read.
    """

    analysis: Analysis
    help: str
    tabulate: Callable[[Any, Any], str]
    asks: Callable[[Deal, Namespace], Asked] | None = None


def sensitivity_of(deal: Deal, chosen: Namespace) -> Asked:
    """What is tried: tenants out, a larger or smaller loan, or else a tornado and break-evens."""
    if chosen.tenants:
        return {"tenants_out": True, "resize": chosen.resize}
    if chosen.principal is not None:
        moved = [*limits_of(deal.sizing.tests), *GROWING]
        target = {"principal": chosen.principal}
        return {"resize": True, "break_evens": [{"adjustment": name, "target": target} for name in moved]}
    tornado = [{"adjustment": name, "low": low, "high": high} for name, (low, high) in TORNADO.items()]
    sought: list[tuple[str, Asked]] = [(name, {"dscr_minimum": 1.0}) for name in UNCOVERED]
    if deal.structure is not None:
        levels = deal.structure.triggers
        trips = [name for name in ("trap", "amortise", "pik") if getattr(levels, f"{name}_below") is not None]
        sought += [("ncf_haircut", {"trigger": name}) for name in trips]
        sought += [("ncf_haircut", {"first_loss": note.name}) for note in deal.structure.classes]
    break_evens = [{"adjustment": name, "target": target} for name, target in sought]
    return {"resize": chosen.resize, "tornado": tornado, "break_evens": break_evens}


def comparison_of(deal: Deal, chosen: Namespace) -> Asked:
    """The templates, or the other deal; a file with classes alone is another structure of the same deal."""
    asked: Asked = {} if chosen.templates is None else {"templates": chosen.templates.split(",")}
    if chosen.other is None:
        return asked
    other = _fields(chosen.other.read_bytes())
    if other is None:
        raise Refusal(f"{chosen.other}: neither a deal nor a structure")
    if "classes" in other and "facilities" not in other:
        other = msgspec.to_builtins(deal) | {"structure": other}
    return {"templates": [], "against": other} | asked


def simulation_of(deal: Deal, chosen: Namespace) -> Asked:
    """Paths, seed and the terms of the factor, where they are not the usual ones."""
    named = {name: getattr(chosen, name) for name in Factor.__struct_fields__}
    factor = msgspec.to_builtins(FACTOR) | {name: value for name, value in named.items() if value is not None}
    return {
        "paths": chosen.paths or PATHS,
        "seed": SEED if chosen.seed is None else chosen.seed,
        "factor": factor,
    }


COMMANDS = {
    "sensitivity": Command(
        SENSITIVITY,
        "try adjustments on a deal: tornado, break-evens, tenants out",
        sensitivity.tabulate,
        sensitivity_of,
    ),
    "compare": Command(
        COMPARE,
        "pay a deal through the templates, or tell two deals apart",
        comparison.tabulate,
        comparison_of,
    ),
    "simulate": Command(SIMULATE, "simulate a deal", simulation.tabulate, simulation_of),
    "size": Command(SIZE, "size a loan on a cash flow of one's own", standalone.tabulate_sizing),
    "waterfall": Command(
        WATERFALL, "pay classes from a cash flow of one's own", standalone.tabulate_waterfall
    ),
}


def add_parsers(commands: Any) -> None:
    """Add a parser for each analysis to those of the command."""
    for name, command in COMMANDS.items():
        parser = commands.add_parser(name, help=command.help)
        what = "the request as JSON" if command.asks is None else "a deal, or the whole request, as JSON"
        parser.add_argument("file", type=Path, help=what)
        parser.add_argument("--json", action="store_true", help="print what the service would send instead")
        parser.add_argument("--request", action="store_true", help="print the request itself, to be posted")
        if command.asks is not None:
            _add_options(name, parser)


def _add_options(name: str, parser: ArgumentParser) -> None:
    if name == "sensitivity":
        parser.add_argument("--resize", action="store_true", help="size a new loan at each point")
        one = parser.add_mutually_exclusive_group()
        one.add_argument("--tenants", action="store_true", help="each tenant out in turn")
        one.add_argument(
            "--principal",
            type=_multiple,
            metavar="MULTIPLE",
            help="what would make the loan that much of itself: 1.05 is five percent larger",
        )
    elif name == "compare":
        parser.add_argument("other", type=Path, nargs="?", help="another deal, or another structure of it")
        parser.add_argument(
            "--templates", metavar="NAME,NAME", help="templates; all where nothing else is asked"
        )
    else:
        parser.add_argument("--paths", type=int, help=f"paths, even; {PATHS} if absent")
        parser.add_argument("--seed", type=int, help=f"seed; {SEED} if absent")
        for field in msgspec.structs.fields(Factor):
            usual = getattr(FACTOR, field.name)
            option = f"--{field.name.replace('_', '-')}"
            parser.add_argument(option, type=float, metavar="X", help=f"{usual} if absent")


def _multiple(text: str) -> float:
    """Read what the loan is to be multiplied with; of 1 there is nothing to seek."""
    multiple = float(text)
    if multiple == 1.0:
        raise ArgumentTypeError("must be more than 1, or less: the deal as it is has this principal")
    return multiple


def analyse(chosen: Namespace) -> str:
    """Answer the file that was chosen: tables to be read, or JSON.

    Raises
    ------
    Refusal
        If a service would refuse the request.
    OSError
        If a file cannot be read.
    """
    command = COMMANDS[chosen.command]
    request, text = read(_asked(command, chosen), command.analysis.reads)
    if chosen.request:
        return text.decode()
    ruleset = ruleset_of(request)
    answer = command.analysis.compute(request, ruleset, identity(ruleset.sha256, text))
    return msgspec.json.encode(answer).decode() if chosen.json else command.tabulate(request, answer)


def _asked(command: Command, chosen: Namespace) -> bytes:
    """The request: the file itself, or what the options ask of the deal in it."""
    content: bytes = chosen.file.read_bytes()
    fields = None if command.asks is None else _fields(content)
    if fields is None or command.asks is None or "deal" in fields:
        return content
    deal, _ = read(content, Deal)
    return msgspec.json.encode({"deal": msgspec.Raw(content), **command.asks(deal, chosen)})


def _fields(content: bytes) -> Mapping[str, Any] | None:
    """Fields of a document, unread; None where it is no object, which who reads it will say."""
    try:
        return msgspec.json.decode(content, type=dict[str, msgspec.Raw])
    except msgspec.DecodeError:
        return None


def printed(act: Callable[[], str]) -> int:
    """Print what is answered, or every reason against it; the status the command exits with."""
    try:
        text = act()
    except OSError as error:
        print(f"{error.filename}: {error.strerror}" if error.filename else error, file=sys.stderr)
        return 2
    except Refusal as refusal:
        print(f"{refusal.title}: {refusal.detail}", file=sys.stderr)
        for fault in refusal.errors:
            print(f"  {fault.pointer or 'document'}: {fault.message}", file=sys.stderr)
        return 1
    print(text)
    return 0
