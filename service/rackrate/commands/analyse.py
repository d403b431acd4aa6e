"""The analyses of a file at the command line: what the service would send, as tables or as its bytes."""

# Design: a file is the request that the service takes; where it is a deal alone, options say what is asked of
# it. `--request` shows the request they come to, so that whatever a terminal shows can be asked over HTTP.

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

import msgspec
import shtab

from rackrate.analyses.identity import identity
from rackrate.analyses.projection import View, show
from rackrate.analyses.registry import (
    COMPARE,
    SENSITIVITY,
    SIMULATE,
    SIZE,
    UNDERWRITE,
    UNDERWRITE_POOL_WITH_TRANCHES,
    WATERFALL,
    Analysis,
    rules_sha256,
    ruleset_of,
)
from rackrate.commands.asked import (
    FACTOR,
    PATHS,
    SEED,
    Asked,
    comparison_of,
    factor_origin,
    fields_of,
    is_structure,
    sensitivity_of,
    simulation_of,
    simulation_of_pool,
)
from rackrate.commands.documents import wanted, write_documents, written
from rackrate.commands.kinds import command_of, expect
from rackrate.commands.progress import progress_bar
from rackrate.commands.refusals import Sources, file_content, read_from
from rackrate.deal.codec.decode import read
from rackrate.deal.factor import Factor
from rackrate.deal.requests.pool_simulation import PoolSimulation
from rackrate.deal.requests.underwriting import Deal, Underwriting
from rackrate.documents.document import Document
from rackrate.documents.documents import POOL_DOCUMENTS
from rackrate.reports import comparison, pool, pool_simulation, sensitivity, simulation, standalone
from rackrate.reports.tables import wrapped


class Command(msgspec.Struct, frozen=True):
    """One analysis at the command line.

    `takes` names the commands whose files it takes too. `asks` is what options ask of a deal; None where a
    file is always the request. `tabulate` writes request and answer to be read; of a deal that is answered
    with `parts` of its underwriting alone, `tabulate_deal` does. `documents` are what may be written beside.
    """

    analysis: Analysis
    help: str
    tabulate: Callable[[Any, Any], str]
    takes: tuple[str, ...] = ("underwrite",)
    asks: Callable[[Deal, Namespace], Asked] | None = None
    documents: Mapping[str, Document] = MappingProxyType({})
    parts: tuple[str, ...] = ()
    tabulate_deal: Callable[[Deal, Underwriting], str] | None = None


def _tabulate_simulation(request: Any, answer: Any) -> str:
    of_pool = isinstance(answer, PoolSimulation)
    return pool_simulation.tabulate(request, answer) if of_pool else simulation.tabulate(request, answer)


COMMANDS = {
    "sensitivity": Command(
        SENSITIVITY,
        "try adjustments on a deal: tornado, break-evens, tenants out",
        sensitivity.tabulate,
        asks=sensitivity_of,
    ),
    "compare": Command(
        COMPARE,
        "pay a deal through the templates, or tell two deals apart",
        comparison.tabulate,
        asks=comparison_of,
    ),
    "simulate": Command(
        SIMULATE,
        "simulate a deal, or a pool of loans",
        _tabulate_simulation,
        ("underwrite", "pool"),
        simulation_of,
    ),
    "pool": Command(
        UNDERWRITE_POOL_WITH_TRANCHES,
        "underwrite a pool of loans or of ground leases",
        pool.tabulate,
        ("pool",),
        documents=POOL_DOCUMENTS,
    ),
    "size": Command(
        SIZE,
        "size the loan of a deal, or one on a cash flow of one's own",
        standalone.tabulate_sizing,
        ("size", "underwrite"),
        parts=("id", "sizing", "coverage"),
        tabulate_deal=standalone.tabulate_sizing_of_deal,
    ),
    "waterfall": Command(
        WATERFALL,
        "pay the classes of a deal, or others from a cash flow of one's own",
        standalone.tabulate_waterfall,
        ("waterfall", "underwrite"),
        parts=("id", "tranches", "waterfall"),
        tabulate_deal=standalone.tabulate_waterfall_of_deal,
    ),
}


def add_parsers(commands: Any) -> None:
    """Add a parser for each analysis to those of the command."""
    for name, command in COMMANDS.items():
        parser = commands.add_parser(name, help=command.help)
        bare = command.asks is None and not command.parts
        what = "the request as JSON" if bare else "a deal, or the whole request, as JSON"
        add_file(parser, "file", f"{what}; - for standard input")
        parser.add_argument("--json", action="store_true", help="print what the service would send instead")
        parser.add_argument("--request", action="store_true", help="print the request itself, to be posted")
        add_documents(parser, command.documents)
        if command.asks is not None:
            _add_options(name, parser)


def add_file(parser: ArgumentParser, name: str, what: str, nargs: str | None = None) -> None:
    """Add an argument that is a file, and is completed as one."""
    argument = parser.add_argument(name, type=Path, nargs=nargs, help=what)
    argument.metavar = "FILE" if name.startswith("-") else None
    argument.complete = shtab.FILE  # type: ignore[attr-defined]  # what shtab looks for


def add_documents(parser: ArgumentParser, documents: Mapping[str, Document]) -> None:
    """Add an argument for each document that is a file of one form."""
    for name in written(documents):
        add_file(parser, f"--{name}", f"write its {name} there too")


