"""What the tests start ends with them, however they end."""

import signal
import sys
from pathlib import Path
from subprocess import PIPE

from tests.conftest import ROOT, running, until

STARTS = """
from tests.conftest import spawn
print(spawn(["sleep", "600"]).pid, flush=True)
input()
"""


def test_what_tests_start_is_gone_though_they_are_killed() -> None:
    with running([sys.executable, "-c", STARTS], cwd=ROOT, stdin=PIPE, stdout=PIPE) as tests:
        assert tests.stdout
        started = Path(f"/proc/{int(tests.stdout.readline())}/status")
        until(lambda: "Name:\tsleep" in started.read_text(), "the child to be what was asked for")
        tests.send_signal(signal.SIGKILL)
        tests.wait()
        until(lambda: not started.exists() or "State:\tZ" in started.read_text(), "the child to end")
