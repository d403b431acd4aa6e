"""A Redis that dies, hangs or breaks off costs no request and changes no answer."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.drills.cache.cache_faults import ride_out
from tests.drills.figures import Figures

Start = Callable[..., Any]


@pytest.mark.parametrize("fault", ["killed", "frozen", "reset"])
def test_a_sick_redis_fails_no_request(
    fault: str, start_redis: Start, start_service: Start, wire: Start, deals: Start, figures: Figures
) -> None:
    ride_out(fault, start_redis, start_service, wire, deals(5), figures)
