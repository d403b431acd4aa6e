"""The shipped deals as bodies: as they are, and with a rent that is new in each request."""

import json
from pathlib import Path
from typing import Any

from loadtests.load.volley import MARK, request

import rackrate

PATH, PORTFOLIOS = "/v1/underwritings", "/v1/portfolios"
EXAMPLES = Path(rackrate.__file__).parent / "deal" / "examples"
PLACE = 9.0e8  # a number that no deal has, where the running number goes


def deals() -> dict[str, dict[str, Any]]:
    """The shipped deals by name of file."""
    return {path.stem: json.loads(path.read_text()) for path in sorted(EXAMPLES.glob("*.json"))}


def known(deal: dict[str, Any]) -> bytes:
    """A deal as it is."""
    return json.dumps(deal).encode()


def new(deal: dict[str, Any]) -> bytes:
    """A deal whose first rent has eight further digits, others in each request."""
    changed = json.loads(json.dumps(deal))
    lease = changed["facilities"][0]["leases"][0]
    rent, lease["rent_per_kw_month"] = float(lease["rent_per_kw_month"]), PLACE
    return json.dumps(changed).replace(json.dumps(PLACE), f"{rent}{MARK}").encode()


def fresh_requests(keep: bool = True) -> list[bytes]:
    """One request of each shipped deal, new whenever it is sent."""
    return [request(PATH, new(deal), keep) for deal in deals().values()]


def kept_requests(keep: bool = True) -> list[bytes]:
    """One request of each shipped deal, the same whenever it is sent."""
    return [request(PATH, known(deal), keep) for deal in deals().values()]
