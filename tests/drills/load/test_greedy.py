"""Greedy bodies and deals: what they cost whoever asks meanwhile."""

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path
from typing import Any

from tests.drills.figures import Figures
from tests.drills.load.drill_tenants import keys_file
from tests.drills.load.greedy import asked, equal_keys, listed, many_cases, meanwhile, sizings
from tests.drills.processes.test_processes import port_of

from rackrate.analyses.registry import SIMULATE
from rackrate.api.openapi.examples import ASKED

Start = Callable[..., Any]
PACKED = {"Content-Type": "application/msgpack"}
TWO_MB = 2_000_000
WAIT_MS = 250  # the queue's bound: what others may notice
FLOOD = "bodies made to be slow to read"
LISTS, ITEMS = ("tests", "facilities"), (b"1", b"{}", b'""')


def test_no_body_that_is_slow_to_read_holds_the_event_loop(start_service: Start, figures: Figures) -> None:
    """Equal hashes, short numbers, empty maps, empty lists, misspelt fields, wrong items, a late repeat."""
    service = start_service(workers="1")
    port = port_of(service)
    words = b",".join(b'"capacity%x":0' % i for i in range(TWO_MB // 20))
    bodies: list[tuple[bytes, dict[str, str]]] = [
        (equal_keys(16_000), PACKED),
        (b"\xdd" + TWO_MB.to_bytes(4) + b"\x01" * TWO_MB, PACKED),
        (b"\xdd" + TWO_MB.to_bytes(4) + b"\x80" * TWO_MB, PACKED),
        (b"[" + b"[]," * (TWO_MB // 3) + b"1]", {}),
        (b"{" + words + b"}", {}),
        (b'{"x":[' + b",".join([b'{"a":0}'] * (TWO_MB // 8)) + b'],"x":0}', {}),
        *((listed(name, item, size), {}) for name, item, size in product(LISTS, ITEMS, (16_000, TWO_MB))),
    ]
    for path in ("/v1/sizings", "/v1/underwritings"):
        with meanwhile(service) as took:
            for body, headers in bodies:
                status, _, told = asked(port, path, body, headers)
                assert status in (400, 422), told[:200]
        figures.within(FLOOD, f"{path}: health meanwhile, slowest, ms", 1e3 * max(took), WAIT_MS)


def test_a_deal_of_many_cases_and_costs_is_long_work_and_others_do_not_wait(
    start_service: Start, examples: Path, figures: Figures
) -> None:
    document = json.loads((examples / "powered-shell-leasehold.json").read_bytes())
    own = json.loads((examples / "own" / "sizing.json").read_bytes())
    deal = many_cases(document, facilities=230, cases=49, costs=50)
    service = start_service(workers="1")
    with meanwhile(service, "/v1/sizings", sizings(own)) as took:
        for number in range(2):
            deal["name"] = f"greedy {number}"
            status, _, told = asked(
                port_of(service), "/v1/underwritings?fields=summary", json.dumps(deal).encode()
            )
            assert status == 200, told[:200]
    slow = sorted(took)[int(len(took) * 0.99)]
    figures.within(
        "cases x tests x costs, 670 KB", "sizings of another meanwhile, p99, ms", 1e3 * slow, WAIT_MS
    )


def test_one_client_has_half_of_the_seats_for_long_work(
    start_service: Start, examples: Path, tmp_path: Path, figures: Figures
) -> None:
    """Eight simulations of one client at once: four are let in, and another's is answered."""
    path, keys = keys_file(tmp_path)
    service = start_service(workers="1", api_keys_file=path)
    deal = json.loads((examples / "pool-of-three.json").read_bytes())

    def simulate(client: str, seed: int, paths: int) -> tuple[int, dict[str, str]]:
        body = json.dumps(ASKED[SIMULATE] | {"deal": deal, "seed": seed, "paths": paths}).encode()
        authorization = {"Authorization": f"Bearer {keys[client]}"}
        status, headers, _ = asked(port_of(service), "/v1/simulations", body, authorization)
        return status, headers

    with ThreadPoolExecutor(9) as crowd:
        asking = [crowd.submit(simulate, "loud", seed, 20_000) for seed in range(8)]
        time.sleep(1.0)
        status, _ = simulate("calm", 1, 1000)
        answers = [each.result() for each in asking]
    refused = [headers for code, headers in answers if code == 429]
    assert all(int(headers["retry-after"]) >= 1 for headers in refused)
    figures.hold(
        "eight simulations of one client", "other than 4 x 200 and 4 x 429", abs(len(refused) - 4), 0
    )
    figures.hold("eight simulations of one client", "another's that are not answered", status != 200, 0)
