"""What pools cost: collateral beside NumPy and a table for each loan, break-evens, a large pool, paths.

    python -m loadtests.bench.pools

No way is timed before its lines are the kernel's to 1e-9.
"""

import time
import tracemalloc
from collections.abc import Callable
from importlib.resources import files

import msgspec
import numpy as np
from loadtests.bench.report import section, table
from loadtests.kernel.pool import LINES, by_numpy, by_objects, document, runs_of

from rackrate.analyses.pools.loan_pool import underwrite_pool
from rackrate.analyses.pools.simulation import simulate_pool
from rackrate.analyses.registry import pool_ruleset_of, ruleset_of
from rackrate.deal.requests.pool import Pool
from rackrate.deal.requests.pool_simulation import PoolSimulationRequest
from rackrate.engine.certificates.runs import PoolRuns
from rackrate.engine.pool.cashflow import run_collateral
from rackrate.engine.pool.paths import run_paths

BEST_OF = 25
LOANS, YEARS = 600, 15
RECOVERY = {"cdr": 0.03, "recovery_months": 18}
CONDUIT, OF_CONDUIT = 60, 12
PATHS = (1_000, 4_000)


def seconds(act: Callable[[], object], times: int = BEST_OF) -> float:
    """Least processor time of a few."""
    found = []
    for _ in range(times):
        start = time.process_time()
        act()
        found.append(time.process_time() - start)
    return min(found)


def collateral(runs: PoolRuns, scenario: str) -> Callable[[], np.ndarray]:
    """One scenario's collateral in the kernel: the loans' paths, then defaults and recoveries."""
    inputs = runs.inputs(runs.scenarios[scenario])

    def run() -> np.ndarray:
        found = run_collateral(run_paths(inputs), 0.0)
        return np.array([found.line(name) for name in LINES])

    return run


def collateral_rows() -> list[list[str]]:
    """Millions of loan-months a second, of each way."""
    plain, random = runs_of(document(LOANS, YEARS)), runs_of(document(LOANS, YEARS, **RECOVERY))
    months = LOANS * YEARS * 12
    kernel = collateral(plain, "contract")
    for rival in (by_numpy, by_objects):
        np.testing.assert_allclose(rival(plain), kernel(), rtol=1e-9, atol=1e-3)
    ways = {
        "kernel, no default rates": kernel,
        "kernel, default rates, 18 months to a sale": collateral(random, "timed"),
        "NumPy over loans, no default rates": lambda: by_numpy(plain),
        "a table for each loan, no default rates": lambda: by_objects(plain),
    }
    return [[name, f"{months / 1e6 / seconds(way):.2f}"] for name, way in ways.items()]


def conduit(loans: int = CONDUIT) -> Pool:
    """The shipped conduit with its loans several times, each of them with a sponsor of its own."""
    name = "conduit-twelve-loans.json"
    told = msgspec.json.decode((files("rackrate.deal") / "examples" / "pools" / name).read_bytes())
    twelve = told["loans"]
    told["loans"] = [
        one | {"id": f"{n}-{one['id']}", "sponsor": f"{n}-{one.get('sponsor')}"}
        for n in range(loans // OF_CONDUIT)
        for one in twelve
    ]
    return msgspec.convert(told, Pool)


def answer_rows() -> list[list[str]]:
    """Milliseconds of whole answers, and of one scenario of a large pool."""
    pool = conduit()
    house, defaults = ruleset_of(pool), pool_ruleset_of(pool)
    large = runs_of(document(5_000, 30))
    inputs = large.inputs(large.scenarios["timed"])

    def answered(with_tranches: bool) -> float:
        return 1e3 * seconds(
            lambda: underwrite_pool(pool, house, defaults, id="timed", with_tranches=with_tranches)
        )

    return [
        [f"{CONDUIT} loans, without break-evens", f"{answered(False):.0f}"],
        [f"{CONDUIT} loans, with the break-evens of every class", f"{answered(True):.0f}"],
        [
            "a scenario of 5,000 loans over 360 months",
            f"{1e3 * seconds(lambda: run_collateral(run_paths(inputs), 0.0)):.0f}",
        ],
    ]


def path_rows() -> list[list[str]]:
    """Milliseconds a thousand paths, and the memory at its most."""
    return [_path_row(paths) for paths in PATHS]


def _path_row(paths: int) -> list[str]:
    request = PoolSimulationRequest(pool=conduit(OF_CONDUIT), paths=paths, seed=7)
    house, defaults = ruleset_of(request), pool_ruleset_of(request.pool)

    def simulated() -> object:
        return simulate_pool(request, house, defaults, id="timed", threads=1)

    taken = 1e6 * seconds(simulated, 2) / paths
    tracemalloc.start()
    simulated()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return [f"{paths:,}", f"{taken:.0f}", f"{most / 2**20:.1f}"]


def main() -> None:
    ways = table(["way", "million loan-months a second"], collateral_rows())
    answers = table(["what", "ms"], answer_rows())
    paths = table(["paths of twelve loans", "ms a thousand", "MiB at most"], path_rows())
    section(
        "pools",
        45,
        "Pools",
        f"Collateral of {LOANS} level loans over {YEARS} years, one core.\n\n{ways}\n\n"
        f"Answers, one core.\n\n{answers}\n\nSimulated paths, one thread.\n\n{paths}",
    )


if __name__ == "__main__":
    main()
