"""The kernel's public functions: compiled code for the engine."""

# Design: the engine imports from here alone. Each name has a stub with its array types, a compiled body
# built from ext/, and a twin of the same name and signature in plain NumPy under kernel/reference, held
# against it by tests.

from typing import TYPE_CHECKING

import numpy as np

from rackrate.kernel._bonds import moments, solve_discounts
from rackrate.kernel._cashflow import net
from rackrate.kernel._certificates import pay_certificates
from rackrate.kernel._credit import cumulative_hazard, survive
from rackrate.kernel._obligors import default_months
from rackrate.kernel._power import supply
from rackrate.kernel._records import agree
from rackrate.kernel._sizing import (
    discount_factors,
    level_balances,
    level_payment,
    present_values,
    rolling_ratios,
    sculpt,
)
from rackrate.kernel._valuation import capitalise, discount
from rackrate.kernel.builds import fitting, widest
from rackrate.kernel.records import RECORDS

if TYPE_CHECKING:
    from rackrate.kernel._leases import compound_index, contract, let
    from rackrate.kernel._losses import convolve_losses
    from rackrate.kernel._pool import pool_collateral, pool_paths, pool_under_haircuts
    from rackrate.kernel._simulate import default_thresholds, simulate
    from rackrate.kernel._waterfall import pay, stress
else:
    default_thresholds, simulate = (
        getattr(widest("simulate"), name) for name in ("default_thresholds", "simulate")
    )
    compound_index, contract, let = (
        getattr(widest("leases"), name) for name in ("compound_index", "contract", "let")
    )
    convolve_losses = widest("losses").convolve_losses
    pool_collateral, pool_paths, pool_under_haircuts = (
        getattr(widest("pool"), name) for name in ("pool_collateral", "pool_paths", "pool_under_haircuts")
    )
    pay, stress = fitting("waterfall", "pay", scenarios=8), fitting("waterfall", "stress", scenarios=12)

agree(*(np.empty(0, dtype=record) for record in RECORDS))

__all__ = [
    "capitalise",
    "compound_index",
    "contract",
    "convolve_losses",
    "cumulative_hazard",
    "default_months",
    "default_thresholds",
    "discount",
    "discount_factors",
    "let",
    "level_balances",
    "level_payment",
    "moments",
    "net",
    "pay",
    "pay_certificates",
    "pool_collateral",
    "pool_paths",
    "pool_under_haircuts",
    "present_values",
    "rolling_ratios",
    "sculpt",
    "simulate",
    "solve_discounts",
    "stress",
    "supply",
    "survive",
]
