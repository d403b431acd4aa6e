"""Published deals: every figure reproduced or its difference explained, and the page that says so fresh."""

import doctest
import importlib
import json
import operator
import re
import runpy
import shlex
from collections.abc import Iterable, Iterator
from functools import cache, reduce
from math import isclose
from pathlib import Path
from typing import Any

import msgspec
import pytest

from rackrate.__main__ import main
from rackrate.analyses.deals.standalone_sizing import size
from rackrate.analyses.deals.underwriting import underwrite
from rackrate.deal import rulesets
from rackrate.deal.codec.decode import decode, read
from rackrate.deal.requests.standalone_sizing import SizingRequest
from rackrate.deal.requests.underwriting import Deal
from rackrate.deal.sizing_tests import MaxLtv
from rackrate.portfolio.lines import underwritten
from rackrate.published.comparison import underwrite_published, worked_out
from rackrate.published.figures import FOLDER, deal_of, names, published_of

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/published-deals.md").read_text()
MARKS = re.compile(r"Published|Derived|Chosen|Assumed|Measured|given: `as lent`|contract's cash sizes")
COMMENTED = (
    "tenants",
    "facilities",
    "leases",
    "power",
    "operating_costs",
    "cases",
    "classes",
    "tests",
    "fees",
)
found = cache(underwrite_published)


