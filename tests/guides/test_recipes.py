"""Recipes run as they stand, against a real service; M, which runs in Excel alone, by a stand-in."""

import csv
import io
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import EXAMPLES, ROOT, Service
from tests.guides.blocks import ADDRESS, Block, blocks_of, run_python

PAGE = "docs/recipes.md"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    running = Service(tmp_path_factory.mktemp("service"))
    yield running
    running.stop(signal.SIGKILL)


def shell(block: Block, service: Service, folder: Path) -> str:
    """What a block prints; `rackrate` is the one that is tested."""
    command = folder / "rackrate"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m rackrate "$@"\n')
    command.chmod(0o755)
    text = "set -euo pipefail\n" + block.text.replace(ADDRESS, service.url)
    path = {"PATH": f"{folder}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-c", text], cwd=ROOT, env=os.environ | path, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_block_is_of_a_language_that_is_run() -> None:
    languages = [block.language for block in blocks_of(PAGE)]
    assert sorted(set(languages)) == ["bash", "powerquery", "python", "typescript"]
    assert languages.count("bash") == 6


def test_the_requests_of_curl_are_answered_as_the_page_says(service: Service, tmp_path: Path) -> None:
    told = [shell(block, service, tmp_path) for block in blocks_of(PAGE, "bash")]
    headline, refused, again, table, many, events = told
    assert json.loads(headline)["summary"]["binding_test"] == "min_debt_yield"
    assert {error["pointer"] for error in json.loads(refused)["errors"]} >= {"/closing", "/debt"}
    assert again == "304\n"
    head, *rows = csv.reader(io.StringIO(table.removeprefix("\ufeff")))
    assert (head[0], len(rows)) == ("month", 2)
    lines = [json.loads(line) for line in many.splitlines()]
    assert [line["status"] for line in lines] == [200] * len(list(EXAMPLES.glob("*.json")))
    assert "event: progress" in events
    assert events.splitlines()[-2].startswith('data: {"id":')


def test_the_python_of_the_page_underwrites_every_shipped_deal(
    service: Service, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    run_python(PAGE, service.url)
    rows = capsys.readouterr().out.splitlines()
    assert len(rows) == len(list(EXAMPLES.glob("*.json")))
    assert all("bound by" in row for row in rows)


def record(text: str, names: dict[str, str]) -> dict[str, str]:
    """A record of M whose values are texts and names: `[Accept = "text/csv", #"Content-Type" = …]`."""
    found = re.findall(r'(?:#"([^"]+)"|(\w+))\s*=\s*("[^"]*"|\w+)', text)
    return {quoted or plain: names.get(value, value.strip('"')) for quoted, plain, value in found}


def asked_by(text: str, answer: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What each `Web.Contents` of a query sends: the second may use fields of the first one's answer."""
    for call in re.findall(r"Web\.Contents\(\s*Service,\s*\[(.*?)\n\s*\]\s*\)", text, flags=re.DOTALL):
        place = re.search(r"RelativePath = (.+?),?\n", call)
        assert place is not None
        parts = [part.strip() for part in place[1].split("&")]
        path = "".join(
            answer[part[7:-1]] if part.startswith("Answer[") else part.strip('"') for part in parts
        )
        query, headers = (re.search(rf"{name} = \[(.*?)\]", call) for name in ("Query", "Headers"))
        yield {
            "method": "POST" if "Content = Deal" in call else "GET",  # Web.Contents posts what has a body
            "url": f"/{path}",
            "params": record(query[1], {}) if query else {},
            "headers": record(headers[1], {}) if headers else {},
        }


@pytest.mark.parametrize("block", blocks_of(PAGE, "powerquery"), ids=["classes", "cashflow"])
def test_what_power_query_sends_is_answered_with_the_columns_it_chooses(
    block: Block, service: Service
) -> None:
    assert f'Service = "{ADDRESS}"' in block.text
    deal = (EXAMPLES / "hyperscale-single-tenant.json").read_bytes()
    answer: dict[str, Any] = {}
    for asked in asked_by(block.text, answer):
        body = {"content": deal} if asked["method"] == "POST" else {}
        told = service.http.request(**asked, **body)
        assert told.status_code == 200, told.text
        if asked["method"] == "POST":
            answer |= told.json()
            assert set(asked["params"]["fields"].split(",")) == set(answer)
    chosen = re.search(r"Table\.SelectColumns\(\w+, \{(.*?)\}\)", block.text)
    assert chosen is not None
    columns = re.findall(r'"([^"]+)"', chosen[1])
    if "Csv.Document" in block.text:
        there = next(csv.reader(io.StringIO(told.content.decode("utf-8-sig"))))
    else:
        (name,) = re.findall(r"Table\.FromRecords\(Answer\[(\w+)\]\)", block.text)
        there = list(answer[name][0])
    assert set(columns) <= set(there)
    steps = re.findall(r"^    (\w+) = ", block.text, flags=re.MULTILINE)
    assert block.text.rstrip().endswith(f"in\n    {steps[-1]}")
    for opening, closing in ("()", "[]", "{}"):
        assert block.text.count(opening) == block.text.count(closing)
