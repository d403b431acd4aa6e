"""Asking: stresses, simulations that are told and stopped, templates; what the service wants and refuses."""

import hashlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page
from tests.conftest import Service
from tests.workbench.conftest import Watched, module, see, series, settled, table


def test_the_tornado_and_the_grid_are_those_of_the_service(
    page: Page, service: Service, colocation: dict[str, Any]
) -> None:
    see(page, "stresses")
    with page.expect_response("**/v1/sensitivities") as first:
        page.click("[data-testid=tornado-run]")
    swung = first.value.json()["tornado"]
    page.wait_for_selector("[data-testid=chart-tornado] .swing")
    page.wait_for_timeout(200)
    rows = table(page, "tornado")
    assert [(row[2], row[4]) for row in rows] == [
        (one["low"]["principal"], one["high"]["principal"]) for one in swung
    ]
    with page.expect_response("**/v1/sensitivities") as second:
        page.click("[data-testid=grid-run]")
    page.wait_for_selector("[data-testid=table-grid]")
    assert [row[1:] for row in table(page, "grid")] == second.value.json()["grids"][0]["values"]
    page.click("[data-testid='outline-/sizing/tests']")
    page.fill("[data-testid='field-/sizing/tests/0/limit']", "75")
    settled(page)
    assert "before your last edit" in page.inner_text("[data-testid=chart-tornado]")


def test_a_simulation_is_told_as_it_goes_and_drawn(
    page: Page, service: Service, colocation: dict[str, Any]
) -> None:
    see(page, "stresses")
    page.click("[data-testid=sim-run]")
    page.wait_for_selector("[data-testid=chart-fan]")
    asked = {"deal": colocation, "paths": 10000, "seed": 7, "factor": module(page, "simulations", "m.TERMS")}
    said = service.http.post("/v1/simulations", json=asked).json()
    drawn = series(page, "fan")
    assert drawn["Median"] == said["dscr"]["quantiles"]["0.5"]
    page.wait_for_timeout(200)
    text = page.inner_text("[data-testid=chart-losers]")
    worst = said["classes"][-1]["principal_loss"]
    assert f"{worst['value'] * 100:.1f}% ±{worst['standard_error'] * 100:.1f}" in text


def test_stopping_a_simulation_stops_the_work_of_the_service(page: Page, service: Service) -> None:
    see(page, "stresses")
    page.fill("[data-testid=sim-paths]", "4000000")
    page.keyboard.press("Tab")
    begun = time.monotonic()
    page.click("[data-testid=sim-run]")
    page.wait_for_selector("text=/of 4,000,000 · about/")
    whole_s = (time.monotonic() - begun) / page.eval_on_selector(
        "[data-testid=sim-progress]", "e => e.position"
    )
    page.click("[data-testid=sim-stop]")
    assert "Stopped at" in page.inner_text("[data-testid=sim-said]")
    page.fill("[data-testid=sim-paths]", "2000")
    page.keyboard.press("Tab")
    begun = time.monotonic()
    page.click("[data-testid=sim-run]")
    page.wait_for_selector("[data-testid=chart-fan]")
    assert time.monotonic() - begun < whole_s / 2, (
        "long work waits in turn: what was stopped would have kept it"
    )


def test_the_four_templates_are_paid_side_by_side(
    page: Page, service: Service, colocation: dict[str, Any]
) -> None:
    see(page, "compare")
    page.click("[data-testid=templates-run]")
    page.wait_for_selector("[data-testid=table-templates]")
    said = service.http.post("/v1/comparisons", json={"deal": colocation}).json()["templates"]
    assert [row[6] for row in table(page, "templates")] == [one["equity"] for one in said]
    page.wait_for_selector("text=CMBS single asset and Compute term loan have the same steps")


