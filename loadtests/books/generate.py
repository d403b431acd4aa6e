"""Generate a book: the shipped deals with labels, rents moved, each under a name of its own.

python -m loadtests.books.generate DEALS > book.ndjson
"""

import json
import random
import sys
from pathlib import Path
from typing import Any

EXAMPLES = Path(__file__).parents[2] / "service" / "rackrate" / "deal" / "examples"
OBLIGORS, SPONSORS, HUBS, SUPPLIERS = 40, 120, 8, 25
MARKETS = ("IAD", "DFW", "PHX", "ORD", "ATL", "LON", "FRA", "SIN", "SYD", "TYO")


def main(deals: int, seed: int = 7) -> None:
    """Print deals, one a line: the same ones for the same seed."""
    chance = random.Random(seed)
    shipped = [json.loads(path.read_bytes()) for path in sorted(EXAMPLES.glob("*.json"))]
    for number in range(deals):
        sys.stdout.write(json.dumps(_moved(shipped[number % len(shipped)], number, chance)) + "\n")


def _moved(deal: dict[str, Any], number: int, chance: random.Random) -> dict[str, Any]:
    """A deal with its rents moved by up to a tenth, and with labels that others share."""
    moved: dict[str, Any] = json.loads(json.dumps(deal))
    moved["name"] = f"{deal['name']} {number}"
    moved["sponsor"] = f"sponsor-{chance.randrange(SPONSORS)}"
    moved["market"]["power_hub"] = f"hub-{chance.randrange(HUBS)}"
    for tenant in moved["tenants"]:
        tenant["obligor"] = f"obligor-{int(OBLIGORS * chance.random() ** 2)}"
    factor = 0.9 + 0.2 * chance.random()
    for facility in moved["facilities"]:
        facility["market"]["name"] = chance.choice(MARKETS)
        for contract in facility.get("power", ()):
            contract["counterparty"] = f"supplier-{chance.randrange(SUPPLIERS)}"
        for lease in facility["leases"]:
            lease["rent_per_kw_month"] = round(lease["rent_per_kw_month"] * factor, 2)
    return moved


if __name__ == "__main__":
    main(int(sys.argv[1]))
