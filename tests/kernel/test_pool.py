"""Loans of a pool and their certificates: the compiled loops give what their twins give."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rackrate import kernel
from rackrate.analyses.registry import pool_ruleset_of, ruleset_of
from rackrate.deal.codec.decode import decode
from rackrate.deal.requests.pool import Pool
from rackrate.engine.certificates.runs import PoolRuns
from rackrate.engine.certificates.waterfall import CertificatesNotConserved, losses_of, pay, pay_runs
from rackrate.engine.pool.cashflow import run_collaterals
from rackrate.engine.pool.haircuts import haircut_lines, run_haircuts
from rackrate.kernel import records
from rackrate.kernel.builds import builds
from rackrate.kernel.reference import certificates, pool

SHIPPED = sorted((Path(__file__).parents[2] / "service/rackrate/deal/examples/pools").glob("*.json"))
OF_LOANS = [path for path in SHIPPED if "ground" not in path.name]
TWINS = {
    "pool_paths": pool.pool_paths,
    "pool_collateral": pool.pool_collateral,
    "pool_under_haircuts": pool.pool_under_haircuts,
    "pay_certificates": certificates.pay_certificates,
}
BUILDS = {name: builds("pool") for name in TWINS if name.startswith("pool")}
OUTPUTS = {"pool_paths": 5, "pool_collateral": 2, "pool_under_haircuts": 2, "pay_certificates": 4}
HAIRCUTS = np.array([0.0, 0.37, 1.0])


def both_ways(document: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> int:
    """Run a pool's scenarios; every call of the kernel is held against its twin and its other builds."""
    calls = 0

    def held(name: str) -> Any:
        compiled = getattr(kernel, name)

        def run(*arguments: Any) -> None:
            nonlocal calls
            calls += 1
            compiled(*arguments)
            given, outputs = arguments[: -OUTPUTS[name]], arguments[-OUTPUTS[name] :]
            again = [np.full_like(output, 7) for output in outputs]
            TWINS[name](*given, *again)
            for one, other in zip(outputs, again, strict=True):
                np.testing.assert_allclose(one, other, rtol=1e-11, atol=1e-6)
            for build in BUILDS.get(name, {}).values():
                same = [np.full_like(output, 7) for output in outputs]
                getattr(build, name)(*given, *same)
                assert [output.tobytes() for output in same] == [output.tobytes() for output in outputs]

        return run

    with monkeypatch.context() as patched:
        for name in TWINS:
            patched.setattr(kernel, name, held(name))
        request = decode(json.dumps(document).encode(), Pool)
        runs = PoolRuns(request, ruleset_of(request), pool_ruleset_of(request))
        for name in runs.scenarios:
            run = runs.run(name)
            found = run_haircuts(haircut_lines(run.inputs), runs.call_share, HAIRCUTS)
            assert found.outcome.shape[0] == len(HAIRCUTS)
            assert run.terms is not None
            losses_of(run.terms, found.funds, found.stated, found.called)
    return calls


@pytest.mark.parametrize(
    "path", [path for path in SHIPPED if "ground" not in path.name], ids=lambda p: p.stem
)
def test_compiled_pools_are_their_twins(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert both_ways(json.loads(path.read_bytes()), monkeypatch) > 3


@settings(max_examples=8)
@given(data=st.data())
def test_compiled_pools_are_their_twins_in_any_scenario(data: st.DataObject) -> None:
    document = json.loads(SHIPPED[0].read_bytes())
    share = st.floats(0.0, 1.0)
    document["scenarios"][0] |= {
        "cdr": data.draw(share), "hazard": data.draw(st.floats(0.0, 50.0)), "cpr": {"open": data.draw(share)},
        "recovery_months": data.draw(st.integers(1, 40)), "extension_months": data.draw(st.integers(0, 40)),
        "retest_months": data.draw(st.integers(1, 13)), "rate_add": data.draw(st.floats(-0.02, 0.05)),
        "advances": {"kind": data.draw(st.sampled_from(["principal_and_interest", "interest", "none"])),
                     "stop_share": data.draw(share)},
        "recovery": data.draw(st.sampled_from([{"kind": "severity", "severity": 0.6}, {"kind": "value"}])),
    }  # fmt: skip
    document["structure"]["template"] = data.draw(
        st.sampled_from(["cmbs_conduit", "cmbs_pro_rata", "abs_loans"])
    )
    document["structure"]["clean_up_call"] = data.draw(st.floats(0.0, 0.5))
    document["structure"]["write_down"] = data.draw(st.booleans())
    document["structure"]["triggers"] = [{"kind": "cumulative_loss", "above": data.draw(st.floats(0.0, 0.1))}]
    with pytest.MonkeyPatch.context() as monkeypatch:
        assert both_ways(document, monkeypatch) > 3


def paid(document: dict[str, Any], funds: Any = None, **trust: int) -> Any:
    """Certificates of a pool's reported scenario, its collateral or its terms changed."""
    request = decode(json.dumps(document).encode(), Pool)
    runs = PoolRuns(request, ruleset_of(request), pool_ruleset_of(request))
    inputs, found = runs.reported_collateral
    terms = runs.terms(inputs)
    for name, value in trust.items():
        terms.trust[name] = value
    if funds is not None:
        found.funds[funds] = np.nan
    return pay(terms, found)


def test_a_later_rank_paid_before_interest_of_an_earlier_one_is_found() -> None:
    document = json.loads(SHIPPED[0].read_bytes())
    names = [note["name"] for note in document["structure"]["classes"] if "io" not in note]
    document["structure"]["steps"] = [
        {"kind": "principal", "classes": names[::-1]},
        {"kind": "turbo", "classes": names[::-1]},
        {"kind": "interest", "classes": names},
        {"kind": "residual"},
    ]
    assert paid(document).losses.shape[1] == 2
    with pytest.raises(CertificatesNotConserved, match="priority"):
        paid(document, ranked=1)


@pytest.mark.parametrize(("name", "kind"), [("interest_funds", "cash"), ("premiums", "premiums")])
def test_certificates_paid_from_no_number_do_not_add_up(name: str, kind: str) -> None:
    document = json.loads(SHIPPED[0].read_bytes())
    with pytest.raises(CertificatesNotConserved, match=f"month 3: {kind}"):
        paid(document, funds=(records.POOL_FUNDS.index(name), 3))


def test_several_runs_at_once_are_each_alone() -> None:
    request = decode(SHIPPED[0].read_bytes(), Pool)
    runs = PoolRuns(request, ruleset_of(request), pool_ruleset_of(request))
    paths, terms = runs.reported_paths, runs.terms(runs.reported_collateral[0])
    rows = np.repeat(paths.row, 3)
    rows["cdr_multiple"] = 0.0, 1.0, 5.0
    scripted = np.repeat(paths.inputs.scripted[None], 3, axis=0)
    scripted[1, 4] = 20
    found = run_collaterals(paths, 0.2, rows, scripted)
    paid_to = pay_runs(terms, found.funds, found.stated, found.called)
    ends = losses_of(terms, found.funds, found.stated, found.called)
    assert ends.tobytes() == paid_to.losses.tobytes()
    for s in range(3):
        alone = run_collaterals(paths, 0.2, rows[s : s + 1], scripted[s : s + 1])
        assert found.lines[s].tobytes() == alone.lines[0].tobytes()
        assert found.outcome[s].tobytes() == alone.outcome[0].tobytes()
        assert paid_to.classes[s].tobytes() == pay(terms, alone.run(0)).classes.tobytes()
