"""Pools of loans on the page: figures are the answer's, problems stand by their pointer, deals come back."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page
from tests.conftest import EXAMPLES, Service
from tests.workbench.conftest import Watched, module, series, table
from tests.workbench.test_everyone import HOSTILE, serious

POOL = EXAMPLES / "pools/conduit-twelve-loans.json"


@pytest.fixture
def pool(page: Page) -> Page:
    """The workbench with a shipped pool, chosen from the list and answered."""
    page.click("[data-testid=open]")
    page.click("[data-testid=open-menu] button >> text=Quartz Conduit")
    page.wait_for_selector("[data-testid=chart-pool-loans]")
    return page


@pytest.fixture(scope="module")
def said(service: Service) -> dict[str, Any]:
    document = json.loads(POOL.read_text())
    answer: dict[str, Any] = service.http.post("/v1/pools", json=document).raise_for_status().json()
    return answer


def test_loans_maturities_and_losses_are_the_answers(pool: Page, said: dict[str, Any]) -> None:
    assert (
        pool.get_attribute("[data-testid=pool-balance]", "data-value") == f"{said['summary']['balance']:.0f}"
    )
    loans = table(pool, "pool-loans")
    assert [row[2] for row in loans] == [loan["balance"] for loan in said["loans"]]
    assert [row[4] for row in loans] == [loan["cases"][0]["dscr"] for loan in said["loans"]]
    assert [row[-1] for row in loans] == [loan["outcome"]["loss"] for loan in said["loans"]]
    lost = [
        [one["collateral_loss"] for one in said["scenarios"]],
        *(
            [
                next(c["principal_loss"] for c in one["classes"] if c["name"] == note["name"])
                for one in said["scenarios"]
            ]
            for note in said["tranches"]
        ),
    ]
    assert [row[1:] for row in table(pool, "pool-losses")] == lost
    drawn = pool.eval_on_selector_all(
        "[data-testid=pool-heat] tbody tr",
        "rows => rows.map(r => [...r.cells].slice(1).map(c => +c.dataset.value))",
    )
    assert drawn == lost
    wall = {one["id"]: one["share"] for one in said["concentration"]["maturity"]}
    assert [share for share in series(pool, "pool-maturity")["Matures"] if share] == list(wall.values())


@pytest.mark.parametrize("by", ["loan", "tenant", "sponsor", "market", "property_type"])
def test_concentration_is_shown_by_what_is_chosen(pool: Page, said: dict[str, Any], by: str) -> None:
    pool.select_option("[data-testid=pool-by]", by)
    told = f"[data-testid=table-pool-concentration] caption:has-text('{by.replace('_', ' ')}')"
    pool.wait_for_selector(told, state="attached")
    shares = [one["share"] for one in said["concentration"][by]]
    assert [row[1] for row in table(pool, "pool-concentration")] == shares


def test_an_edit_of_the_pool_is_asked_and_a_problem_stands_by_its_pointer(
    open_page: Callable[..., Watched],
) -> None:
    watched = open_page()
    watched.expected.add(422)
    pool = watched.page
    pool.wait_for_selector("[data-testid=chart-tests]")
    module(pool, "files", "m.openText(a[0], 'A pool')", POOL.read_text())
    pool.wait_for_selector("[data-testid=chart-pool-loans]")
    text = pool.input_value("[data-testid=pool-json]")
    pool.fill("[data-testid=pool-json]", text.replace('"balance": 72000000', '"balance": -1', 1))
    pool.wait_for_selector("[data-testid='problem-/loans/0/balance']")
    assert pool.get_attribute("[data-testid=pool-balance]", "data-value") == "368000000", (
        "the last good figure"
    )
    pool.fill("[data-testid=pool-json]", text.replace('"balance": 72000000', '"balance": 71000000', 1))
    pool.wait_for_selector("[data-testid=pool-balance][data-value='367000000']")
    assert pool.locator("aside .problem").count() == 0
    pool.fill("[data-testid=pool-json]", text[:-2])
    pool.wait_for_selector("text=not JSON yet")


def test_the_deal_comes_back_as_it_was(pool: Page) -> None:
    pool.click("[data-testid=pool-close]")
    pool.wait_for_selector("[data-testid=principal] >> text=$450.4m")


def test_axe_finds_nothing_serious_in_a_pool_and_it_fits_a_telephone(pool: Page) -> None:
    assert serious(pool) == []
    pool.set_viewport_size({"width": 390, "height": 800})
    assert pool.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_names_in_a_pool_are_text(page: Page) -> None:
    document = json.loads(POOL.read_text())
    document["name"] = HOSTILE
    document["loans"] = [loan | {"name": HOSTILE} for loan in document["loans"]]
    module(page, "files", "m.openText(a[0], 'A pool')", json.dumps(document))
    page.wait_for_selector("[data-testid=chart-pool-loans]")
    assert page.inner_text("[data-testid=open]").startswith(HOSTILE)
    assert page.locator("#page img, #page script").count() == 0
    assert page.evaluate("window.hit") is None
