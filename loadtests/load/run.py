"""Start the service on a free port, let locust loose on it for two minutes, stop it: `make load`.

The report as HTML and CSV is in loadtests/reports/; $LOAD_SECONDS shortens the open loop.
"""

import os
import subprocess
import sys

from loadtests.load.report import HERE, REPORTS
from loadtests.load.services import ours
from loadtests.load.volley import CORES


def main() -> int:
    """Run locust headless against a service of its own; its exit code is the verdict."""
    REPORTS.mkdir(exist_ok=True)
    with ours() as service:
        words = [
            "-m",
            "locust",
            "--headless",
            "--only-summary",
            "-f",
            str(HERE / "load" / "locustfile.py"),
            "--users",
            "1",
        ]
        words += [
            "--host",
            f"http://127.0.0.1:{service.port}",
            "--exit-code-on-error",
            "0",
            "--run-time",
            "10m",
        ]
        words += [
            "--html",
            str(REPORTS / "load.html"),
            "--csv",
            str(REPORTS / "load"),
            "--loglevel",
            "WARNING",
        ]
        return subprocess.run(
            [sys.executable, *words],
            env=os.environ | {"PYTHONPATH": str(HERE.parent), "LOAD_SERVICE_PID": str(service.child.pid)},
            preexec_fn=lambda: os.sched_setaffinity(0, {CORES[-1]}),
            check=False,
        ).returncode


if __name__ == "__main__":
    sys.exit(main())
