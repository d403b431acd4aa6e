"""Run a command of rackrate and write down what it took: seconds, processor time, peaks of memory.

python -m loadtests.books.measured FIGURES.json portfolio BOOK --out DIR …
"""

import json
import resource
import sys
import time
from pathlib import Path

from rackrate.__main__ import main

if __name__ == "__main__":
    started = time.monotonic()
    status = main(sys.argv[2:])
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    figures = {
        "seconds": time.monotonic() - started,
        "driver_cpu_s": own.ru_utime + own.ru_stime,
        "workers_cpu_s": children.ru_utime + children.ru_stime,
        "driver_peak_mib": own.ru_maxrss / 1024,
        "worker_peak_mib": children.ru_maxrss / 1024,
    }
    Path(sys.argv[1]).write_text(json.dumps(figures))
    sys.exit(status)
