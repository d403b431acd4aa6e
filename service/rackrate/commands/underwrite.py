"""Underwrite: a deal in a file, here or by asking a service."""

import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import msgspec

from rackrate.analyses.problems import ProblemDetails
from rackrate.commands.asked import fields_of
from rackrate.commands.documents import write_documents
from rackrate.commands.kinds import expect
from rackrate.commands.refusals import file_content, printed, read_from
from rackrate.deal.codec.decode import read
from rackrate.deal.codec.media_types import JSON
from rackrate.deal.errors import Refusal
from rackrate.deal.requests.underwriting import Deal, Underwriting
from rackrate.documents.documents import DOCUMENTS
from rackrate.portfolio.lines import underwritten
from rackrate.reports.summary import summarise
from rackrate.settings import Settings

ANSWER_S = 60.0
NONE: Mapping[str, Path] = MappingProxyType({})


def underwrite_file(
    file: Path,
    service: Settings | None,
    as_json: bool,
    startup_s: float = 0.0,
    documents: Mapping[str, Path] = NONE,
) -> int:
    """Underwrite a file, - for standard input, and print the answer or every reason against it.

    A service that is asked is given `startup_s` to come up. `documents` says where each is written.
    """

    def answer() -> str:
        body = file_content(file)
        expect(file, fields_of(body), "underwrite")
        with read_from({"": (str(file), body)}):
            deal, document = read(body, Deal)
            whole = _ask(service, body, startup_s) if service else underwritten(deal, document)[1]
        underwriting = msgspec.json.decode(whole, type=Underwriting)
        write_documents(DOCUMENTS, documents, deal, underwriting)
        return whole.decode() if as_json else summarise(deal, underwriting)

    return printed(answer)


def address(settings: Settings) -> str:
    """Where the service is reached.

    >>> address(Settings(host="::1", port=9000))
    'http://[::1]:9000'
    """
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{settings.port}"


def _ask(service: Settings, body: bytes, startup_s: float) -> bytes:
    """Post a deal to the service, which may take `startup_s` to come up."""
    request = urllib.request.Request(
        f"{address(service)}/v1/underwritings", body, {"Content-Type": JSON, "Accept": JSON}
    )
    deadline = time.monotonic() + startup_s
    while True:
        try:
            with urllib.request.urlopen(request, timeout=ANSWER_S) as answer:
                return bytes(answer.read())
        except urllib.error.HTTPError as refused:
            problem = msgspec.json.decode(refused.read(), type=ProblemDetails)
            raise Refusal(f"{problem.title}: {problem.detail}", problem.errors) from None
        except urllib.error.URLError as error:
            if time.monotonic() >= deadline:
                raise OSError(f"no service at {address(service)}: {error.reason}") from None
            time.sleep(0.1)