def _add_options(name: str, parser: ArgumentParser) -> None:
    if name == "sensitivity":
        parser.add_argument("--resize", action="store_true", help="size a new loan at each point")
        one = parser.add_mutually_exclusive_group()
        one.add_argument("--tenants", action="store_true", help="each tenant out in turn")
        one.add_argument(
            "--principal",
            type=multiple,
            metavar="MULTIPLE",
            help="what would make the loan that much of itself: 1.05 is five percent larger",
        )
    elif name == "compare":
        add_file(parser, "other", "another deal, or another structure of it", nargs="?")
        parser.add_argument(
            "--templates", metavar="NAME,NAME", help="templates; all where nothing else is asked"
        )
        parser.add_argument("--all", action="store_true", help="every difference, however many there are")
    else:
        parser.add_argument("--paths", type=int, help=f"paths, even; {PATHS} if absent")
        parser.add_argument("--seed", type=int, help=f"seed; {SEED} if absent")
        add_file(parser, "--factor", "the seven terms of the factor as JSON")
        for field in msgspec.structs.fields(Factor):
            usual = getattr(FACTOR, field.name)
            of_ruleset = field.name == "asset_correlation"
            origin = "the ruleset's" if of_ruleset else f"{usual}, the contract's example,"
            option = f"--{field.name.replace('_', '-')}"
            parser.add_argument(option, type=float, metavar="X", help=f"{origin} if absent")


def multiple(text: str) -> float:
    """Read what the loan is to be multiplied with; of 1 there is nothing to seek."""
    number = float(text)
    if number == 1.0:
        raise ArgumentTypeError("must be more than 1, or less: the deal as it is has this principal")
    return number


def analyse(chosen: Namespace) -> str:
    """Answer the file that was chosen: tables to be read, or JSON.

    Raises
    ------
    RefusedFileError
        If a service would refuse the request.
    OSError
        If a file cannot be read.
    """
    command = COMMANDS[chosen.command]
    content = file_content(chosen.file)
    fields = fields_of(content)
    expect(chosen.file, fields, *command.takes)
    if command.parts and command_of(fields) == "underwrite":
        return _of_deal(command, chosen, content)
    part = None if fields is None or command.asks is None else _part(command, fields)
    with read_from({"": (str(chosen.file), content)}):
        asked = content if part is None else _asked(command, chosen, part, content)
    with read_from({"": (str(chosen.file), content)} if part is None else _sources(chosen, part, content)):
        request, text = read(asked, command.analysis.reads)
        if chosen.request:
            return text.decode()
        answer = _computed(command.analysis, request, text)
    write_documents(command.documents, wanted(command.documents, chosen), request, answer)
    if chosen.json:
        return msgspec.json.encode(answer).decode()
    origin = factor_origin(chosen) if part == "deal" and command.analysis is SIMULATE else ""
    tabulate: Callable[[Any, Any], str] = command.tabulate
    if getattr(chosen, "all", False):
        tabulate = partial(comparison.tabulate, whole=True)
    return tabulate(request, answer) + f"\n\n{wrapped(origin)}" * bool(origin)


def _of_deal(command: Command, chosen: Namespace, content: bytes) -> str:
    """Answer a deal with the parts of its underwriting that the command is about."""
    with read_from({"": (str(chosen.file), content)}):
        deal, text = read(content, Deal)
        if chosen.request:
            return text.decode()
        answer: Any = _computed(UNDERWRITE, deal, text)
        if chosen.json or command.tabulate_deal is None:
            return show(msgspec.json.encode(answer), View(command.parts)).decode()
        return command.tabulate_deal(deal, answer)


def _computed(analysis: Analysis, request: msgspec.Struct, text: bytes) -> msgspec.Struct:
    """Compute an answer, with a bar where the analysis tells how far it has come."""
    ruleset = ruleset_of(request)
    asked = (request, ruleset, identity(rules_sha256(request), text))
    if analysis.compute_with_progress is None:
        return analysis.compute(*asked)
    with progress_bar("paths") as bar:

        def on_progress(done: int, of: int) -> None:
            bar.total = of
            bar.update(done - bar.n)

        return analysis.compute_with_progress(*asked, on_progress)


def _part(command: Command, fields: Mapping[str, Any]) -> str | None:
    """Under what name the request has the document in a file; None where that is the request itself."""
    if {"deal", "pool"} & fields.keys():
        return None
    return "pool" if command.analysis is SIMULATE and "loans" in fields else "deal"


def _asked(command: Command, chosen: Namespace, part: str, content: bytes) -> bytes:
    """The request that the options ask of the deal or the pool in a file."""
    asked: Asked = {}
    if part == "pool":
        asked = simulation_of_pool(chosen)
    elif command.asks is not None:
        asked = command.asks(read(content, Deal)[0], chosen)
    return msgspec.json.encode({part: msgspec.Raw(content), **asked})


def _sources(chosen: Namespace, part: str, content: bytes) -> Sources:
    """The files of a request, by the pointer under which it has each."""
    found: dict[str, tuple[str, bytes]] = {f"/{part}": (str(chosen.file), content)}
    other: Path | None = getattr(chosen, "other", None)
    if other is not None:
        told = other.read_bytes()
        under = "/against/structure" if is_structure(fields_of(told) or {}) else "/against"
        found[under] = (str(other), told)
    return found
