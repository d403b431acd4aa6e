"""Pools of ground leases on the page: figures are the answer's, and what is taken away is the pool's."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page
from tests.conftest import EXAMPLES, Service
from tests.workbench.conftest import Watched, module, series, table
from tests.workbench.test_everyone import serious

GROUND = EXAMPLES / "pools/ground-leases-four.json"
LOANS = EXAMPLES / "pools/conduit-twelve-loans.json"


@pytest.fixture
def ground(page: Page) -> Page:
    """The workbench with the shipped ground leases, chosen from the list and answered."""
    page.click("[data-testid=open]")
    page.click("[data-testid=open-menu] button >> text=Bedrock Ground Rent")
    page.wait_for_selector("[data-testid=chart-ground-leases]")
    return page


@pytest.fixture(scope="module")
def said(service: Service) -> dict[str, Any]:
    document = json.loads(GROUND.read_text())
    answer: dict[str, Any] = service.http.post("/v1/pools", json=document).raise_for_status().json()
    return answer


def test_leases_lessees_expiries_and_losses_are_the_answers(ground: Page, said: dict[str, Any]) -> None:
    principal = ground.get_attribute("[data-testid=ground-principal]", "data-value")
    assert float(str(principal)) == said["summary"]["principal"]
    found = table(ground, "ground-leases")
    fields = ("rent", "coverage", "minimum_coverage", "value", "gltv", "expiry", "default_month")
    assert [row[2:9] for row in found] == [
        [lease[name] for name in fields] for lease in said["ground_leases"]
    ]
    shares = [one["share"] for one in said["concentration"]["tenant"]]
    assert [row[1] for row in table(ground, "pool-concentration")] == shares
    wall = [one["share"] for one in said["concentration"]["expiry"]]
    assert series(ground, "ground-expiry")["Ends"] == wall
    drawn = ground.eval_on_selector_all(
        "[data-testid=pool-heat] tbody tr",
        "rows => rows.map(r => [...r.cells].slice(1).map(c => +c.dataset.value))",
    )
    of_classes = zip(
        *([note["principal_loss"] for note in one["classes"]] for one in said["scenarios"]), strict=True
    )
    assert drawn == [[one["defaulted_share"] for one in said["scenarios"]], *map(list, of_classes)]
    assert table(ground, "tests")[0][3] == said["summary"]["principal"]


def test_memo_and_workbook_of_the_pool_are_taken_away(ground: Page) -> None:
    for label, ending in (("Workbook", ".xlsx"), ("Memo", ".pdf")):
        ground.click("[data-testid=take-away]")
        with ground.expect_download(timeout=60_000) as taken:
            ground.click(f".menu.right button >> text={label}")
        assert taken.value.suggested_filename.endswith(ending)


def test_another_pool_brings_its_own_text_and_figures(ground: Page) -> None:
    module(ground, "files", "m.openText(a[0], 'Loans')", LOANS.read_text())
    ground.wait_for_selector("[data-testid=chart-pool-loans]")
    assert '"Quartz Conduit 2026-1"' in ground.input_value("[data-testid=pool-json]")
    assert ground.locator("[data-testid=chart-ground-leases]").count() == 0


def test_ground_leases_without_classes_are_shown_as_far_as_they_go(open_page: Callable[..., Watched]) -> None:
    page = open_page().page
    page.wait_for_selector("[data-testid=chart-tests]")
    document = {key: value for key, value in json.loads(GROUND.read_text()).items() if key != "structure"}
    module(page, "files", "m.openText(a[0], 'Rents')", json.dumps(document))
    page.wait_for_selector("[data-testid=chart-ground-leases]")
    assert page.locator("[data-testid=pool-heat]").count() == 0
    assert page.locator("[data-testid=chart-stack]").count() == 0


def test_axe_finds_nothing_serious_in_ground_leases_and_they_fit_a_telephone(ground: Page) -> None:
    assert serious(ground) == []
    ground.set_viewport_size({"width": 390, "height": 800})
    assert ground.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
