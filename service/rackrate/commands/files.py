"""`rackrate tape FILE`, `rackrate rent-roll FILE`: files as filed, as tables or as the service's bytes."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import msgspec

from rackrate.analyses.identity import identity
from rackrate.analyses.registry import READ_RENT_ROLL, READ_TAPE, Analysis, rules_sha256, ruleset_of
from rackrate.deal.answers.tape import Basis, Layout
from rackrate.deal.codec.decode import read
from rackrate.deal.requests.rent_roll import DateOrder, DecimalMark, known_tenants
from rackrate.deal.requests.tape import stated_totals
from rackrate.reports.rent_roll import tabulate_rent_roll
from rackrate.reports.tape import tabulate_tape


class FileCommand(msgspec.Struct, frozen=True):
    """One kind of file at the command line: what reads it, what is asked of it, and how it is printed."""

    analysis: Analysis
    help: str
    add_options: Callable[[ArgumentParser], None]
    asked: Callable[[Namespace], dict[str, Any]]
    tabulate: Callable[[Any, Any], str]


def _add_tape_options(parser: ArgumentParser) -> None:
    parser.add_argument("--layout", choices=get_args(Layout), help="of a CSV file it must be said")
    parser.add_argument("--basis", choices=get_args(Basis), help="of income and value")
    parser.add_argument("--stated", metavar="NAME:NUMBER,…", help="totals to be held against those read")


def _asked_of_tape(chosen: Namespace) -> dict[str, Any]:
    asked = {name: getattr(chosen, name) for name in ("layout", "basis") if getattr(chosen, name)}
    return asked | {"stated": stated_totals(chosen.stated or "")}


def _add_roll_options(parser: ArgumentParser) -> None:
    parser.add_argument("--sheet", help="of a workbook that has several")
    parser.add_argument("--dates", choices=get_args(DateOrder), help="how 03/04/2027 is meant")
    parser.add_argument("--decimals", choices=get_args(DecimalMark), help="what separates them; a point")
    parser.add_argument("--tenants", metavar="ID:NAME,…", help="tenants of the deal, to be matched")
    parser.add_argument("--stated", metavar="NAME:NUMBER,…", help="totals to be held against those read")


def _asked_of_roll(chosen: Namespace) -> dict[str, Any]:
    asked = {name: getattr(chosen, name) for name in ("sheet", "dates", "decimals") if getattr(chosen, name)}
    told = {"tenants": known_tenants(chosen.tenants or ""), "stated": stated_totals(chosen.stated or "")}
    return asked | told


FILES = {
    "tape": FileCommand(
        READ_TAPE,
        "read a loan tape: EX-102 as XML, CREFC setup or periodic as CSV",
        _add_tape_options,
        _asked_of_tape,
        tabulate_tape,
    ),
    "rent-roll": FileCommand(
        READ_RENT_ROLL,
        "read a rent roll: CSV or a workbook, leases out",
        _add_roll_options,
        _asked_of_roll,
        tabulate_rent_roll,
    ),
}


def add_file_parsers(commands: Any) -> None:
    """Add a parser for each kind of file to those of the command."""
    for name, command in FILES.items():
        parser = commands.add_parser(name, help=command.help)
        parser.add_argument("file", type=Path, help="its ending says what it is")
        parser.add_argument("--json", action="store_true", help="print what the service would send instead")
        command.add_options(parser)


def read_named_file(chosen: Namespace) -> str:
    """Read the file that was chosen: tables to be read, or JSON.

    Raises
    ------
    Refusal
        If a service would refuse it.
    OSError
        If it cannot be read.
    """
    command = FILES[chosen.command]
    asked = {"file": chosen.file.suffix.lower().lstrip("."), "content": chosen.file.read_bytes()}
    body = msgspec.msgpack.encode(asked | command.asked(chosen))
    request, text = read(body, command.analysis.reads, "msgpack")
    id_ = identity(rules_sha256(request), text)
    answer = command.analysis.compute(request, ruleset_of(request), id_)
    return msgspec.json.encode(answer).decode() if chosen.json else command.tabulate(request, answer)
