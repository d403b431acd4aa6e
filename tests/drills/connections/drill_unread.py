"""Clients that never read what they asked for; run by `make drills`: it takes as long as they are left."""

import json
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.drills.figures import Figures
from tests.drills.load.greedy import asked, many_cases, meanwhile
from tests.drills.processes.test_processes import port_of, resident_mib

from rackrate.api.server.unread import MOST_BYTES, TAKE_S

Start = Callable[..., Any]
CLIENTS = 150
LARGE = "150 clients never read answers of 4 MiB"


def test_clients_that_never_read_are_left_in_time_and_hold_no_more_than_their_share(
    start_service: Start, examples: Path, figures: Figures
) -> None:
    document = json.loads((examples / "powered-shell-leasehold.json").read_bytes())
    body = json.dumps(many_cases(document, facilities=50, cases=1, costs=1)).encode()
    service = start_service(workers="1")
    port, packed = port_of(service), {"Accept": "application/msgpack"}
    status, _, content = asked(port, "/v1/underwritings?detail=facility", body, packed)
    assert status == 200
    assert len(content) > 4_000_000
    before, most, deaf = resident_mib(service), 0.0, list[socket.socket]()
    head = "POST /v1/underwritings?detail=facility HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    with meanwhile(service) as took:
        for number in range(CLIENTS):
            deaf.append(socket.socket())
            deaf[-1].setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            deaf[-1].connect(("127.0.0.1", port))
            more = f"X-A: {number}\r\nAccept: application/msgpack\r\nContent-Length: {len(body)}\r\n\r\n"
            deaf[-1].sendall((head + more).encode() + body)
            time.sleep(0.1)
            most = max(most, unread(port))
        time.sleep(TAKE_S + 8)
    figures.hold(LARGE, "MiB held unread", most / 2**20, MOST_BYTES / 2**20)
    figures.hold(LARGE, "MiB held unread at the end", unread(port) / 2**20, 0)
    figures.hold(LARGE, "MiB grown", resident_mib(service) - before, 320)
    figures.hold(LARGE, "health meanwhile, slowest, ms", 1e3 * max(took), 250)
    for each in deaf:
        each.close()


def unread(port: int) -> float:
    """Bytes that the service says are unread."""
    _, _, told = asked(port, "/metrics")
    line = next(line for line in told.decode().splitlines() if line.startswith("rackrate_unread_bytes "))
    return float(line.split()[1])
