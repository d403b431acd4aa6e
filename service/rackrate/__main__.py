"""The command `rackrate`: serve the API, underwrite a deal or many, print the contract, make an API key."""

import argparse
import hashlib
import logging
import logging.config
import os
import secrets
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from rackrate import __version__, processors, redis_url
from rackrate import settings as environment
from rackrate.analyses.problems import ProblemDetails
from rackrate.api.auth.api_keys import PREFIX
from rackrate.api.auth.client import SCOPES
from rackrate.api.auth.reloading import FileError
from rackrate.api.cache.memory import MemoryResults
from rackrate.api.openapi.document import as_yaml
from rackrate.api.responses.problem_details import crash
from rackrate.api.server.connections import raise_limit
from rackrate.api.server.supervisor import Supervisor, listen
from rackrate.api.server.worker import GRACE_S, serve_on
from rackrate.api.telemetry.logs import settings_of
from rackrate.app import clients_of, create_app, of_worker
from rackrate.deal.codec.decode import read
from rackrate.deal.codec.media_types import JSON
from rackrate.deal.errors import Refusal
from rackrate.deal.requests.underwriting import Deal, Underwriting
from rackrate.portfolio.lines import compute, numbered, underwritten
from rackrate.portfolio.pool import in_order
from rackrate.reports.summary import summarise
from rackrate.settings import Settings, SettingsError

logger = logging.getLogger("rackrate")

MARGIN_S = 5  # beyond its own grace, before a worker is killed
STARTUP_S = 30.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; exit with 1 where a deal is refused, with 2 where the command or a setting is."""
    parser = argparse.ArgumentParser(prog="rackrate", description="Underwriting AI data-centre debt.")
    verbs = parser.add_subparsers(dest="verb", required=True)
    server = verbs.add_parser("serve", help="serve the HTTP API, set up by RACKRATE_… in the environment")
    server.add_argument(
        "--show",
        metavar="FILE",
        type=Path,
        help="ask it for this deal once it is up, print the answer, say what is next",
    )
    deal = verbs.add_parser("underwrite", help="underwrite the deal in a JSON file and print it to be read")
    deal.add_argument("file", type=Path)
    deal.add_argument("--json", action="store_true", help="print the whole answer as JSON instead")
    deal.add_argument(
        "--over-http", action="store_true", help="ask the service that listens where it is set to"
    )
    many = verbs.add_parser(
        "portfolio", help="underwrite a deal a line, on every core, and print a line each"
    )
    many.add_argument("file", type=Path, help="NDJSON; - for standard input")
    verbs.add_parser("contract", help="print openapi.yaml")
    key = verbs.add_parser("key", help="make an API key, and its entry for the API keys file")
    key.add_argument("client")
    chosen = parser.parse_args(arguments)
    try:
        settings = environment.read(os.environ)
        match chosen.verb:
            case "serve":
                return serve(settings, chosen.show)
            case "underwrite":
                return underwrite_file(chosen.file, settings if chosen.over_http else None, chosen.json)
            case "portfolio":
                return underwrite_portfolio(chosen.file)
            case "contract":
                sys.stdout.write(as_yaml(create_app(Settings(), MemoryResults(1))))
            case "key":
                make_key(chosen.client)
    except (SettingsError, FileError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def serve(settings: Settings, shown: Path | None = None) -> int:
    """Serve until told to stop; once up, print what the service answers to the deal in `shown`."""
    logging.config.dictConfig(settings_of(settings.log_level))
    understood: dict[str, bytes] = {}  # of files of keys, for workers that start while one is broken
    clients = clients_of(settings, understood)  # a bad one stops the service here, and not in every worker
    raise_limit()
    try:
        listening = listen(settings.host, settings.port)
    except OSError as error:
        reason = f"{os.strerror(error.errno or 0)}; choose another port with RACKRATE_PORT"
        print(f"cannot listen on {settings.host}:{settings.port}: {reason}", file=sys.stderr)
        return 2
    logger.info("started", extra={"facts": _started(settings)})
    if settings.processes > 1 and not settings.redis_url:
        logger.warning("without RACKRATE_REDIS_URL each worker keeps its own answers")
    if shown:
        threading.Thread(target=_show, args=(shown, settings), daemon=True).start()
    work = partial(serve_on, make=partial(of_worker, settings, understood), log_level=settings.log_level)
    return Supervisor(work, settings.processes, GRACE_S + MARGIN_S, clients.are_current).run(listening)


def _started(settings: Settings) -> dict[str, Any]:
    """What runs, where, and with what, for the log; of Redis the host alone: its address has a password."""
    hosts = [host for host, _ in redis_url.parse(settings.redis_url).hosts] if settings.redis_url else []
    return {
        "version": __version__,
        "address": address(settings),
        "workers": settings.processes,
        "cache": f"redis on {', '.join(hosts) or 'a socket'}" if settings.redis_url else "in the process",
    }


def _show(file: Path, settings: Settings) -> None:
    """Print what the service answers to a deal, and what to try next."""
    underwrite_file(file, settings, as_json=False)
    at, command = address(settings), os.path.relpath(Path(sys.executable).with_name("rackrate"))
    print(
        f"""
