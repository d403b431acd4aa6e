"""Greed: bodies and deals that are legal to send and meant to hold others up, and what others notice."""

import copy
import http.client
import json
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

from tests.drills.processes.test_processes import port_of

WORD = (1 << 64) - 1
MODULUS = 2**61 - 1  # of a whole number's hash
FIRST, SECOND, FIFTH = 11400714785074694791, 14029467366897019727, 2870177450012600261  # xxHash's primes


def asked(
    port: int, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
) -> tuple[int, dict[str, str], bytes]:
    """Ask on a connection of one's own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    sent = {"Content-Type": "application/json"} | (headers or {})
    connection.request("GET" if body is None else "POST", path, body, sent)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, content


def equal_keys(number: int) -> bytes:
    """A MessagePack map whose keys are pairs that CPython's tuple hash, which is not seeded, makes equal."""

    def turned(word: int) -> int:
        return ((word << 31) | (word >> 33)) & WORD

    body, found, back = bytearray(b"\xdf" + struct.pack(">I", number)), 0, pow(SECOND, -1, 1 << 64)
    for one in count():
        if found == number:
            return bytes(body)
        mixed = turned((FIFTH + one * SECOND) & WORD) * FIRST & WORD
        other = ((0x123456789ABCDEF - mixed) * back) & WORD
        other -= (1 << 64) * (other >> 63)
        if other != -1 and abs(other) < MODULUS:
            body += b"\x92\xce" + struct.pack(">I", one) + b"\xd3" + struct.pack(">q", other) + b"\x00"
            found += 1
    raise AssertionError


def listed(name: str, item: bytes, size: int) -> bytes:
    """A JSON body of about so many bytes: one list, all of whose items are the same."""
    return b'{"%s":[' % name.encode() + b",".join([item] * (size // (len(item) + 1))) + b"]}"


def many_cases(document: Any, facilities: int, cases: int, costs: int) -> Any:
    """A deal of a few hundred KiB: so many cases with a test each, so many costs of each facility."""
    made = copy.deepcopy(document)
    first = made["facilities"][0] | {"power": [], "tenure": {"kind": "freehold"}}
    lease = first["leases"][0] | {"commencement": "2025-01-01"}
    first.pop("equipment", None)
    lease.pop("ramp", None)
    first["operating_costs"] = [{"name": f"o{i}", "annual": 1.0, "growth": 0.01} for i in range(costs)]
    made["facilities"] = [
        first | {"id": f"f{i}", "leases": [lease | {"id": f"l{i}"}]} for i in range(facilities)
    ]
    made["cases"] = [{"name": f"c{i}", "market_rent_haircut": i / 200, "credit": True} for i in range(cases)]
    tests = [
        {"kind": "min_dscr", "limit": 0.01, "service": "interest_only", "case": f"c{i}"} for i in range(cases)
    ]
    made["sizing"] = {"case": "issuer", "value": {"kind": "appraisal"}}
    made["sizing"]["tests"] = [{"kind": "max_ltv", "limit": 0.3}, *tests]
    made["debt"] |= {"term_months": 600, "interest_only_months": 0}
    made["structure"] = None
    return made


@contextmanager
def meanwhile(
    service: Any, path: str = "/health/live", bodies: Iterator[bytes] | None = None
) -> Iterator[list[float]]:
    """Ask as another client, one after the other; the seconds of each answer, which must all be 200."""
    took, over, port = list[float](), threading.Event(), port_of(service)

    def ask() -> None:
        while not over.is_set():
            start = time.monotonic()
            status, *_ = asked(port, path, next(bodies) if bodies else None)
            took.append(time.monotonic() - start if status == 200 else 1000.0)
            time.sleep(0.01)

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        yield took
    finally:
        over.set()
        asking.join()


def sizings(document: Any) -> Iterator[bytes]:
    """Sizings that all differ."""
    for number in count():
        yield json.dumps(document | {"value": 1e9 + number}).encode()
