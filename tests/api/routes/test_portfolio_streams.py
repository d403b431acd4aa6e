"""Portfolios over connections: streamed as they are taken, beside other clients, and until the end."""

import http.client
import json
import signal
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.builders.portfolio_lines import ALONE, JSON, LINES, PATH, Document, post, varied
from tests.conftest import PATIENCE_S, until

from rackrate.api.limits.portfolio_slots import MOST_PORTFOLIOS


def counted(service: Any, analysis: str = "underwriting") -> float:
    """How many answers a service has computed."""
    wanted = f'rackrate_answers_total{{source="engine",verb="{analysis}"}} '
    found = [line for line in service.http.get("/metrics").text.splitlines() if line.startswith(wanted)]
    return float(found[0].removeprefix(wanted)) if found else 0.0


def connect(service: Any) -> socket.socket:
    return socket.create_connection(("127.0.0.1", int(service.url.rsplit(":", 1)[1])), timeout=PATIENCE_S)


def head(length: int) -> bytes:
    lines = ["Host: x", "Content-Type: application/x-ndjson", f"Content-Length: {length}"]
    return "\r\n".join([f"POST {PATH} HTTP/1.1", *lines, "", ""]).encode()


def rss_mib(service: Any) -> float:
    """Memory in use by the largest process of a service."""
    children = Path(f"/proc/{service.child.pid}/task/{service.child.pid}/children").read_text().split()
    sizes = [Path(f"/proc/{pid}/status").read_text().partition("VmRSS:")[2].split()[0] for pid in children]
    return max(map(int, sizes)) / 1024


def test_memory_is_flat_over_thousands_of_lines(
    start_redis: Callable[..., Any], start_service: Callable[..., Any], small: Document
) -> None:
    """Answers are kept in Redis, so that what grows is a leak: all of them together are 80 MiB."""
    service = start_service(workers="1", redis_url=start_redis().url, log_level="warning")
    post(service.http, b"\n".join(varied(small, 100)))
    sizes, count = list[float](), 0
    with service.http.stream(
        "POST", PATH + "?fields=summary", content=b"\n".join(varied(small, 2000, start=1000)), headers=LINES
    ) as answer:
        for line in answer.iter_lines():
            count += line.startswith(f'{{"line":{count + 1},"status":200,')
            if count % 200 == 0:
                sizes.append(rss_mib(service))
    assert (count, answer.status_code) == (2000, 200)
    assert max(sizes[4:]) - max(sizes[:4]) < 8, sizes


def test_a_client_that_sends_all_before_it_reads_anything_is_answered(
    start_service: Callable[..., Any], small: Document
) -> None:
    """Both ways more than any buffer between: 3.6 MB of deals and 25 MB of answers, with little room."""
    service = start_service(workers="1", log_level="warning")
    body = b"\n".join(varied(small, 600)) + b"\n" * 1000 + b" " * 2_000_000
    with connect(service) as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**16)
        line.sendall(head(len(body)) + body)
        time.sleep(0.3)
        answer = http.client.HTTPResponse(line, method="POST")
        answer.begin()
        assert sum(b'"status":200' in each for each in answer) == 600


def test_nothing_is_computed_for_a_client_that_does_not_read_and_nothing_more_for_one_that_left(
    start_service: Callable[..., Any], deal: Document
) -> None:
    service = start_service(workers="1", log_level="warning")
    body = b"\n".join(varied(deal, 400))
    with connect(service) as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**16)
        line.sendall(head(len(body)) + body)
        seen = [0.0, 1.0]
        while seen[-1] != seen[-2] or not seen[-1]:
            time.sleep(0.4)
            seen.append(counted(service))
        assert 0 < seen[-1] < 300
        assert post(service.http, varied(deal, 1, start=5000)[0]).status_code == 200
        line.shutdown(socket.SHUT_WR)
        assert line.recv(100).startswith(b"HTTP/1.1 200")
    left = counted(service)
    time.sleep(0.5)
    assert counted(service) <= left + 1
    with connect(service) as line:
        line.sendall(head(len(body)) + body[: len(body) // 2])
    many = [post(service.http, varied(deal, 1)[0]).status_code for _ in range(MOST_PORTFOLIOS + 1)]
    assert set(many) == {200}
    assert "Traceback" not in service.log.read_text()


def test_a_single_deal_is_answered_promptly_while_a_portfolio_runs(
    start_service: Callable[..., Any], deal: Document
) -> None:
    service = start_service(workers="1", log_level="warning")
    singles = iter(varied(deal, 200, start=10_000))

    body, seen, enough = b"\n".join(varied(deal, 900)), list[str](), threading.Event()

    def ask() -> int:
        before = len(seen)
        assert service.http.post(ALONE, content=next(singles), headers=JSON).headers["x-cache"] == "miss"
        return len(seen) - before

    def send() -> None:
        with httpx.stream(
            "POST", service.url + PATH, content=body, headers=LINES, timeout=PATIENCE_S
        ) as answer:
            for line in answer.iter_lines():
                seen.append(line[:40])
                if enough.is_set():
                    return

    sending = threading.Thread(target=send)
    sending.start()
    until(lambda: len(seen) > 5, "the portfolio to be under way")
    overtaken = sorted(ask() for _ in range(20))
    assert len(seen) < 900
    enough.set()
    sending.join()
    assert overtaken[10] <= 3, overtaken


def test_a_plain_client_reads_why_a_portfolio_is_too_large(start_service: Callable[..., Any]) -> None:
    """Forty MiB where 32 are read: the client sends all of it before it looks."""
    service = start_service(workers="1")
    request = urllib.request.Request(service.url + PATH, b"{}\n" * (40 * 2**20 // 3), LINES)
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=PATIENCE_S)
    assert refused.value.code == 413
    assert json.loads(refused.value.read())["detail"] == "At most 33554432 bytes are read."


def test_told_to_stop_the_service_finishes_the_portfolio_that_is_under_way(
    start_service: Callable[..., Any], small: Document
) -> None:
    service = start_service(workers="1", log_level="warning")
    content = b"\n".join(varied(small, 500))
    with httpx.stream(
        "POST", service.url + PATH, content=content, headers=LINES, timeout=PATIENCE_S
    ) as answer:
        lines = answer.iter_lines()
        next(lines)
        service.child.send_signal(signal.SIGTERM)
        assert sum(1 for _ in lines) == 499
    assert service.child.wait(PATIENCE_S) == 0
