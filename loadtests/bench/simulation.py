"""Measure the simulation kernel: paths a second a core, beside its NumPy twin and a C sketch of its loop.

python -m loadtests.bench.simulation
"""

import ctypes
import json
import os
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from loadtests.bench.report import section, table

from rackrate.analyses.deals.simulation import simulate
from rackrate.deal import rulesets
from rackrate.deal.codec.decode import decode
from rackrate.deal.factor import Factor
from rackrate.deal.requests.simulation import SimulationRequest
from rackrate.deal.requests.underwriting import Deal
from rackrate.engine.debt.case_flows import size_loan
from rackrate.engine.facility.collateral import run_cases
from rackrate.engine.simulation.estimates import Tally
from rackrate.engine.simulation.inputs import PathInputs, path_inputs
from rackrate.engine.simulation.run import NO_MONTHS, NONE, factor_row
from rackrate.engine.structure.payment import pay
from rackrate.kernel.builds import builds
from rackrate.kernel.reference import simulate as reference

HERE = Path(__file__).parents[1]
EXAMPLES = HERE.parent / "service" / "rackrate" / "deal" / "examples"
MONTHS, LEASES, PAIRS, ROUNDS = 180, 8, 4096, 5
DOES = {
    "C sketch": "the bare loop of one fixed shape: nothing is data, audited or kept",
    "NumPy twin": "what the kernel means",
}
TERMS = Factor(
    asset_correlation=0.24,
    renewal_loading=0.5,
    rent_volatility=0.1,
    rent_loading=0.6,
    power_speed=1.5,
    power_volatility=0.35,
    power_loading=0.1,
)


def bench_deal() -> Deal:
    """Fifteen years monthly, eight leases, three classes, a reserve, a trap, a power path."""
    deal = json.loads((EXAMPLES / "colocation-multi-tenant.json").read_bytes())
    facility, structure = deal["facilities"][0], deal["structure"]
    scale = facility["capacity_kw"] / LEASES
    for k, lease in enumerate(facility["leases"][:LEASES]):
        lease |= {"contracted_kw": scale * 0.9, "term_months": 180 + 6 * k, "commencement": "2016-01-01"}
        lease["ramp"] = []
    facility["leases"] = facility["leases"][:LEASES]
    deal["tenants"] = deal["tenants"][:LEASES]
    structure |= {"legal_final_months": MONTHS - 12, "reserves": {"liquidity_months": 6}}
    structure["classes"] = [structure["classes"][k] for k in (0, 2, 4)]
    return decode(json.dumps(deal).encode(), Deal)


def path_of(deal: Deal) -> PathInputs:
    priced = run_cases(deal, rulesets.load(deal.ruleset or ""))
    structure = deal.structure
    assert structure is not None
    return path_inputs(priced, pay(priced, size_loan(priced), structure), factor_row(TERMS), 7)


def rate(kernel: Any, path: PathInputs, pairs: int, rounds: int) -> float:
    """Paths a second of processor time, the best of some rounds."""
    best = 0.0
    for r in range(rounds):
        tally = Tally(path.periods, path.classes)
        start = time.process_time()
        kernel.simulate(*path.arguments(r * pairs, pairs), tally.arrays, NONE, NO_MONTHS, NONE)
        best = max(best, 2 * pairs / (time.process_time() - start))
    return best


def sketch_rate(folder: str) -> float:
    """The C sketch of the same shape, compiled for this processor."""
    library = Path(folder) / "sketch.so"
    flags = [
        "-O3",
        "-march=native",
        "-ffp-contract=off",
        "-fno-trapping-math",
        "-fno-math-errno",
        "-fPIC",
        "-shared",
    ]
    wide = ["-mprefer-vector-width=512"] if "avx512" in builds("simulate") else []
    subprocess.check_call(
        ["gcc", *flags, *wide, str(HERE / "sketch" / "simulate.c"), "-o", str(library), "-lm"]
    )
    run = ctypes.CDLL(str(library)).sketch
    run.restype = ctypes.c_double
    best, paths = 0.0, 65536
    for _ in range(5):
        start = time.process_time()
        run(ctypes.c_long(paths))
        best = max(best, paths / (time.process_time() - start))
    return best


def million() -> float:
    """Seconds for a million paths of the multi-tenant deal, as one request."""
    deal = decode((EXAMPLES / "colocation-multi-tenant.json").read_bytes(), Deal)
    request = SimulationRequest(deal=deal, paths=1_000_000, seed=7, factor=TERMS)
    start = time.perf_counter()
    simulate(request, rulesets.load(deal.ruleset or ""), id="million")
    return time.perf_counter() - start


def main() -> None:
    path = path_of(bench_deal())
    found = {name: rate(build, path, PAIRS, ROUNDS) for name, build in builds("simulate").items()}
    with tempfile.TemporaryDirectory() as folder:
        found["C sketch"] = sketch_rate(folder)
    found["NumPy twin"] = rate(reference, path, 1024, 1)
    best = next(iter(found.values()))
    rows = [
        [name, DOES.get(name, "the kernel so built"), f"{paths / 1e6:.4f}", f"{best / paths:.2f}"]
        for name, paths in found.items()
    ]
    whole = table(["what", "does", "million paths a second a core", "times as slow"], rows)
    taken = million()
    section(
        "simulation",
        40,
        "Simulation",
        f"""Fifteen years by month, {LEASES} leases, three classes, a reserve, a trap, a power path; one
thread, processor time, the best of {ROUNDS} rounds of {2 * PAIRS:,} paths:

{whole}

A million paths of the shipped multi-tenant deal, as one request on {os.cpu_count()} cores: {taken:.1f} s.""",
    )


if __name__ == "__main__":
    main()