Serving at {at} until Ctrl-C. Next:
  curl --json @{file} '{at}/v1/underwritings?fields=summary'
  {command} underwrite FILE    # a deal of your own, read in this terminal, without the service
  curl {at}/openapi.json    # the contract; docs/http.md says how to connect a system""",
        flush=True,
    )


def underwrite_file(file: Path, service: Settings | None, as_json: bool) -> int:
    """Underwrite a file, here or by asking a service, and print the answer or every reason against it."""
    try:
        body = file.read_bytes()
        deal, document = read(body, Deal)
        whole = _ask(service, body) if service else underwritten(deal, document)[1]
    except OSError as error:
        print(f"{file}: {error}", file=sys.stderr)
        return 2
    except Refusal as refusal:
        print(f"{refusal.title}: {refusal.detail}", file=sys.stderr)
        for fault in refusal.errors:
            print(f"  {fault.pointer or 'document'}: {fault.message}", file=sys.stderr)
        return 1
    print(whole.decode() if as_json else summarise(deal, msgspec.json.decode(whole, type=Underwriting)))
    return 0


def underwrite_portfolio(file: Path) -> int:
    """Underwrite the deals of a file, a line each, and print what a service would answer, in order."""
    counts: Counter[bool] = Counter()
    try:
        with sys.stdin.buffer if str(file) == "-" else file.open("rb") as lines:
            for line in in_order(partial(compute, on_fault=crash), numbered(lines), processors.available()):
                counts[line.status == 200] += 1
                sys.stdout.buffer.write(line.content)
                sys.stdout.buffer.flush()
    except BrokenPipeError:  # whoever read has enough; the interpreter would stumble over it once more
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        print(f"{file}: {error}", file=sys.stderr)
        return 2
    if counts[False]:
        print(f"{counts[False]} of {counts.total()} deals refused", file=sys.stderr)
    return 1 if counts[False] else 0


def address(settings: Settings) -> str:
    """Where the service is reached.

    >>> address(Settings(host="::1", port=9000))
    'http://[::1]:9000'
    """
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{settings.port}"


def _ask(service: Settings, body: bytes) -> bytes:
    """Post a deal to the service, waiting for it to come up."""
    request = urllib.request.Request(
        f"{address(service)}/v1/underwritings", body, {"Content-Type": JSON, "Accept": JSON}
    )
    deadline = time.monotonic() + STARTUP_S
    while True:
        try:
            with urllib.request.urlopen(request, timeout=STARTUP_S) as answer:
                return bytes(answer.read())
        except urllib.error.HTTPError as refused:
            problem = msgspec.json.decode(refused.read(), type=ProblemDetails)
            raise Refusal(f"{problem.title}: {problem.detail}", problem.errors) from None
        except urllib.error.URLError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def make_key(client: str) -> None:
    """Print a new API key once, and what the API keys file needs to know of it."""
    id_ = secrets.token_hex(4)
    key = f"{PREFIX}{id_}_{secrets.token_urlsafe(32)}"
    digest = hashlib.sha256(key.encode()).hexdigest()
    entry = {"client": client, "id": id_, "sha256": digest, "scopes": list(SCOPES)}
    print(f"# give to the client, it is not kept: {key}\n[[key]]")
    for name, value in entry.items():
        print(f"{name} = {msgspec.json.encode(value).decode()}")


if __name__ == "__main__":
    sys.exit(main())
