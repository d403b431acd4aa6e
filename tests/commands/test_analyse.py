"""The analyses at the command line: tables to be read, or the bytes of the service."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rackrate.__main__ import main
from rackrate.reports.tables import WIDTH

ASKED = {  # of each command with its file and options, where it is asked over HTTP
    "sensitivity powered-shell-leasehold.json": "sensitivities",
    "sensitivity gpu-compute-loan.json --tenants": "sensitivities",
    "sensitivity hyperscale-single-tenant.json --principal 1.05": "sensitivities",
    "compare pool-of-three.json": "comparisons",
    "compare pool-of-three.json uk-two-hyperscalers.json": "comparisons",
    "simulate gpu-compute-loan.json --paths 200 --seed 3 --rent-volatility 0.2": "simulations",
    "simulate pools/conduit-twelve-loans.json --paths 60 --asset-correlation 0.3": "simulations",
    "pool pools/conduit-twelve-loans.json": "pools",
    "pool pools/gpu-term-loans.json": "pools",
    "pool pools/three-loans-on-facilities.json": "pools",
    "pool pools/ground-leases-four.json": "pools",
    "size own/sizing.json": "sizings",
    "waterfall own/waterfall.json": "waterfalls",
    "compare hyperscale-single-tenant.json gpu-compute-loan.json --all": "comparisons",
    "size gpu-compute-loan.json": "underwritings?fields=id,sizing,coverage",
    "waterfall hyperscale-single-tenant.json": "underwritings?fields=id,tranches,waterfall",
}


def words(command: str, examples: Path) -> list[str]:
    return [str(examples / word) if word.endswith(".json") else word for word in command.split()]


def test_every_command_prints_the_bytes_the_service_would_send(
    examples: Path, start_service: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    service = start_service()
    for command, path in ASKED.items():
        assert main([*words(command, examples), "--request"]) == 0
        asked = capsys.readouterr().out
        assert main([*words(command, examples), "--json"]) == 0
        headers = {"Content-Type": "application/json"}
        answer = service.http.post(f"/v1/{path}", content=asked, headers=headers)
        assert answer.status_code == 200, command
        assert capsys.readouterr().out == answer.text + "\n", command


@pytest.mark.parametrize("command", ASKED)
def test_every_table_is_of_the_answer_and_fits_the_page(
    command: str, examples: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The id that the service would give stands below; nothing is without a figure that has one."""
    assert main([*words(command, examples), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert main(words(command, examples)) == 0
    printed = capsys.readouterr().out
    assert max(map(len, printed.splitlines())) <= WIDTH
    assert answer.get("id", "") in printed
    assert not {"nan", "inf", "None"} & set(printed.split())


@pytest.mark.parametrize(
    "command", ["sensitivity", "sensitivity --tenants", "sensitivity --principal 1.1", "compare"]
)
def test_every_shipped_deal_can_be_asked_and_read(
    command: str, examples: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    verb, *options = command.split()
    for deal in sorted(examples.glob("*.json")):
        assert main([verb, str(deal), *options]) == 0, deal.name
        assert max(map(len, capsys.readouterr().out.splitlines())) <= WIDTH, deal.name


def test_a_person_reads_what_would_make_the_loan_five_percent_larger(
    examples: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """0.0826/1.05 = 0.078667 is the debt yield that it takes; on value it can be refinanced already."""
    deal = str(examples / "hyperscale-single-tenant.json")
    assert main(["sensitivity", deal, "--principal", "1.05"]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["principal", "x", "1.05", "limit:min_debt_yield", "0.078667", "solved"] in rows
    assert ["principal", "x", "1.05", "ltv:refinance", "–", "at_once"] in rows
    assert ["principal", "x", "1.05", "rate_add", "-0.5", "never", "min_debt_yield"] in rows


def test_a_person_reads_each_tenant_out_with_dates_and_losses(
    examples: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sensitivity", str(examples / "gpu-compute-loan.json"), "--tenants", "--json"]) == 0
    lab, startup = json.loads(capsys.readouterr().out)["tenants_out"]
    assert main(["sensitivity", str(examples / "gpu-compute-loan.json"), "--tenants"]) == 0
    printed = capsys.readouterr().out
    for told in (lab["triggers"]["trap"], startup["triggers"]["amortise"], "never", "227.3m"):
        assert told in printed
    assert lab["classes"][0]["first_shortfall"] in printed
    assert round(lab["classes"][0]["loss"] / 1e6, 1) == 227.3


def test_a_file_with_classes_alone_is_another_structure_of_the_same_deal(
    examples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    deal = examples / "pool-of-three.json"
    structure = json.loads(deal.read_text())["structure"]
    structure["classes"] = structure["classes"][:2]
    (tmp_path / "structure.json").write_text(json.dumps(structure))
    assert main(["compare", str(deal), str(tmp_path / "structure.json")]) == 0
    printed = capsys.readouterr().out
    alone = {line.split()[0]: line.split()[1:] for line in printed.splitlines() if " figures" in line}
    assert [alone[entry][1:] for entry in ("structure/classes/C", "tranches/C")] == [["figures", "–"]] * 2
    assert "facilities/" not in printed
    assert main(["compare", str(deal), str(tmp_path / "structure.json"), "--all"]) == 0
    whole = capsys.readouterr().out
    assert whole.count("structure/classes/C/") == int(alone["structure/classes/C"][0])
    assert "tranches/C/principal" in whole


def test_what_differs_is_printed_whole_within_the_page_and_flags_as_words(
    examples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two curves alike in their first 24 characters, a long path, a test that binds in one of the two."""
    deal = json.loads((examples / "pool-of-three.json").read_text())
    tests = deal["sizing"]["tests"]
    for name, last, share in (("first", 61.0, 0.9), ("second", 62.0, 0.1)):
        deal["market"]["power_index"] = [["2026-01-01", 50.0], ["2030-01-01", last]]
        deal["sizing"]["tests"] = [*tests, {"kind": "max_ltv", "name": "own", "limit": share}]
        deal["facilities"][0]["operating_costs"] = [{"name": "n" * 60, "annual": last * 1e4}]
        (tmp_path / f"{name}.json").write_text(json.dumps(deal))
    assert main(["compare", str(tmp_path / "first.json"), str(tmp_path / "second.json")]) == 0
    printed = capsys.readouterr().out
    assert max(map(len, printed.splitlines())) <= WIDTH
    assert "…" not in printed
    assert "62.0]]" in "".join(printed.split())
    assert {"yes", "no"} <= set(printed.split())
    assert not {"True", "False"} & set(printed.split())


@pytest.mark.parametrize(
    ("ard", "told"),
    [
        ({}, "no ARD before legal final"),
        ({"ard_months": 24}, "no ARD before legal final"),
        ({"ard_months": 12}, "not refinanced at the ARD in month 12"),
        ({"ard_months": 12, "ncf": [99.0, 99.0]}, "nothing was outstanding at the ARD"),
    ],
)
def test_what_became_of_the_ard_is_told(
    ard: dict[str, Any], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A class of 50 that cash sweeps: of 10 a year it is still owed at either date, of 99 at neither."""
    own = {
        "closing": "2026-12-31",
        "period_months": 12,
        "legal_final_months": 24,
        "ncf": [10.0, 10.0],
        "classes": [
            {
                "name": "A",
                "principal": 50.0,
                "coupon": 0.05,
                "day_count": "30/360",
                "schedule": {"kind": "amounts", "amounts": [50.0, 0.0]},
            }
        ],
    }
    (tmp_path / "own.json").write_text(json.dumps(own | ard))
    assert main(["waterfall", str(tmp_path / "own.json")]) == 0
    assert f"\n{told}" in capsys.readouterr().out


def test_two_tests_of_one_kind_are_told_apart(
    examples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    deal = json.loads((examples / "hyperscale-single-tenant.json").read_text())
    deal["sizing"]["tests"] += [{"kind": "max_ltv", "limit": limit} for limit in (0.9, 0.95)]
    (tmp_path / "deal.json").write_text(json.dumps(deal))
    assert main(["underwrite", str(tmp_path / "deal.json")]) == 0
    printed = capsys.readouterr().out.split()
    assert [printed.count(name) for name in ("max_ltv", "max_ltv#2")] == [1, 1]


def test_a_whole_request_is_read_as_it_is(
    examples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    deal = json.loads((examples / "powered-shell-leasehold.json").read_text())
    grid = {
        "x": {"adjustment": "rate_add", "values": [0.0, 0.01]},
        "y": {"adjustment": "limit:max_ltv", "values": [0.6, 0.65]},
        "measure": "principal",
    }
    (tmp_path / "asked.json").write_text(json.dumps({"deal": deal, "resize": True, "grids": [grid]}))
    assert main(["sensitivity", str(tmp_path / "asked.json")]) == 0
    assert "principal: rate_add along, limit:max_ltv down" in capsys.readouterr().out


def test_what_the_service_would_refuse_is_told_field_by_field(
    examples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    deal = json.loads((examples / "pool-of-three.json").read_text())
    del deal["structure"]
    bare = tmp_path / "bare.json"
    bare.write_text(json.dumps(deal))
    own = tmp_path / "own.json"
    own.write_text(json.dumps({"closing": "2026-12-31", "period_months": 12, "tests": []}))
    for command, pointer in {
        f"simulate {bare}": "/deal/structure",
        f"compare {bare}": "/deal/structure",
        f"simulate {examples / 'pool-of-three.json'} --paths 3": "/paths",
        f"sensitivity {examples / 'pool-of-three.json'} --principal -1": "/break_evens/0/target/principal",
        f"waterfall {bare}": "bare.json:1:1: /structure: required",
        f"size {own}": "/ncf",
    }.items():
        assert main(command.split()) == 1, command
        assert pointer in capsys.readouterr().err, command


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("size pools/conduit-twelve-loans.json", "is a pool: rackrate pool"),
        ("waterfall pools/ground-leases-four.json", "is a pool: rackrate pool"),
        ("underwrite pools/three-loans-on-facilities.json", "is a pool: rackrate pool"),
        ("pool gpu-compute-loan.json", "is a deal: rackrate underwrite"),
        ("simulate own/waterfall.json", "is a waterfall of one's own: rackrate waterfall"),
        ("explain own/sizing.json", "is a loan of one's own: rackrate size"),
        ("waterfall own/sizing.json", "is a loan of one's own: rackrate size"),
    ],
)
def test_a_file_of_another_kind_is_refused_by_what_it_is_and_the_command_that_takes_it(
    command: str, told: str, examples: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = words(command, examples)
    assert main(asked) == 1
    assert f"{asked[1]} {told} {asked[1]}\n" in capsys.readouterr().err
    assert main([told.rpartition(" ")[2], asked[1]]) == 0


def test_the_loan_and_the_waterfall_of_a_deal_have_the_figures_of_its_underwriting(
    examples: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The balloon of an interest-only loan is its principal; the classes are refinanced in month 60."""
    deal = str(examples / "hyperscale-single-tenant.json")
    assert main(["size", deal]) == 0
    sized = capsys.readouterr().out
    assert "Principal 2,642.4m, balloon 2,642.4m, value 3,202.0m" in sized
    assert ["dscr", "ncf", "actual", "1.5212"] in [line.split()[:4] for line in sized.splitlines()]
    assert main(["waterfall", deal]) == 0
    paid = capsys.readouterr().out
    assert "refinanced at the ARD in month 60, outstanding 2,642.4m" in paid
    assert ["2030-11-20", "247.4m", "0.8m", "139.9m", "2,642.4m"] in [
        line.split()[:5] for line in paid.splitlines()
    ]


def test_unlike_deals_are_compared_by_their_headline_and_counts_of_the_rest(
    examples: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    unlike = [str(examples / f"{name}.json") for name in ("hyperscale-single-tenant", "gpu-compute-loan")]
    assert main(["compare", *unlike, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["differences"]
    assert main(["compare", *unlike]) == 0
    short = capsys.readouterr().out
    assert main(["compare", *unlike, "--all"]) == 0
    whole = capsys.readouterr().out
    head = [line.split()[0] for line in short.splitlines()[2:8]]
    assert head[:3] == ["figure", "Headline", "summary/principal"]
    assert len(short.splitlines()) < 180
    count = sum(row["path"].startswith("coverage/") for row in told["figures"])
    assert f"{count} of coverage" in " ".join(short.split())
    assert "\ncoverage/" not in short
    under = sum(row["path"].startswith("facilities/ro1/") for row in told["terms"])
    assert ["facilities/ro1", str(under), "figures", "–"] in [line.split() for line in short.splitlines()]
    assert "\ncoverage/" in whole
    assert "\nfacilities/ro1/" in whole
    assert "More differ" not in whole


@pytest.mark.parametrize("multiple", ["1", "much"])
def test_a_loan_multiplied_with_what_asks_nothing_is_refused_as_an_option(
    multiple: str, examples: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["sensitivity", str(examples / "pool-of-three.json"), "--principal", multiple])
    assert ended.value.code == 2
    assert capsys.readouterr().err.count("argument --principal: ") == 1


def test_a_file_that_is_no_json_or_not_there_is_named(
    examples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "no.json").write_text("{")
    deal = str(examples / "pool-of-three.json")
    assert main(["simulate", str(tmp_path / "no.json")]) == 1
    assert main(["compare", deal, str(tmp_path / "no.json")]) == 1
    assert "neither a deal nor a structure" in capsys.readouterr().err
    for command in (["sensitivity", "/nowhere/deal.json"], ["compare", deal, "/nowhere/deal.json"]):
        assert main(command) == 2
        assert "/nowhere/deal.json" in capsys.readouterr().err


LOADED = """import sys
from rackrate.__main__ import main
status = main(sys.argv[1:])
served = {"litestar", "redis", "uvicorn"} & {name.partition(".")[0] for name in sys.modules}
sys.exit(f"loaded {served}" if served else status)
"""


@pytest.mark.parametrize("command", ["underwrite gpu-compute-loan.json", *ASKED])
def test_a_command_that_does_not_serve_starts_without_what_serves(command: str, examples: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-c", LOADED, *words(command, examples)], capture_output=True, text=True, check=False
    )
    assert (told.returncode, told.stderr) == (0, "")


def test_a_simulation_says_of_the_terms_of_its_factor_where_they_come_from(
    examples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    deal = str(examples / "gpu-compute-loan.json")
    assert main(["simulate", deal, "--paths", "200", "--rent-volatility", "0.2"]) == 0
    told = " ".join(capsys.readouterr().out.partition("\n\nasset_correlation")[2].split())
    assert told.startswith("is the ruleset's. renewal_loading, rent_loading, power_speed,")
    assert told.endswith("the contract's example, no estimate; --factor FILE gives your own.")
    assert main(["simulate", deal, "--paths", "200", "--request"]) == 0
    factor = json.loads(capsys.readouterr().out)["factor"]
    (tmp_path / "factor.json").write_text(json.dumps(factor | {"power_speed": 2.5}))
    own = ["simulate", deal, "--paths", "200", "--factor", str(tmp_path / "factor.json")]
    assert main([*own, "--request"]) == 0
    assert json.loads(capsys.readouterr().out)["factor"] == factor | {"power_speed": 2.5}
    assert main(own) == 0
    assert "example" not in capsys.readouterr().out
    (tmp_path / "factor.json").write_text('{"power_speed": "fast"}')
    assert main(own) == 1
    assert "factor.json:1:17: /power_speed: " in capsys.readouterr().err
