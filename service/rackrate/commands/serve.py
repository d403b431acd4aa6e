"""Serve: the HTTP API on every core, until told to stop."""

import errno
import logging
import logging.config
import os
import sys
import threading
from functools import partial
from pathlib import Path
from typing import Any

from rackrate import __version__, redis_url
from rackrate.api.auth.reloading import FileError
from rackrate.api.server.connections import raise_limit
from rackrate.api.server.supervisor import Supervisor, listen
from rackrate.api.server.worker import GRACE_S, serve_on
from rackrate.api.telemetry.logs import settings_of
from rackrate.app import clients_of, of_worker
from rackrate.commands.underwrite import address, underwrite_file
from rackrate.settings import Settings

logger = logging.getLogger("rackrate")

STARTUP_S = 30.0  # within which a worker answers
MARGIN_S = 5  # beyond its own grace, before a worker is killed


def serve(settings: Settings, shown: Path | None = None) -> int:
    """Serve until told to stop; once up, print what the service answers to the deal in `shown`."""
    if shown and not shown.is_file():
        print(f"{shown}: no such file", file=sys.stderr)
        return 2
    logging.config.dictConfig(settings_of(settings.log_level))
    understood: dict[str, bytes] = {}  # of files of keys, for workers that start while one is broken
    try:
        clients = clients_of(settings, understood)  # a bad file stops the service here, not in every worker
    except FileError as error:
        print(error, file=sys.stderr)
        return 2
    raise_limit()
    try:
        listening = listen(settings.host, settings.port)
    except (OSError, UnicodeError) as error:
        print(f"cannot listen on {settings.host}:{settings.port}: {_refused(error)}", file=sys.stderr)
        return 2
    logger.info("started", extra={"facts": _started(settings)})
    if settings.processes > 1 and not settings.redis_url:
        logger.warning("without RACKRATE_REDIS_URL each worker keeps its own answers")
    if shown:
        threading.Thread(target=_show, args=(shown, settings), daemon=True).start()
    work = partial(serve_on, make=partial(of_worker, settings, understood), log_level=settings.log_level)
    return Supervisor(work, settings.processes, GRACE_S + MARGIN_S, clients.are_current).run(listening)


def _refused(error: OSError | UnicodeError) -> str:
    """Say why an address and a port cannot be had, and which of the two to change.

    >>> _refused(OSError(errno.EADDRINUSE, "Address already in use (while attempting to bind …)"))
    'Address already in use; choose another port with RACKRATE_PORT'
    >>> _refused(OSError(-2, "Name or service not known (while attempting to bind …)"))
    'Name or service not known; choose another address with RACKRATE_HOST'
    """
    if isinstance(error, UnicodeError):
        return "not a host name; choose another address with RACKRATE_HOST"
    is_port = error.errno in (errno.EADDRINUSE, errno.EACCES)
    change = "port with RACKRATE_PORT" if is_port else "address with RACKRATE_HOST"
    return f"{(error.strerror or '').partition(' (while')[0]}; choose another {change}"


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
    underwrite_file(file, settings, as_json=False, startup_s=STARTUP_S)
    at, command = address(settings), os.path.relpath(Path(sys.executable).with_name("rackrate"))
    print(
        f"""
Serving at {at} until Ctrl-C. Next:
  {at}/    # in a browser: the workbench
  {at}/docs    # in a browser: the contract, to be tried
  curl --json @{file} \\
    '{at}/v1/underwritings?fields=summary'
  {command} underwrite FILE    # a deal of your own, here, without the service
  {command} sensitivity FILE --principal 1.05    # what would make its loan 5% larger
  curl {at}/openapi.json    # docs/http.md says how to connect a system""",
        flush=True,
    )
