"""Every figure drawn is the answer's: marks and tables beside what the service said, by pointer."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page
from tests.conftest import Service
from tests.workbench.conftest import Watched, see, series, settled, table

Answer = dict[str, Any]
DRAWN_OF_COVER = (
    "document.querySelector('[data-testid=chart-cover] .chart').chart.getOption().series.map(s => s.name)"
)


def by(size: int, values: list[float]) -> list[float]:
    return [sum(values[i : i + size]) for i in range(0, len(values), size)]


def column(rows: list[list[Any]], index: int) -> list[Any]:
    return [row[index] for row in rows]


def test_the_headline_says_the_principal_and_why(page: Page, answer: Answer) -> None:
    shown = page.get_attribute("[data-testid=principal]", "data-value")
    assert shown is not None
    assert float(shown) == answer["summary"]["principal"]
    sentence = page.inner_text("[data-testid=binding-sentence]")
    assert sentence.startswith(
        "LTV binds at 81.0%. The Refinance test is next, $24.2m or 4.4 points of LTV behind."
    )


def test_the_probe_says_that_the_classes_stop_what_the_test_would_give(page: Page) -> None:
    page.wait_for_selector(
        "[data-testid=binding-sentence] >> text=but the classes’ own limits stop at $450.4m"
    )
    assert "One more point of LTV is $5.6m" in page.inner_text("[data-testid=binding-sentence]")


def test_every_test_is_listed_with_what_it_allows_the_tightest_first(page: Page, answer: Answer) -> None:
    tests = sorted(answer["sizing"]["tests"], key=lambda test: test["max_principal"])
    rows = table(page, "tests")
    assert column(rows, 3) == [test["max_principal"] for test in tests]
    assert column(rows, 4) == [test["slack"] for test in tests]
    assert column(rows, 1) == [test["limit"] for test in tests]
    widths = page.eval_on_selector_all(
        "[data-testid=chart-tests] .test:not(.head):not(.foot) .bar:first-of-type",
        "bars => bars.map(bar => bar.getBoundingClientRect().width)",
    )
    shorter = answer["summary"]["principal"]
    assert widths == pytest.approx([widths[0]] * len(tests), rel=1e-3), f"each is filled to {shorter}"


def test_the_capital_stack_has_every_class_where_it_attaches(page: Page, answer: Answer) -> None:
    rows = table(page, "stack")
    assert column(rows, 1) == [note["principal"] for note in answer["tranches"]]
    assert column(rows, 3) == [note["detachment"]["value"] for note in answer["tranches"]]
    heights = page.eval_on_selector_all(
        "[data-testid=chart-stack] .slice", "slices => slices.map(s => parseFloat(s.style.height) / 100)"
    )
    shares = [note["detachment"]["value"] - note["attachment"]["value"] for note in answer["tranches"]]
    assert heights == pytest.approx(shares, rel=1e-5)


def test_cash_flow_and_cover_are_those_of_the_run(page: Page, answer: Answer) -> None:
    run, flow = answer["waterfall"], answer["cash_flow"]["lines"]
    drawn = series(page, "cover")
    assert [bar for bar in drawn["NCF"] if bar is not None] == pytest.approx(by(3, flow["ncf"]), rel=1e-12)
    assert drawn["DSCR"] == pytest.approx(run["dscr_actual"])
    assert drawn["Debt service"][::3] == run["service_actual"][2::3], (
        "the service of each quarter, as answered"
    )
    assert "DSCR, issuer" not in drawn
    rows = table(page, "cover")
    assert column(rows, 1) == run["dscr_actual"]
    assert column(rows, 2) == flow["ncf"]
    assert column(rows, 3) == run["service_actual"]


def test_the_issuer_s_cover_is_drawn_beside_that_of_another_case(page: Page, answer: Answer) -> None:
    page.select_option("[data-testid=run-select]", "underwritten")
    page.wait_for_selector("[data-testid=table-cover] th >> text=DSCR, issuer", state="attached")
    page.wait_for_function(f"() => {DRAWN_OF_COVER}.includes('DSCR, issuer')")
    drawn = series(page, "cover")
    assert drawn["DSCR, issuer"] == pytest.approx(answer["waterfall"]["dscr_actual"])
    assert drawn["DSCR"] != drawn["DSCR, issuer"]
    page.select_option("[data-testid=run-select]", "issuer")
    page.wait_for_selector("[data-testid=table-cover] th >> text=DSCR, issuer", state="detached")


def test_a_chart_is_drawn_where_its_numbers_are(page: Page) -> None:
    series(page, "cover")
    off = page.eval_on_selector(
        "[data-testid=chart-cover] .chart",
        """e => { const c = e.chart, o = c.getOption(), k = o.series.findIndex(s => s.name === 'DSCR');
        const d = o.series[k].data, points = d.map((v, i) => [i, v.value]).filter(([, v]) => v !== null)
            .map(p => c.convertToPixel({seriesIndex: k}, p));
        const lines = [...e.querySelectorAll('path')].map(p => p.getAttribute('d') || '')
            .map(t => (t.match(/[ML]-?[\\d.]+ -?[\\d.]+/g) || []))
            .map(l => l.map(s => s.slice(1).split(' ').map(Number)));
        const line = lines.find(l => l.length === points.length);
        const off = line?.map((p, i) => Math.hypot(p[0] - points[i][0], p[1] - points[i][1]));
        return off ? Math.max(...off) : null; }""",
    )
    assert off is not None
    assert off < 0.01


def test_what_breaks_it_and_the_bridge_are_the_answers(page: Page, answer: Answer) -> None:
    assert column(table(page, "break-evens"), 1) == [point["value"] for point in answer["break_evens"]]
    line = next(row for row in answer["bridge"] if row["line"] == "ncf")
    steps = [step["ncf_change"] for step in answer["bridge_steps"]]
    assert column(table(page, "bridge"), 1) == [line["issuer"], *steps, line["underwritten"]]


def test_the_cash_flow_table_sums_years_and_shows_months(page: Page, answer: Answer) -> None:
    see(page, "cash")
    lines = {name: values for name, values in answer["cash_flow"]["lines"].items() if any(values)}
    rows = table(page, "cashflow")
    assert [row[2:] for row in rows] == [
        pytest.approx(by(12, values), rel=1e-12) for values in lines.values()
    ]
    page.select_option("[data-testid=chart-cashflow] .actions select", "month")
    page.wait_for_selector("[data-testid=table-cashflow].by-month")
    rows = table(page, "cashflow")
    months = list(zip(*lines.values(), strict=True))
    assert [tuple(row[1:]) for row in rows if len(row) > 1] == months[: len(rows) - 1]
    assert len(rows) < len(months), "only those near the window are drawn"
    page.focus("[data-testid=table-cashflow] [data-at='0-0']")
    for _ in range(20):
        page.keyboard.press("PageDown")
    page.wait_for_selector("[data-testid=table-cashflow] [data-at='179-0']:focus")
    last = page.eval_on_selector(
        "[data-testid=table-cashflow] [data-at='179-0']", "cell => +cell.dataset.value"
    )
    assert last == months[-1][0]


def test_lines_of_the_cash_flow_are_chosen_and_the_choice_is_kept(page: Page) -> None:
    see(page, "cash")
    page.click("[data-testid=columns-cashflow] summary")
    page.uncheck("[data-testid=columns-cashflow] label:has-text('Insurance') input")
    page.wait_for_selector("[data-testid=table-cashflow] th >> text=Insurance", state="detached")
    page.reload()
    page.wait_for_selector("[data-testid=chart-tests]")
    see(page, "cash")
    heads = page.locator("[data-testid=table-cashflow] tbody th").all_inner_texts()
    assert "Insurance" not in heads
    assert "Repairs" in heads


def test_classes_their_lives_and_payments_are_those_of_the_run(page: Page, answer: Answer) -> None:
    see(page, "structure")
    run = answer["waterfall"]
    assert column(table(page, "classes"), 1)[:-1] == [note["principal"] for note in answer["tranches"]]
    drawn = series(page, "life")
    assert {note["name"]: note["balance"] for note in run["classes"]}.items() <= drawn.items()
    cash = series(page, "cash")
    assert cash["Equity"] == pytest.approx(by(3, run["equity"]), rel=1e-12)
    paid = [sum(note["principal_paid"][i] for note in run["classes"]) for i in range(len(run["date"]))]
    assert cash["Principal"] == pytest.approx(by(3, paid), rel=1e-12)


def test_columns_of_the_classes_are_chosen(page: Page, answer: Answer) -> None:
    see(page, "structure")
    heads = page.locator("[data-testid=table-classes] thead th")
    assert not any("Yield" in head for head in heads.all_inner_texts())
    page.click("[data-testid=columns-classes] summary")
    page.check("[data-testid=columns-classes] label:has-text('Yield') input >> nth=0")
    page.wait_for_selector("[data-testid=table-classes] thead th >> text=Yield")
    assert column(table(page, "classes"), 3)[:-1] == [note["yield"] for note in answer["tranches"]]


def test_every_period_s_payments_add_up(page: Page, answer: Answer) -> None:
    see(page, "structure")
    page.wait_for_selector("[data-testid=chart-order] table", state="attached")
    order = page.locator("[data-testid=chart-order]")
    order.focus()
    for _ in range(12):
        assert "Adds up" in order.inner_text()
        page.keyboard.press("PageDown")
    rows = table(page, "order")
    assert rows[0][2] in answer["waterfall"]["available"]


def test_no_order_of_payments_is_shown_but_that_of_the_service(page: Page) -> None:
    """A template that the service does not list has no steps here either."""
    page.route("**/v1/templates", lambda route: route.fulfill(json={"templates": []}))
    see(page, "structure")
    told = page.locator("[data-testid=chart-order]", has_text="could not be read from the service")
    told.wait_for()
    assert told.locator("table").count() == 0


def test_tenants_losses_and_power_are_the_answers(page: Page, answer: Answer) -> None:
    see(page, "power")
    page.wait_for_selector("[data-testid=chart-power] .chart svg")
    shares = sorted((tenant["share"] for tenant in answer["credit"]["tenants"]), reverse=True)
    assert column(table(page, "tenants"), 2) == shares
    drawn = series(page, "power")
    assert drawn["Cost"] == pytest.approx(by(3, answer["power"]["cost"]), rel=1e-12)
    assert drawn["Recovered"] == pytest.approx(by(3, answer["power"]["recovery"]), rel=1e-12)
    tail = answer["credit"]["loss_exceedance"]
    beyond = [list(point) for point in zip(tail["loss"], tail["probability"], strict=True)]
    found = table(page, "loss")
    assert found == beyond[: len(found)]
    assert all(chance < 1e-5 for _, chance in beyond[len(found) :])


def test_rent_rolls_off_as_the_answer_s_leases_end(page: Page, answer: Answer) -> None:
    see(page, "power")
    leases = answer["credit"]["leases"]
    drawn, rows = series(page, "roll"), table(page, "roll")
    years = range(2023, 2034)
    ends = [sum(one["share"] for one in leases if int(one["expiry"][:4]) == year) for year in years]
    assert column(rows, 1) == pytest.approx(ends, abs=1e-12)
    assert drawn["Ends"] == column(rows, 1)
    assert drawn["By then"][-1] == pytest.approx(1.0)
    shares = {one["id"]: one["share"] for one in leases}
    told = page.locator("[data-testid=table-timeline] tbody tr").all_inner_texts()
    of_leases = [row.split("\t") for row in told if row.split("\t")[0] in shares]
    assert len(of_leases) == len(shares)
    assert next(row for row in of_leases if row[0] == "suite-09")[4] == "1 Apr 2024"


def test_another_case_is_run_without_editing_the_deal(
    page: Page, service: Service, colocation: Answer
) -> None:
    page.select_option("[data-testid=run-select]", "underwritten")
    settled(page)
    changed = colocation | {"structure": colocation["structure"] | {"case": "underwritten"}}
    said = service.http.post("/v1/underwritings?fields=waterfall", json=changed).json()["waterfall"]
    assert column(table(page, "cover"), 1) == said["dscr_actual"]
    assert page.get_attribute("[data-testid=chart-cover]", "data-case") == "underwritten"
    assert page.is_disabled("[data-testid=undo]"), "nothing was edited"
    see(page, "json")
    assert (
        '"case": "underwritten"'
        not in page.input_value("[data-testid=json-deal]").split('"structure"')[1].split('"classes"')[0]
    )


@pytest.mark.parametrize(
    "name",
    [
        "gpu-compute-loan",
        "hyperscale-single-tenant",
        "pool-of-three",
        "powered-shell-leasehold",
        "uk-two-hyperscalers",
        "published/langfang-reit-2025",
    ],
)
def test_every_shipped_deal_opens_and_every_view_of_it_is_drawn(
    open_page: Callable[..., Watched], service: Service, examples: Any, name: str
) -> None:
    page = open_page().page
    page.click("[data-testid=open]")
    if "/" in name:
        page.click("[data-testid=published] summary")
    deal = json.loads((examples / f"{name}.json").read_text())
    said = service.http.post("/v1/underwritings?fields=summary", json=deal).json()
    page.click(f"[data-testid=open-menu] button >> text={deal['name']}")
    page.wait_for_selector(f"[data-testid=principal][data-value='{said['summary']['principal']!r}']")
    for view in ("overview", "cash", "structure", "power", "compare", "json"):
        see(page, view)
        assert "could not be drawn" not in page.inner_text("main")
