"""Clients without a key are told apart by address, and behind a trusted proxy by what it forwards."""

from collections.abc import Callable
from typing import Any

import pytest

JSON = {"Content-Type": "application/json"}


def statuses(service: Any, forwarded: str, times: int) -> list[int]:
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    return [service.http.get("/v1/rulesets", headers=headers).status_code for _ in range(times)]


def test_a_trusted_proxy_tells_clients_apart(start_service: Callable[..., Any]) -> None:
    service = start_service(rate_per_minute="5", trusted_proxies="127.0.0.1")
    assert statuses(service, "198.51.100.7", 7).count(429) == 2
    assert statuses(service, "198.51.100.8", 5).count(429) == 0
    assert statuses(service, "2001:db8::1", 3) + statuses(service, "2001:db8::2", 3) == [200] * 5 + [429]


def test_what_an_untrusted_peer_forwards_changes_nothing(start_service: Callable[..., Any]) -> None:
    service = start_service(rate_per_minute="5", trusted_proxies="192.0.2.0/24")
    assert statuses(service, "198.51.100.7", 3) + statuses(service, "198.51.100.8", 3) == [200] * 5 + [429]


@pytest.mark.parametrize("forwarded", ["", "x", "1.2.3.4, y:z", "9" * 4000, ","])
def test_what_is_no_address_is_one_account(start_service: Callable[..., Any], forwarded: str) -> None:
    service = start_service(rate_per_minute="5", trusted_proxies="127.0.0.1")
    assert statuses(service, forwarded, 6) == [200] * 5 + [429]
