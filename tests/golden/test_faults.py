"""Requests once answered wrongly are answered rightly, by a client that sends all before it reads."""

import http.client
import json
import math
import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from tests.conftest import Service
from tests.golden.agreement import documents, read

FAULTS = documents("faults", "*.expected.json")


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One service for all of them."""
    running = Service(tmp_path_factory.mktemp("faults"))
    yield running
    running.stop(signal.SIGKILL)


def at(document: Any, pointer: str) -> Any:
    """The value at a JSON pointer; `?measure=dscr&basis=minimum` is the row of a list with those fields."""
    for key in pointer.split("/")[1:]:
        if key.startswith("?"):
            wanted = dict(parse_qsl(key[1:]))
            document = next(r for r in document if all(str(r.get(k)) == v for k, v in wanted.items()))
        else:
            document = document[int(key) if isinstance(document, list) else key.replace("~1", "/")]
    return document


def holds(document: Any, check: dict[str, Any], found: Any) -> bool:
    """Whether a value is the expected one, a text has what it should, or one is at least another."""
    if "has" in check or "lacks" in check:
        return check.get("has", "") in found and not ("lacks" in check and check["lacks"] in found)
    if "at_least" in check:
        return bool(found >= at(document, check["at_least"]))
    if "rel" in check:
        return math.isclose(found, check["value"], rel_tol=check["rel"], abs_tol=1e-9)
    return bool(found == check["value"])


@pytest.mark.parametrize("name", FAULTS)
def test_a_request_that_was_answered_wrongly_is_answered_rightly(name: str, service: Service) -> None:
    wanted = read(FAULTS[name])
    request = Path(str(FAULTS[name]).replace(".expected.", ".request.")).read_bytes()
    headers = {"Content-Type": "application/json", **wanted.get("headers", {})}
    with closing(http.client.HTTPConnection(service.url.removeprefix("http://"), timeout=60)) as connection:
        connection.request("POST", wanted["endpoint"], request.ljust(wanted.get("pad_to", 0)), headers)
        response = connection.getresponse()
        answer = json.loads(response.read())
    assert response.status == wanted["status"], answer
    for check in wanted["checks"]:
        found = at(answer, check["pointer"])
        assert holds(answer, check, found), (wanted["why"], check, found)