def test_each_tenant_s_leaving_is_asked_as_a_case(
    page: Page, service: Service, colocation: dict[str, Any]
) -> None:
    see(page, "stresses")
    page.click("[data-testid=leaving-run]")
    page.wait_for_selector("[data-testid=leaving-run]")
    rows = table(page, "leaving")
    assert len(rows) == len(colocation["tenants"])
    gone = {"name": "gone", "tenant_defaults": [{"tenant": "t06", "month": 1}]}
    changed = colocation | {
        "cases": [*colocation["cases"], gone],
        "structure": colocation["structure"] | {"case": "gone"},
    }
    run = service.http.post("/v1/underwritings?fields=waterfall", json=changed).json()["waterfall"]
    lowest = min(cover for cover in run["dscr_actual"] if cover is not None)
    assert any(row[1] == pytest.approx(lowest) for row in rows)


def test_tenants_that_were_not_asked_about_are_not_passed_over_in_silence(
    open_page: Callable[..., Watched],
) -> None:
    watched = open_page()
    page = watched.page
    page.wait_for_selector("[data-testid=chart-tests]")
    see(page, "stresses")
    left = iter([True] * 5)
    page.route(
        "**/v1/underwritings*", lambda route: route.continue_() if next(left, False) else route.abort()
    )
    page.click("[data-testid=leaving-run]")
    page.wait_for_selector("[data-testid=leaving-run]")
    said = page.inner_text("[data-testid=chart-leaving] .sub")
    rows = page.locator("[data-testid=table-leaving] tbody tr").count()
    assert rows <= 5
    assert f"It stopped: {rows} of 23 tenants were answered." in said
    watched.faults[:] = [fault for fault in watched.faults if "ERR_FAILED" not in fault]  # those provoked


def test_a_key_is_asked_for_once_and_kept_for_the_tab(
    open_page: Callable[..., Watched], tmp_path: Path, start_service: Callable[..., Service]
) -> None:
    secret = "rr_desk01_" + "s" * 32
    keys = tmp_path / "keys.toml"
    digest = hashlib.sha256(secret.encode()).hexdigest()
    keys.write_text(
        f'[[key]]\nclient = "desk"\nid = "desk01"\nsha256 = "{digest}"\nscopes = ["price", "read"]\n'
    )
    locked = start_service(api_keys_file=str(keys))
    watched = open_page(base=locked.url)
    watched.expected.add(401)
    page = watched.page
    page.fill("[data-testid=key-input]", secret)
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-testid=chart-tests]")
    page.reload()
    page.wait_for_selector("[data-testid=chart-tests]")
    assert page.locator("[data-testid=key-input]").count() == 0
    assert page.evaluate("JSON.stringify(localStorage)").find(secret) == -1


def test_a_pause_is_told_and_the_newest_is_asked_after_it(open_page: Callable[..., Watched]) -> None:
    refuse = """
    const asked = window.fetch; window.busy = false;
    window.fetch = (...a) => busy && String(a[0]).includes('/v1/underwritings?')
        ? Promise.resolve(new Response('{"title": "busy"}', {status: 503, headers: {'Retry-After': '1'}}))
        : asked(...a);
    """
    page = open_page(script=refuse).page
    page.wait_for_selector("[data-testid=chart-tests]")
    page.evaluate("window.busy = true")
    page.fill("[data-testid='field-/sizing/tests/0/limit']", "75")
    page.wait_for_selector("[data-testid=state] >> text=Your deal is safe")
    page.evaluate("window.busy = false")
    page.wait_for_selector("[data-testid=principal] >> text=$417.0m")


def test_a_deal_that_carries_no_debt_says_so_in_the_services_words(open_page: Callable[..., Watched]) -> None:
    watched = open_page()
    watched.expected.add(422)
    page = watched.page
    page.wait_for_selector("[data-testid=chart-tests]")
    deal = module(page, "deal", "m.present.value")
    deal["cases"][0]["ncf_haircut"] = 1
    module(page, "deal", "m.open(a[0])", deal)
    page.wait_for_selector("text=Nothing can be borrowed.")


def test_the_contract_is_shown_and_can_be_tried(open_page: Callable[..., Watched]) -> None:
    page = open_page(path="/docs").page
    page.wait_for_selector(".opblock")
    page.click(".opblock-summary-path[data-path='/v1/rulesets']")
    with page.expect_response("**/v1/rulesets") as tried:
        page.click(".opblock.is-open button.execute")
    assert tried.value.status == 200
