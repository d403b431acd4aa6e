"""Every other way in which Redis can fail, one by one; run by `make drills`."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.drills.cache.cache_faults import FAULTS, ride_out
from tests.drills.figures import Figures

Start = Callable[..., Any]


@pytest.mark.parametrize("fault", [name for name in FAULTS if name not in ("killed", "frozen", "reset")])
def test_a_redis_that_fails_in_some_other_way_fails_no_request(
    fault: str, start_redis: Start, start_service: Start, wire: Start, deals: Start, figures: Figures
) -> None:
    ride_out(fault, start_redis, start_service, wire, deals(5), figures)
