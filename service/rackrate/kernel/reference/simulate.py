"""Simulation in plain NumPy, all paths at once: what ``rackrate.kernel.simulate`` means."""

# Design: a lane is a path; pairs come first, then their mirror images. Money is added in the order of the compiled kernel,
# so that the two agree to the last bit. The waterfall is the twin of ``rackrate.kernel.pay``.

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rackrate.kernel.records import CLASS_SERIES, EVENTS, SERIES
from rackrate.kernel.reference import draws
from rackrate.kernel.reference.credit import normal_quantile
from rackrate.kernel.reference.lettings import Letting, Roll
from rackrate.kernel.reference.waterfall import run

Floats = NDArray[np.float64]
Rows = Any  # structured arrays, and rows of them, whose fields are named in records.py
NEVER, UNPAID, PART = 1e18, 0.01, 2.0**50
COVER_BINS, COVER_FROM, COVER_PER_UNIT = 4096, -4.0, 256.0
