"""Whether the time a key is refused in tells how near it was; run by `make drills`."""

import datetime as dt
import hashlib
import random
import statistics
import time

import pytest
from tests.drills.figures import Figures

from rackrate.api.auth.api_keys import Key, Keyring
from rackrate.api.auth.tokens import CredentialsError

SAMPLES, CUT = 60_000, 0.9  # the slowest tenth is the machine's
KEY = "rr_alpha1_" + "s" * 43
NOW = dt.datetime(2026, 11, 25, tzinfo=dt.UTC)


def test_a_refusal_takes_as_long_whatever_is_wrong_with_the_key(figures: Figures) -> None:
    """Known id with a wrong secret, with a nearly right one, and an unknown id, in random order."""
    key = Key("alpha", "alpha1", hashlib.sha256(KEY.encode()).hexdigest(), frozenset({"read"}))
    ring, chance = Keyring([key]), random.Random(7)
    sent = {
        "unknown id": "rr_alpha2_" + "s" * 43,
        "wrong secret": "rr_alpha1_" + "x" * 43,
        "nearly right": KEY[:-1] + "x",
    }
    took: dict[str, list[int]] = {name: [] for name in sent}
    for _ in range(SAMPLES):
        name = chance.choice(list(sent))
        start = time.perf_counter_ns()
        with pytest.raises(CredentialsError, match="not known"):
            ring.client(sent[name], NOW)
        took[name].append(time.perf_counter_ns() - start)
    means = {name: statistics.fmean(sorted(times)[: int(CUT * len(times))]) for name, times in took.items()}
    figures.tell("API keys", "mean time to refuse, microseconds", statistics.fmean(means.values()) / 1000)
    spread = (max(means.values()) - min(means.values())) / 1000
    figures.hold("API keys", f"difference of the means, {SAMPLES} tries, microseconds", spread, 1)
