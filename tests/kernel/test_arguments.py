"""What a kernel function says of an argument that does not fit: which one, what it should be, what it is."""

import inspect
import json
from pathlib import Path

import numpy as np
import pytest
from tests.kernel.simulated_deals import EXAMPLES, document, path_of, ran, stormy_roll

from rackrate import kernel
from rackrate.analyses.deals.underwriting import underwrite
from rackrate.analyses.registry import pool_ruleset_of, ruleset_of
from rackrate.deal import rulesets
from rackrate.deal.codec.decode import decode
from rackrate.deal.requests.pool import Pool
from rackrate.deal.requests.underwriting import Deal
from rackrate.engine.certificates.runs import PoolRuns
from rackrate.engine.pool.haircuts import haircut_lines, run_haircuts
from rackrate.kernel import records
from rackrate.kernel.builds import BASELINE, builds

POOL = sorted((EXAMPLES / "pools").glob("*.json"))[0]
EXT = Path(__file__).parents[2] / "ext"
MODULES = [
    path.stem for path in EXT.glob("*.pyx") if path.stem not in ("cpu", "records") and "_" not in path.stem
]
WITHOUT_ARRAYS = {"level_payment"}


def baseline(name):
    """The baseline build's function of that name."""
    found = [getattr(builds(module)[BASELINE], name, None) for module in MODULES]
    return next(function for function in found if function is not None)


@pytest.fixture(scope="module")
def calls():
    """Arguments that fit, of every function: those of its first call in an underwriting and a simulation."""
    seen = {}

    def watched(name, function):
        def run(*arguments):
            seen.setdefault(name, arguments)
            return function(*arguments)

        return run

    with pytest.MonkeyPatch.context() as patch:
        for name in kernel.__all__:
            patch.setattr(kernel, name, watched(name, getattr(kernel, name)))
        for deal in ("colocation-multi-tenant", "hyperscale-single-tenant"):
            told = decode(json.dumps(document(deal)).encode(), Deal)
            underwrite(told, rulesets.load(told.ruleset), id="watched")
        ran(kernel, path_of(stormy_roll(document("colocation-multi-tenant"))), 0, 1)
        pool = decode(POOL.read_bytes(), Pool)
        runs = PoolRuns(pool, ruleset_of(pool), pool_ruleset_of(pool))
        run_haircuts(haircut_lines(runs.run(next(iter(runs.scenarios))).inputs), runs.call_share, np.zeros(2))
    return by_hand() | seen


def by_hand():
    """Of functions that neither calls."""
    one, three, four = np.ones(1), np.ones((1, 3)), np.ones((1, 4))
    return {
        "level_balances": (three, np.ones(3), 1.0, 0, 3, four),
        "level_payment": (0.05, 12),
        "sculpt": (three, three, four, one, one, 0, four),
        "present_values": (three, three, four),
        "discount_factors": (three, four),
        "default_months": (np.ones(3), 0.2, 7, 0, 12, np.ones((1, 2, 3), dtype=np.int64)),
        "discount": (
            np.ones((1, 1, 24)),
            np.array([99]),
            0.1,
            0.1,
            12,
            np.array([0]),
            np.ones((1, 1)),
            np.ones((1, 1)),
        ),
    }


def places(function, arguments):
    """Every array among the arguments: its name, and the arguments with another in its place."""
    for k, (name, value) in enumerate(zip(inspect.signature(function).parameters, arguments, strict=True)):
        if isinstance(value, tuple):
            arrays = [field for field in value._fields if not isinstance(getattr(value, field), int)]
            for field in arrays:
                yield field, getattr(value, field), lambda new, k=k, field=field, value=value: (
                    *arguments[:k], value._replace(**{field: new}), *arguments[k + 1 :],
                )  # fmt: skip
        elif isinstance(value, np.ndarray):
            yield name, value, lambda new, k=k: (*arguments[:k], new, *arguments[k + 1 :])


def another_kind(array):
    """The same lengths of something else."""
    if array.dtype.names:
        return np.zeros(len(array), records.TAKEOUT if array.dtype != records.TAKEOUT else records.STEP)
    return array.astype(np.float32)


def every_other(array):
    """The same lengths, with gaps."""
    return np.repeat(array, 2, axis=-1)[..., ::2]


def one_axis_more(array):
    """The same numbers, an axis around them."""
    return array[None]


def test_every_function_is_tried(calls):
    assert calls.keys() == set(kernel.__all__)


@pytest.mark.parametrize("name", sorted(set(kernel.__all__) - WITHOUT_ARRAYS))
@pytest.mark.parametrize(
    "change",
    [another_kind, every_other, lambda array: array[None], list],
    ids=["kind", "gaps", "axis", "list"],
)
def test_an_argument_of_another_kind_or_shape_is_named(calls, name, change):
    tried = 0
    for argument, array, replaced in places(baseline(name), calls[name]):
        changed = change(array)
        if isinstance(changed, np.ndarray) and changed.flags.c_contiguous and change is every_other:
            continue  # nothing, or one of it, has no gaps
        with pytest.raises(ValueError, match=rf"^{argument}: expected \[.*\].*, got (\[|list)"):
            baseline(name)(*replaced(changed))
        tried += 1
    assert tried


@pytest.mark.parametrize("name", sorted(set(kernel.__all__) - WITHOUT_ARRAYS))
def test_an_axis_that_is_too_long_for_the_others_is_refused_with_the_lengths_asked_for(calls, name):
    """By the name of it, or of what then is too short for it. Some axes are of any length: FREE."""
    for argument, array, replaced in places(baseline(name), calls[name]):
        for axis in range(array.ndim):
            if array.size and (argument, axis) not in FREE.get(name, ()):
                longer = np.concatenate([array, np.take(array, [-1], axis=axis)], axis=axis)
                with pytest.raises(ValueError, match=r"^\w+: expected \[.*\].*, got \[[\d, ]*\]"):
                    baseline(name)(*replaced(longer))


FREE = {
    "default_months": {("months", 0)},
    "capitalise": {("flows", 2)},
    "compound_index": {("index", 1)},
    "discount": {("flows", 2)},
    "let": {("survival", 1)},
    "level_balances": {("rate", 1), ("accrual", 0)},
    "moments": {("flow", 1)},
    "net": {("lines", 1), ("lines", 2)},
    "pay_certificates": {("steps", 0), ("members", 0), ("triggers", 0)},
    "pay": {("fees", 0), ("payments", 0), ("members", 0)},
    "pool_paths": {("ncf", 1)},
    "pool_under_haircuts": {("flows", 2)},
    "rolling_ratios": {("numerator", 1)},
    "simulate": {
        ("thresholds", 0),
        ("rent_streams", 0),
        ("contracts", 0),
        ("fees", 0),
        ("payments", 0),
        ("members", 0),
    },
    "solve_discounts": {("flow", 1)},
    "stress": {("fees", 0), ("payments", 0), ("members", 0), ("takeout", 1)},
    "survive": {("survival", 2)},
}
