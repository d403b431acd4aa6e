"""A start that is refused, at its most talkative, names the variable that is wrong and shows none of it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.drills.figures import Figures
from tests.redis_urls import UNREADABLE

CANARY = "CaNaRy"


def refusal(**settings: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("RACKRATE_")}
    env = clean | {f"RACKRATE_{name.upper()}": value for name, value in settings.items()}
    command = [sys.executable, "-m", "rackrate", "serve"]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=30, check=False)


@pytest.mark.parametrize("how", ["in the environment", "in a file", "in place of a file's name"])
def test_a_redis_url_that_cannot_be_read_stops_the_start_and_is_not_shown(
    how: str, tmp_path: Path, figures: Figures
) -> None:
    shown = unnamed = started = 0
    urls = [url for url in UNREADABLE if CANARY in url][::10]
    for url in urls:
        (tmp_path / "url").write_text(url)
        name = "redis_url" if how == "in the environment" else "redis_url_file"
        value = str(tmp_path / "url") if how == "in a file" else url
        told = refusal(**{name: value, "log_level": "debug", "port": "1"})
        shown += CANARY in told.stdout + told.stderr
        unnamed += not told.stderr.startswith(f"RACKRATE_{name.upper()}: ")
        started += told.returncode != 2
    name = f"a Redis URL that is none, {how}"
    figures.hold(name, f"shown, of {len(urls)}", shown, 0)
    figures.hold(name, "variable not named", unnamed, 0)
    figures.hold(name, "started", started, 0)


def test_beyond_loopback_a_redis_needs_a_secret_of_its_own_and_the_refusal_shows_no_password() -> None:
    told = refusal(redis_url=f"redis://:{CANARY}@cache.example:6379/0", log_level="debug")
    assert (told.returncode, told.stderr.partition(":")[0]) == (2, "RACKRATE_CACHE_SECRET")
    assert CANARY not in told.stdout + told.stderr