def parts(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every part of a deal that has figures of its own to account for."""
    yield node
    for key, value in node.items():
        if key in COMMENTED and isinstance(value, list):
            for part in value:
                yield from parts(part)
        elif key in {"market", "debt", "sizing", "structure", "equipment"}:
            yield from parts(value)


def test_a_pack_of_at_least_fifteen_deals_has_its_figures_beside_it() -> None:
    beside = sorted(
        file.name.removesuffix(".toml") for file in FOLDER.iterdir() if file.name.endswith(".toml")
    )
    assert names() == beside
    assert len(names()) >= 15


@pytest.mark.parametrize("name", names())
def test_every_published_figure_is_reproduced_or_its_difference_explained(name: str) -> None:
    for row in found(name).rows:
        assert row.agrees == (row.figure.why is None), (row.figure.what, row.figure.published, row.value)


@pytest.mark.parametrize("name", names())
def test_the_loan_is_the_one_that_was_lent(name: str) -> None:
    """To a millionth, so that no ratio is of another loan; what is issued is all of it."""
    summary = found(name).answer["summary"]
    assert summary["issued"] == pytest.approx(summary["principal"], rel=1e-6)


@pytest.mark.parametrize("name", names())
def test_every_part_of_a_deal_says_what_is_published_and_what_is_assumed(name: str) -> None:
    document = json.loads(deal_of(name))
    silent = [part for part in parts(document) if not MARKS.search(part.get("comment", ""))]
    assert silent == []
    decode(deal_of(name), Deal)


@pytest.mark.parametrize("name", names())
def test_what_is_chosen_to_hit_a_figure_is_called_so_in_the_deal(name: str) -> None:
    told = deal_of(name).decode()
    chosen = any(figure.held == "chosen" for figure in published_of(name).figures)
    assert ("Chosen" in told or "Derived" in told) or not chosen


Keys = tuple[str | int, ...]


def fractions(node: Any, keys: Keys = ()) -> Iterator[tuple[Keys, float]]:
    """Every number of a document that is no integer's, with the keys that lead to it."""
    if isinstance(node, dict | list):
        for key, value in node.items() if isinstance(node, dict) else enumerate(node):
            yield from fractions(value, (*keys, key))
    elif isinstance(node, float):
        yield keys, node


def lowered(name: str, places: Iterable[Keys]) -> dict[str, Any]:
    """The answer to a published deal of which some numbers are a thousandth lower."""
    document = json.loads(deal_of(name))
    for *above, last in places:
        reduce(operator.getitem, above, document)[last] *= 0.999
    answer: dict[str, Any] = msgspec.json.decode(underwritten(*read(json.dumps(document).encode(), Deal))[1])
    return answer


def total(numbers: Iterable[tuple[Keys, float]]) -> float:
    return sum(value for _, value in numbers)


@pytest.mark.parametrize("name", names())
def test_what_is_called_reproduced_is_no_number_of_the_deal_handed_back(name: str) -> None:
    """A figure that equals a number of the deal, or the sum of all of a name, and moves with it is given."""
    numbers = list(fractions(json.loads(deal_of(name))))
    alike = [[each for each in numbers if each[0][-1] == last] for last in {keys[-1] for keys, _ in numbers}]
    for row in found(name).rows:
        same = [keys for keys, value in numbers if value and isclose(value, row.value)]
        sums = [
            [keys for keys, _ in group] for group in alike if row.value and isclose(total(group), row.value)
        ]
        moved = [lowered(name, places) for places in [*([keys] for keys in same), same, *sums] if places]
        figures = [worked_out(row.figure.answer, answer) for answer in moved]
        handed_back = any(isclose(figure, row.value * 0.999, rel_tol=1e-7) for figure in figures)
        allowed = {"given", "chosen"} if handed_back else {"computed", "chosen"}
        assert row.figure.held in allowed, row.figure.what


@pytest.mark.parametrize("name", names())
def test_a_deal_of_the_page_runs_by_the_command_of_the_page(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    section = PAGE.partition(f'<a id="{name}"></a>')[2]
    command = re.search(r"(?m)^    rackrate (.+)$", section)
    assert command
    assert main(shlex.split(command[1])) == 0
    told = capsys.readouterr().out
    flowing = " ".join(told.split())
    assert all(f"{remark.parts}: {remark.comment}" in flowing for remark in found(name).remarks)
    for row in found(name).rows:
        assert re.search(rf"{re.escape(row.figure.published)} +{re.escape(row.shown)} +{row.verdict}", told)


def test_equal_comments_are_told_once_with_how_many_parts_have_them() -> None:
    """On DATA 2023-CNTR each of 23 leases says the same of itself."""
    leases = [remark for remark in found("data-2023-cntr").remarks if "/leases/" in remark.place]
    assert [remark.parts for remark in leases] == ["facilities/elk-grove/leases/l01 and 22 more"]


def test_the_commands_at_the_head_of_the_page_run(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    head = PAGE.partition("\n| ")[0]
    commands = re.findall(r"(?m)^    rackrate (.+)$", head)
    assert len(commands) == 2
    for command in [*commands, "published"]:
        assert main(shlex.split(command)) == 0
    listed = capsys.readouterr().out
    assert all(f"\n{name}  " in listed or listed.startswith(name) for name in names())


def test_a_deal_that_is_not_there_is_named_with_those_that_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["published", "enron"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert "'enron'" in told.err
    assert all(name in told.err for name in names())


def test_the_page_and_its_charts_are_what_would_be_written() -> None:
    built: dict[str, str] = runpy.run_path(str(ROOT / ".ci/published"))["build"]()
    docs = ROOT / "docs"
    stale = [path for path, content in built.items() if (docs / path).read_text() != content]
    assert stale == [], "stale: run `make published`"
    drawn = {f"charts/published/{file.name}" for file in (docs / "charts/published").iterdir()}
    assert drawn == built.keys() - {"published-deals.md"}


def test_charts_are_drawn_by_what_knows_no_variables() -> None:
    """Those who print or convert the page: a renderer without CSS variables draws all of it black."""
    charts = [file.read_text() for file in (ROOT / "docs/charts/published").iterdir()]
    assert charts
    assert all("var(" not in chart and ".fill-paper" in chart for chart in charts)


@pytest.mark.parametrize(
    ("name", "months", "constant"),
    [("hyperion-2025", 3, 0.0903), ("el-paso-2026", 6, 0.0976)],
)
def test_a_bond_that_pays_by_longer_periods_has_its_constant_on_a_cash_flow_of_ones_own(
    name: str, months: int, constant: float
) -> None:
    """What the page says of the difference: 240 months level at 6.581 and 7.534 percent, by 3 and by 6."""
    deal = decode(deal_of(name), Deal)
    asked = SizingRequest(
        closing=deal.closing,
        period_months=months,
        ncf=[1e9 * months] * (240 // months),
        value=1e12,
        debt=deal.debt,
        tests=[MaxLtv(limit=0.01)],
    )
    schedule = size(asked, rulesets.newest()).sizing.schedule
    year = sum(schedule.interest[: 12 // months]) + sum(schedule.principal[: 12 // months])
    assert year / 1e10 == pytest.approx(constant, abs=0.00005)


@pytest.mark.parametrize(("final", "cut"), [(300, 0.16), (360, 0.22)])
def test_the_published_cut_of_di_issuer_lies_between_legal_finals_of_25_and_30_years(
    final: int, cut: float
) -> None:
    """DBRS's 17 percent; its legal final is one or the other, or between."""
    document = json.loads(deal_of("di-issuer-2024"))
    document["structure"]["legal_final_months"] = final
    answer = underwrite(decode(json.dumps(document).encode(), Deal), rulesets.newest(), id="x")
    assert answer.tranches[0].break_even_haircut == pytest.approx(cut, abs=0.005)


@pytest.mark.parametrize("module", ["charts", "layout", "lessons"])
def test_what_writes_the_page_does_as_its_examples_say(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / ".ci/published"))
    told = doctest.testmod(importlib.import_module(module))
    assert (told.failed, told.attempted > 0) == (0, True)


def test_one_tenant_and_many_lose_what_their_defaults_take() -> None:
    """One AA tenant: half its rent, at the house's 0.02 percent a year; 23 tenants: hardly ever as much."""
    alone, many = (
        found(name).answer["credit"]["loss_distribution"] for name in ("bx-2026-vlt10", "data-2023-cntr")
    )
    assert alone["loss"] == [0.0, 0.5]
    assert alone["probability"][1] == pytest.approx(0.0002, rel=1e-9)
    beyond = sum(p for loss, p in zip(many["loss"], many["probability"], strict=True) if loss > 0.4)
    assert beyond < 1e-6


def test_covers_of_one_loan_differ_by_more_than_1_52x_and_2_05x_do() -> None:
    """On DATA 2023-CNTR: from NOI on interest alone, 2.38x, to KNCF on a take-out at 7.5 percent, 1.29x."""
    answer = found("data-2023-cntr").answer
    covers = [row for row in answer["coverage"] if row["measure"] == "dscr" and row["basis"] == "closing"]
    most = max(row["value"] for row in covers)
    least = next(test["actual"] for test in answer["sizing"]["tests"] if test["name"] == "refinance constant")
    assert most - least > 2.05 - 1.52
