"""Start the service on a free port, let locust loose on it for two minutes, stop it: `make load`.

The report as HTML and CSV is in loadtests/reports/; $LOAD_SECONDS shortens the open loop.
"""

import os
import subprocess
import sys

from load_report import HERE, REPORTS
from load_services import ours
from load_volley import CORES


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
            str(HERE / "locustfile.py"),
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
            env=os.environ | {"PYTHONPATH": str(HERE), "LOAD_SERVICE_PID": str(service.child.pid)},
            preexec_fn=lambda: os.sched_setaffinity(0, {CORES[-1]}),
            check=False,
        ).returncode


if __name__ == "__main__":
    sys.exit(main())
