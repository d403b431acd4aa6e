"""The command `rackrate`: serve, underwrite, explain and analyse deals, begin a new one, make an API key."""

# Design: what serves is loaded by the commands that serve or describe it: all others start without it.

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import Any

import shtab

from rackrate import __version__
from rackrate import settings as environment
from rackrate.commands.analyse import add_documents, add_file, add_parsers, analyse, multiple
from rackrate.commands.book import add_book_arguments, underwrite_book
from rackrate.commands.documents import wanted
from rackrate.commands.files import FILES, add_file_parsers, read_named_file
from rackrate.commands.new import FIRST, kinds, write_new
from rackrate.commands.refusals import printed
from rackrate.commands.underwrite import underwrite_file
from rackrate.documents.documents import DOCUMENTS
from rackrate.settings import SettingsError

SHELLS = ("bash", "zsh", "fish")
INTERRUPTED = 130  # as a shell tells of a command that SIGINT ended


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    It exits with 0, or with 1 where a deal is refused, 2 where the command, a file or a setting is, 130 where
    it is interrupted.
    """
    if os.getpid() == 1:  # the first process of a container: what it does not handle does not end it
        signal.signal(signal.SIGTERM, _terminated)
    chosen = _parser().parse_args(arguments)
    try:
        status = _run(chosen)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read has enough; the interpreter would stumble over it once more
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return INTERRUPTED
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    except ModuleNotFoundError as error:
        if (error.name or "rackrate").startswith("rackrate"):
            raise
        print(f"{error.name} is not installed: pip install 'rackrate[server]'", file=sys.stderr)
        return 2
    return status


def _terminated(number: int, frame: FrameType | None) -> None:
    """Raise SystemExit on SIGTERM; the server installs its own handler once it runs."""
    sys.exit(128 + number)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="rackrate", description="Underwriting AI data-centre debt.")
    parser.add_argument("--version", action="version", version=f"rackrate {__version__}")
    commands = parser.add_subparsers(dest="command", required=True)
    server = commands.add_parser("serve", help="serve the HTTP API, set up by RACKRATE_… in the environment")
    add_file(server, "--show", "ask it for this deal once it is up, print the answer, say what is next")
    _add_deals(commands)
    deals = commands.add_parser(
        "published", help="list the published deals, or underwrite one beside what was printed of it"
    )
    deals.add_argument("name", nargs="?", help="of the list that is printed without it")
    add_parsers(commands)
    add_file_parsers(commands)
    commands.add_parser("contract", help="print openapi.yaml")
    key = commands.add_parser("key", help="make an API key, and its entry for the API keys file")
    key.add_argument("client")
    shell = commands.add_parser("completion", help="print what completes this command in a shell")
    shell.add_argument("shell", choices=SHELLS)
    return parser


def _add_deals(commands: Any) -> None:
    """Add the parsers of the commands that take deals as they are."""
    deal = commands.add_parser("underwrite", help="underwrite the deal in a JSON file and print it")
    add_file(deal, "file", "- for standard input")
    deal.add_argument("--json", action="store_true", help="print the whole answer as JSON instead")
    deal.add_argument(
        "--over-http", action="store_true", help="ask the service that listens where it is set to"
    )
    add_documents(deal, DOCUMENTS)
    many = commands.add_parser("portfolio", help="underwrite a deal a line, on every core: a row each")
    add_file(many, "file", "NDJSON; - for standard input; with --out a folder or Parquet too")
    add_book_arguments(many)
    many.add_argument("--json", action="store_true", help="print the lines the service would send instead")
    told = commands.add_parser(
        "explain", help="say what binds, what breaks first and when, what would make the loan larger"
    )
    add_file(told, "file", "a deal as JSON; - for standard input")
    told.add_argument(
        "--principal", type=multiple, default=1.05, metavar="MULTIPLE", help="the loan sought; 1.05 if absent"
    )
    new = commands.add_parser("new", help="begin a deal: a shipped one with comments, to be filled in")
    add_file(new, "output", "file to write; printed if absent", nargs="?")
    new.add_argument("--like", choices=kinds(), default=FIRST, help=f"the shipped deal; {FIRST} if absent")


def _run(chosen: argparse.Namespace) -> int:
    """Run the command that was chosen; the status to exit with."""
    settings = environment.read(os.environ)
    match chosen.command:
        case "serve":
            from rackrate.commands.serve import serve

            return serve(settings, chosen.show)
        case "underwrite":
            service = settings if chosen.over_http else None
            files = wanted(DOCUMENTS, chosen)
            return underwrite_file(chosen.file, service, chosen.json, documents=files)
        case "portfolio":
            if chosen.out is not None:
                return underwrite_book(chosen, settings)
            from rackrate.commands.portfolio import underwrite_portfolio

            return underwrite_portfolio(chosen.file, chosen.json)
        case "explain":
            from rackrate.commands.explain import explain_file

            return printed(lambda: explain_file(chosen.file, chosen.principal))
        case "new":
            return write_new(chosen.like, chosen.output)
        case "completion":
            print(shtab.complete(_parser(), chosen.shell))
        case "published":
            from rackrate.commands.published import show_published

            return show_published(chosen.name)
        case "contract":
            from rackrate.commands.contract import print_contract

            print_contract()
        case "key":
            from rackrate.commands.key import make_key

            return make_key(chosen.client)
        case name if name in FILES:
            return printed(lambda: read_named_file(chosen))
        case _:
            return printed(lambda: analyse(chosen))
    return 0


if __name__ == "__main__":
    sys.exit(main())
