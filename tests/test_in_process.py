"""The analyses in this process: the answers of the service, in its words, without its libraries."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

import rackrate
from rackrate.deal.errors import Invalid, Malformed
from rackrate.deal.requests.underwriting import Deal

FACTOR = {
    "asset_correlation": 0.24,
    "renewal_loading": 0.5,
    "rent_volatility": 0.1,
    "rent_loading": 0.6,
    "power_speed": 1.5,
    "power_volatility": 0.35,
    "power_loading": 0.1,
}
ASKED: dict[str, tuple[str, str, dict[str, Any]]] = {  # by function: the path, the document, what is asked
    "underwrite": ("underwritings", "gpu-compute-loan.json", {}),
    "size": ("sizings", "own/sizing.json", {}),
    "waterfall": ("waterfalls", "own/waterfall.json", {}),
    "sensitivity": ("sensitivities", "pool-of-three.json", {"tenants_out": True}),
    "compare": ("comparisons", "pool-of-three.json", {"templates": ["abs_master_trust"]}),
    "simulate": ("simulations", "gpu-compute-loan.json", {"paths": 200, "seed": 3, "factor": FACTOR}),
    "simulate_pool": (
        "simulations",
        "pools/gpu-term-loans.json",
        {"paths": 200, "seed": 3, "asset_correlation": 0.2},
    ),
    "pool": ("pools", "pools/gpu-term-loans.json", {}),
}


def test_every_analysis_answers_in_this_process_what_the_service_answers(
    examples: Path, start_service: Callable[..., Any]
) -> None:
    service = start_service()
    for name, (path, file, asked) in ASKED.items():
        document = examples / file
        answer = getattr(rackrate, name)(document, **asked)
        body = json.loads(document.read_bytes())
        sent = {"pool" if name == "simulate_pool" else "deal": body, **asked} if asked else body
        fields = ",".join(answer.__struct_fields__)
        told = service.http.post(f"/v1/{path}?fields={fields}", json=sent)
        assert told.status_code == 200, told.text
        assert told.content == msgspec.json.encode(answer), name


def test_a_deal_is_a_struct_what_json_has_json_or_a_file(examples: Path) -> None:
    file = examples / "powered-shell-leasehold.json"
    text = file.read_text()
    deal = msgspec.json.decode(text, type=Deal)
    asked = (file, text, text.encode(), json.loads(text), deal)
    assert len({rackrate.underwrite(each).id for each in asked}) == 1
    adjusted = [{"adjustment": "rate_add", "low": -0.01, "high": 0.01}]
    assert len({rackrate.sensitivity(each, tornado=adjusted).id for each in asked}) == 1
    whole = {"deal": json.loads(text), "tornado": adjusted}
    assert rackrate.sensitivity(whole).id == rackrate.sensitivity(file, tornado=adjusted).id


def test_numbers_and_arrays_of_numpy_are_taken_and_what_is_no_number_is_refused(examples: Path) -> None:
    deal = json.loads((examples / "powered-shell-leasehold.json").read_bytes())
    asked = json.loads((examples / "own/sizing.json").read_bytes())
    plain = rackrate.size(asked).sizing.principal
    assert rackrate.size(asked | {"ncf": np.array(asked["ncf"])}).sizing.principal == plain
    assert rackrate.underwrite(deal | {"closing": np.datetime64(deal["closing"])}).summary.principal > 0
    deal["debt"]["rate"] = np.float64("nan")
    with pytest.raises(Invalid) as refused:
        rackrate.underwrite(deal)
    assert [error.pointer for error in refused.value.errors] == ["/debt/rate"]
    with pytest.raises(TypeError, match="a object cannot be part of a request"):
        rackrate.underwrite(deal | {"name": object()})


def test_what_a_service_refuses_is_refused_with_its_pointers(examples: Path) -> None:
    deal = json.loads((examples / "powered-shell-leasehold.json").read_bytes())
    with pytest.raises(Invalid) as refused:
        rackrate.sensitivity(deal | {"currency": "euro"}, tenants_out=True)
    assert [error.pointer for error in refused.value.errors] == ["/deal/currency"]
    with pytest.raises(Malformed):
        rackrate.sensitivity("{", tenants_out=True)


def test_progress_is_told_and_what_it_raises_ends_the_simulation(examples: Path) -> None:
    told: list[tuple[int, int]] = []
    deal, asked = examples / "gpu-compute-loan.json", {"paths": 20_000, "seed": 3, "factor": FACTOR}
    rackrate.simulate(deal, progress=lambda done, of: told.append((done, of)), **asked)
    assert told[-1] == (20_000, 20_000)

    def enough(done: int, of: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rackrate.simulate(deal, progress=enough, **asked)


def test_a_column_of_an_answer_is_an_array_of_its_kind(examples: Path) -> None:
    answer = rackrate.underwrite(examples / "gpu-compute-loan.json")
    plain = msgspec.to_builtins(answer)
    balance = rackrate.column(answer, "waterfall/classes/DDTL/balance")
    assert balance.dtype == np.float64
    assert balance.tolist() == plain["waterfall"]["classes"][0]["balance"]
    dates = rackrate.column(answer, "waterfall/date")
    assert dates.dtype == np.dtype("datetime64[D]")
    assert dates.astype(str).tolist() == plain["waterfall"]["date"]
    assert rackrate.column(answer, "waterfall/trapping").dtype == np.bool_
    cover = plain["waterfall"]["dscr_actual"]
    assert None in cover
    assert [None if np.isnan(x) else x for x in rackrate.column(answer, "waterfall/dscr_actual")] == cover


def test_columns_of_an_answer_are_an_arrow_table_with_its_nulls(examples: Path) -> None:
    answer = rackrate.underwrite(examples / "gpu-compute-loan.json")
    paths = ("waterfall/date", "waterfall/dscr_actual", "waterfall/classes/DDTL/balance")
    table = rackrate.arrow(answer, *paths)
    assert list(map(str, table.schema.types)) == ["date32[day]", "double", "double"]
    assert table.column_names == list(paths)
    plain = msgspec.to_builtins(answer)["waterfall"]
    assert table[paths[1]].to_pylist() == plain["dscr_actual"]


def test_a_path_that_leads_to_no_series_says_what_there_is(examples: Path) -> None:
    answer = rackrate.underwrite(examples / "gpu-compute-loan.json")
    with pytest.raises(KeyError, match="there is no 'Z' but DDTL"):
        rackrate.column(answer, "waterfall/classes/Z/balance")
    for path in ("summary", "summary/principal", "warnings"):
        with pytest.raises(KeyError, match="is no series"):
            rackrate.column(answer, path)


def test_the_analyses_load_no_server_and_the_package_nothing_before_it_is_asked(examples: Path) -> None:
    script = """
import sys, rackrate
assert not {"numpy", "msgspec"} & sys.modules.keys()
rackrate.underwrite(__import__("pathlib").Path(sys.argv[1]))
assert "numpy" in sys.modules
assert not {"litestar", "redis", "uvicorn", "httpx2", "pyarrow", "rackrate.api"} & sys.modules.keys()
"""
    deal = str(examples / "powered-shell-leasehold.json")
    subprocess.run([sys.executable, "-c", script, deal], timeout=60, check=True)


def test_what_the_package_does_not_have_is_named() -> None:
    with pytest.raises(AttributeError, match="no attribute 'overwrite'"):
        _ = rackrate.overwrite  # type: ignore[attr-defined]
    assert set(rackrate.__all__) <= set(dir(__import__("rackrate.in_process", fromlist=["*"])))


def test_what_can_be_asked_for_is_listed_before_it_is_loaded() -> None:
    assert set(rackrate.__all__) < set(dir(rackrate))
