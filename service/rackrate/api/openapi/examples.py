"""Examples of the OpenAPI document: the shipped requests, and the parts shown of their answers."""

from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, get_args

import msgspec

from rackrate.analyses.cost import MOST
from rackrate.analyses.identity import identity
from rackrate.analyses.projection import View, show
from rackrate.analyses.registry import (
    BOOK,
    COMPARE,
    READ_RENT_ROLL,
    READ_TAPE,
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
from rackrate.deal.answers.tape import Layout
from rackrate.deal.codec.decode import canonical, decode, read
from rackrate.deal.requests.pool import Pool
from rackrate.deal.requests.rent_roll import RentRollRequest
from rackrate.deal.requests.tape import PoolTapeRequest, TapeRequest
from rackrate.deal.requests.underwriting import Deal, Underwriting
from rackrate.documents.documents import DOCUMENTS
from rackrate.faults import internal_error
from rackrate.portfolio.lines import compute, underwritten

SHOWN = {  # parts of an answer that an example has room for
    UNDERWRITE: ("id", "engine", "ruleset", "summary", "tranches", "warnings"),
    UNDERWRITE_POOL_WITH_TRANCHES: (
        "id",
        "engine",
        "ruleset",
        "pool_ruleset",
        "summary",
        "tranches",
        "warnings",
    ),
    READ_RENT_ROLL: ("columns", "leases", "tenants", "report", "totals"),
    READ_TAPE: ("layout", "loans", "report", "totals"),
    SIZE: ("coverage",),
    WATERFALL: ("tranches",),
    COMPARE: ("id", "engine", "ruleset", "summary"),
    SIMULATE: ("id", "engine", "ruleset", "paths", "seed", "classes"),
    BOOK: ("id", "engine", "rulesets", "currency", "counts", "totals", "maturities", "scenarios", "warnings"),
    SENSITIVITY: ("id", "engine", "ruleset", "base", "tornado", "grids", "break_evens"),
}


ASKED: dict[
    Analysis, dict[str, Any]
] = {  # what is asked about a shipped deal, where that is not the deal itself
    COMPARE: {"templates": ["abs_master_trust", "cmbs_single_asset"]},
    SIMULATE: {
        "paths": 2000,
        "seed": 7,
        "factor": {
            "asset_correlation": 0.24,
            "renewal_loading": 0.5,
            "rent_volatility": 0.1,
            "rent_loading": 0.6,
            "power_speed": 1.5,
            "power_volatility": 0.35,
            "power_loading": 0.1,
        },
    },
    SENSITIVITY: {
        "tornado": [{"adjustment": "power_price_factor", "low": 0.8, "high": 1.3}],
        "grids": [
            {
                "x": {"adjustment": "rate_add", "values": [0, 0.01]},
                "y": {"adjustment": "rent_haircut", "values": [0, 0.05]},
                "measure": "dscr_minimum",
            }
        ],
        "break_evens": [{"adjustment": "ncf_haircut", "target": {"dscr_minimum": 1.0}}],
    },
}


BOOK_OF = "gpu-compute-loan.json", "powered-shell-leasehold.json"
ASKED_ABOUT, POOL_ASKED_ABOUT = "powered-shell-leasehold.json", "conduit-twelve-loans.json"


PORTFOLIO = "portfolio"
ROWS, FIRST_ROWS = 3, "The first rows."


def requests_of(analysis: Analysis) -> dict[str, bytes]:
    """Read the shipped requests of an analysis by name."""
    folder = files("rackrate.deal") / "examples"
    if analysis in ASKED:
        deal = msgspec.Raw((folder / ASKED_ABOUT).read_bytes())
        asked = {analysis.name: msgspec.json.encode({"deal": deal} | ASKED[analysis])}
        if analysis is SIMULATE:
            pool = msgspec.Raw((folder / "pools" / POOL_ASKED_ABOUT).read_bytes())
            asked["pool-simulation"] = msgspec.json.encode({"pool": pool, "paths": 2000, "seed": 7})
        return asked
    if analysis is BOOK:
        deals = [msgspec.Raw((folder / name).read_bytes()) for name in BOOK_OF]
        book = {"currency": "USD", "scenarios": [{"top": 1, "month": 24}], "deals": deals}
        return {analysis.name: msgspec.json.encode(book)}
    if analysis.reads is RentRollRequest:
        content = (folder / "rent-rolls" / "rent-roll.csv").read_bytes()
        return {analysis.name: msgspec.json.encode({"file": "csv", "content": content})}
    if analysis.reads is TapeRequest:
        layouts: tuple[str, ...] = get_args(Layout)
        filed = {layout: _sorted(folder / "filings" / layout)[0] for layout in layouts}
        return {layout: _tape(file, layout) for layout, file in filed.items()}
    if analysis.reads is PoolTapeRequest:
        pool = msgspec.Raw((folder / "pools" / POOL_ASKED_ABOUT).read_bytes())
        return {analysis.name: msgspec.json.encode({"pool": pool})}
    if analysis.reads is Pool:
        folder = folder / "pools"
    elif analysis.reads is not Deal:
        return {analysis.name: (folder / "own" / f"{analysis.name}.json").read_bytes()}
    return {file.name.removesuffix(".json"): file.read_bytes() for file in _sorted(folder)}


def _sorted(folder: Traversable) -> list[Traversable]:
    return sorted((file for file in folder.iterdir() if file.is_file()), key=lambda file: file.name)


def _tape(file: Traversable, layout: str) -> bytes:
    """The request to read a filing: its folder says its layout, its ending its kind."""
    kind = file.name.rpartition(".")[2]
    return msgspec.json.encode({"file": kind, "layout": layout, "content": file.read_bytes()})


def portfolio_example() -> dict[str, dict[str, Any]]:
    """Show a deal that is underwritten, and one that is refused, a line each."""
    deal = msgspec.json.decode((files("rackrate.deal") / "examples" / ASKED_ABOUT).read_bytes())
    asked = (deal, {"key": "row-2", "deal": {"name": deal["name"]}})
    lines = [msgspec.json.encode(line) for line in asked]
    view = View(fields=("summary",))
    answers = b"".join(compute(line, internal_error, view).content for line in enumerate(lines, 1))
    return {
        f"{PORTFOLIO}-request": {"value": (b"\n".join(lines) + b"\n").decode()},
        f"{PORTFOLIO}-answer": {"summary": f"?fields={','.join(view.fields)}", "value": answers.decode()},
    }


def examples_of(analysis: Analysis) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each shipped request, and what the parts shown of its answer come to."""
    for name, body in requests_of(analysis).items():
        request = decode(body, analysis.reads)
        ruleset = ruleset_of(request)
        answer = analysis.compute(request, ruleset, identity(rules_sha256(request), canonical(request)))
        parts = show(msgspec.json.encode(answer), View(fields=SHOWN[analysis]))
        shown = (
            request.content.decode()
            if isinstance(request, TapeRequest | RentRollRequest)
            else msgspec.json.decode(body)
        )
        yield f"{name}-request", {"value": shown}
        summary = f"?fields={','.join(SHOWN[analysis])}"
        yield f"{name}-answer", {"summary": summary, "value": msgspec.json.decode(parts)}


def document_examples() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the first rows of each document that is text, as written of a shipped deal."""
    deal, text = read((files("rackrate.deal") / "examples" / ASKED_ABOUT).read_bytes(), Deal)
    underwriting = msgspec.json.decode(underwritten(deal, text)[1], type=Underwriting)
    for document in DOCUMENTS.values():
        for form in document.forms:
            if form.answers is not None:
                whole = msgspec.json.decode(document.make(deal, underwriting, form.media, MOST))
                for column in whole["columns"]:
                    del column["values"][ROWS:]
                yield f"{document.name}-{form.suffix}", {"summary": FIRST_ROWS, "value": whole}
            elif form.media.startswith("text/"):
                lines = document.make(deal, underwriting, form.media, MOST).decode().splitlines(keepends=True)
                shown = "".join(lines[: 1 + ROWS]).lstrip("\ufeff")
                yield f"{document.name}-{form.suffix}", {"summary": FIRST_ROWS, "value": shown}
