"""For everyone: keyboard, screen readers, themes, widths, any name; nothing from elsewhere or heavy."""

import gzip
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pypdfium2
import pytest
from playwright.sync_api import Page
from tests.conftest import EXAMPLES, Service
from tests.workbench.conftest import Watched, module, see, settled

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "service/rackrate/workbench"
AXE = (Path(__file__).parent / "vendor/axe.js").read_text()
VIEWS = ("overview", "cash", "structure", "power", "stresses", "compare", "json")
HOSTILE = "<img src=x onerror=\"window.hit=1\"> & 'x' ${y} </script><script>window.hit=1</script>"


def serious(page: Page) -> list[str]:
    page.evaluate(AXE)
    found: list[str] = page.evaluate(
        """axe.run(document, {resultTypes: ['violations']}).then(r => r.violations
        .filter(v => ['serious', 'critical'].includes(v.impact))
        .map(v => [v.id, ...v.nodes.slice(0, 3).map(n => `${n.target} ${n.any[0]?.message}`)].join(' | ')))"""
    )
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_in_any_view(open_page: Callable[..., Watched], scheme: str) -> None:
    page = open_page(scheme=scheme).page
    page.wait_for_selector("[data-testid=chart-tests]")
    found = {}
    for view in VIEWS:
        see(page, view)
        found[view] = serious(page)
    page.click("[data-testid='outline-/facilities/0/leases']")
    found["leases"] = serious(page)
    page.click("[data-testid=grid-close]")
    see(page, "overview")
    while page.locator("main button[aria-label^='Table:']").count():
        page.locator("main button[aria-label^='Table:']").first.click()
    found["tables"] = serious(page)
    assert not any(found.values()), found


def test_axe_finds_a_fault_that_is_planted(page: Page) -> None:
    page.evaluate("document.querySelector('main').append(document.createElement('input'))")
    assert any(found.startswith("label") for found in serious(page))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_every_view_fits_its_window_and_is_kept_to_be_looked_at(
    open_page: Callable[..., Watched], artefacts: Path, width: int, scheme: str
) -> None:
    page = open_page(width=width, scheme=scheme).page
    page.wait_for_selector("[data-testid=chart-tests]")
    for view in VIEWS:
        see(page, view)
        if view == "stresses":
            for run in ("tornado-run", "grid-run"):
                page.click(f"[data-testid={run}]")
            page.wait_for_selector("[data-testid=table-grid]")
            page.wait_for_selector("[data-testid=chart-tornado] .swing")
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, view
        page.screenshot(path=artefacts / f"{view}-{width}-{scheme}.png", full_page=True)
    if width == 390:
        page.click("nav.bottom button >> text=Deal")
    page.screenshot(path=artefacts / f"deal-{width}-{scheme}.png")
    page.click("[data-testid='outline-/facilities/0/leases']")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    page.screenshot(path=artefacts / f"leases-{width}-{scheme}.png")


def test_a_hostile_name_is_text_everywhere(
    open_page: Callable[..., Watched], colocation: dict[str, Any]
) -> None:
    watched = open_page()
    page = watched.page
    page.wait_for_selector("[data-testid=chart-tests]")
    tenants = [tenant | {"name": HOSTILE} for tenant in colocation["tenants"]]
    classes = [note | {"name": f"{note['name']} <b>"} for note in colocation["structure"]["classes"]]
    tests = [test | {"name": f"t{i} <img src=x>"} for i, test in enumerate(colocation["sizing"]["tests"])]
    deal = colocation | {
        "name": HOSTILE,
        "tenants": tenants,
        "structure": colocation["structure"] | {"classes": classes},
        "sizing": colocation["sizing"] | {"tests": tests},
    }
    module(page, "deal", "m.open(a[0])", deal)
    settled(page)
    assert HOSTILE in page.inner_text("[data-testid=open]")
    for view in VIEWS:
        see(page, view)
        assert page.locator("#page img, #page script, #page b b").count() == 0, view
    see(page, "structure")
    with page.expect_download() as saved:
        page.click("[data-testid=chart-stack] button >> text=SVG")
    picture = saved.value.path().read_text()
    assert "A &lt;b&gt;" in picture
    assert "<b>" not in picture
    assert page.evaluate("window.hit") is None


def test_the_keyboard_alone_suffices(page: Page) -> None:
    page.keyboard.press("Control+k")
    page.keyboard.type("power contracts")
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-testid='outline-/facilities/0/power'][aria-selected=true]")
    page.focus("[data-testid='outline-/facilities/0/power']")
    page.keyboard.press("ArrowDown")
    page.wait_for_selector("[data-testid='outline-/facilities/0/operating_costs'][aria-selected=true]")
    page.focus("[data-testid=view-overview]")
    page.keyboard.press("ArrowRight")
    page.wait_for_selector("[data-testid=view-cash][aria-selected=true]")
    page.keyboard.press("Home")
    page.wait_for_selector("[data-testid=chart-cover] .chart svg")
    page.focus("[data-testid=chart-cover] .chart")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("End")
    page.wait_for_selector("p.heard >> text=/1 Jul 2038/")


def test_a_telephone_tells_what_is_not_answered_and_has_every_action(
    open_page: Callable[..., Watched],
) -> None:
    watched = open_page(width=390)
    page = watched.page
    page.wait_for_selector("[data-testid=state].answered", state="attached")
    assert not page.is_visible("[data-testid=state]")
    page.route("**/v1/**", lambda route: route.abort())
    page.click(".bottom >> text=Deal")
    page.fill("[data-testid='field-/sizing/tests/0/limit']", "75")
    page.wait_for_selector("[data-testid=state].waiting:visible")
    assert "No connection" in page.inner_text("[data-testid=state]")
    assert page.eval_on_selector(".strip", "e => getComputedStyle(e).opacity") == "0.55"
    page.unroute("**/v1/**")
    page.wait_for_selector("[data-testid=state].answered", state="attached")
    page.click("[data-testid=open]")
    page.click("[data-testid=open-menu] >> text=Take away")
    with page.expect_download() as taken:
        page.click("[data-testid=open-menu] >> text=Deal, JSON")
    assert json.loads(taken.value.path().read_text())["sizing"]["tests"][0]["limit"] == 0.75
    page.click("[data-testid=open]")
    page.click("[data-testid=open-menu] >> text=Undo")
    page.click("[data-testid=open-menu] >> text=Hold beside")
    page.click(".bottom >> text=Results")
    assert page.is_visible("[data-testid=beside]")
    watched.faults[:] = [fault for fault in watched.faults if "ERR_FAILED" not in fault]  # those provoked


def test_a_term_tells_its_meaning_to_pointer_and_keyboard(page: Page) -> None:
    meaning = page.locator("[role=tooltip]")
    page.focus("[data-testid=kpi-walt] [data-term]")
    assert meaning.inner_text() == "Rent-weighted average lease term to expiry."
    page.keyboard.press("Escape")
    meaning.wait_for(state="hidden")
    page.hover("[data-testid=kpi-noi] [data-term]")
    page.wait_for_selector("[role=tooltip] >> text=Net operating income")
    see(page, "structure")
    told = module(page, "words", "Object.keys(m.GLOSSARY)")
    for view in ("overview", "structure"):
        see(page, view)
        terms = page.eval_on_selector_all("[data-term]", "all => all.map(term => term.dataset.term)")
        assert terms
        assert set(terms) <= set(told)


def test_the_headline_is_spoken_once_typing_rests(page: Page) -> None:
    page.fill("[data-testid='field-/sizing/tests/0/limit']", "75")
    page.wait_for_selector("[data-testid=live] >> text=Principal $417.0m. LTV binds at 75.0%.")


def test_what_is_taken_away_is_what_is_shown(page: Page, answer: dict[str, Any]) -> None:
    page.click("[data-testid=take-away]")
    with page.expect_download() as saved:
        page.click("text=Cash flow by month, CSV")
    lines = saved.value.path().read_text().splitlines()
    ncf = lines[0].split(",").index("ncf")
    assert [float(line.split(",")[ncf]) for line in lines[1:]] == answer["cash_flow"]["lines"]["ncf"]
    page.wait_for_selector("[data-testid=chart-cover] .chart svg")
    with page.expect_download() as saved:
        page.click("[data-testid=chart-cover] button >> text=SVG")
    assert ElementTree.parse(saved.value.path()).getroot().tag.endswith("svg")
    with page.expect_download() as saved:
        page.click("[data-testid=chart-cover] button >> text=PNG")
    assert saved.value.path().read_bytes().startswith(b"\x89PNG")


def test_a_document_is_made_by_a_service_that_has_started_again_since(
    open_page: Callable[..., Watched], start_service: Callable[..., Service]
) -> None:
    restarted = start_service()
    watched = open_page(base=restarted.url)
    watched.expected.add(404)
    page = watched.page
    page.wait_for_selector("[data-testid=chart-tests]")
    restarted.stop()
    restarted.start()
    page.click("[data-testid=take-away]")
    with page.expect_download() as saved:
        page.click("text=Cash flow, CSV")
    assert saved.value.path().read_text().splitlines()[0].split(",")[1] == "date"
    page.wait_for_selector("[data-testid=notice]", state="detached")


def test_it_prints_to_a_clean_page(page: Page) -> None:
    assert page.pdf(prefer_css_page_size=True, print_background=True).startswith(b"%PDF")
    page.emulate_media(media="print")
    assert page.is_hidden("aside.deal")
    assert page.is_visible("[data-testid=principal]")


def test_a_chart_wider_than_the_paper_is_printed_whole(page: Page) -> None:
    page.wait_for_selector("[data-testid=chart-cover] .chart svg")
    paper = pypdfium2.PdfDocument(page.pdf(format="A4", print_background=True))
    margin = 12 / 25.4 * 72  # 12 mm in points, as the style sheet has it
    ends = []
    for sheet in paper:
        text = sheet.get_textpage()
        found = text.search("Trap below").get_next()
        if found:
            first, count = found
            right = max(text.get_charbox(i)[2] for i in range(first, first + count + len(" 1.35x")))
            ends.append(right <= sheet.get_width() - margin)
    assert ends == [True]


def test_print_has_what_a_committee_reads_whichever_view_is_shown(page: Page) -> None:
    page.evaluate("window.print = () => dispatchEvent(new Event('beforeprint'))")
    see(page, "compare")
    page.click("[data-testid=take-away]")
    page.click("text=Print")
    for chart in ("tests", "stack", "cover", "break-evens", "bridge", "classes", "life", "order", "timeline",
                  "tenants", "power", "loss", "roll"):  # fmt: skip
        page.wait_for_selector(f"[data-testid=chart-{chart}]")
        assert page.locator(f"[data-testid=chart-{chart}]").count() == 1
    page.wait_for_selector("[data-testid=warnings-list]")
    assert "ruleset house-2026.1" in page.inner_text("footer")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.wait_for_selector("[data-testid=chart-tests]", state="detached")
    page.wait_for_selector("[data-testid=chart-templates]")


def test_sentences_say_each_thing_that_can_bind(page: Page) -> None:
    def said(**changes: Any) -> str:
        tests = changes.pop("tests")
        answer = {
            "summary": {"principal": 100e6, "issued": 90e6, "binding_test": "max_ltv"} | changes,
            "sizing": {"tests": tests},
        }
        deal = {"sizing": {"tests": [{"limit": test["limit"], "kind": test["kind"]} for test in tests]}}
        told: str = module(
            page, "sentences", "m.told(m.bindingSentence(a[0], a[1], null, 'USD'))", answer, deal
        )
        return told

    def test(kind: str, most: float, price: float, **others: Any) -> dict[str, Any]:
        slack = {
            "name": kind,
            "max_principal": most,
            "slack": most - 100e6,
            "shadow_price": price,
            "binding": most == 100e6,
        }
        return {"kind": kind, "limit": 0.5, "actual": 0.5} | slack | others

    ltv, dscr = test("max_ltv", 100e6, 2e8), test("min_dscr", 120e6, -8e7)
    assert (
        said(tests=[ltv])
        == "LTV binds at 50.0%. It is the only test. One more point of LTV is worth $2.0m to this test."
    )
    assert said(tests=[ltv, dscr]).startswith(
        "LTV binds at 50.0%. The DSCR test is next, $20.0m or 10.0 points of LTV behind."
    )
    far = test("min_dscr", 1001e6, -8e7, name="as at closing")
    assert said(tests=[ltv | {"name": "as lent"}, far]).startswith(
        "As lent binds at 50.0%. No other test comes near: as at closing allows $1,001.0m. One more"
    )
    tied = test("min_dscr", 100e6 + 4000, -8e7)
    assert said(tests=[ltv, tied]).startswith("LTV and DSCR bind together at $100.0m.")
    assert said(tests=[ltv, dscr], binding_test="classes") == (
        "The classes’ own limits bind: $90.0m issued of $100.0m that the tests allow. LTV is next."
    )
    bent = test("min_debt_yield", 100e6, -1e9, limit=0.09, actual=0.09)
    assert said(tests=[bent]).endswith(
        "10 basis points less of debt yield are worth about $1.0m to this test."
    )


def test_flags_are_said_in_the_order_of_time(page: Page) -> None:
    note = {"name": "B", "first_shortfall": "2031-09-01", "principal_loss": 5e6, "interest_unpaid": [1.0]}
    run = {
        "date": [f"20{28 + i // 12}-{i % 12 + 1:02d}-01" for i in range(120)],
        "triggers": {"trap": "2030-02-01", "amortise": None, "pik": "2030-06-01"},
        "classes": [note],
        "ard": {"month": 61, "refinanced": False},
    }
    said = module(page, "sentences", "m.flagsOf({waterfall: a[0]}, 'USD').map((flag) => flag.text)", run)
    assert said == [
        "Cash trap from Feb 2030",
        "PIK from Jun 2030",
        "Class B misses interest in Sept 2031",
        "ARD missed, Jan 2033",
        "B loses $5.0m",
    ]


def test_what_is_vendored_is_what_was_fetched() -> None:
    for folder in (PAGE / "vendor", Path(__file__).parent / "vendor"):
        noted = dict(reversed(line.split()) for line in (folder / "SHA256SUMS").read_text().splitlines())
        found = {
            file.name: hashlib.sha256(file.read_bytes()).hexdigest()
            for file in folder.iterdir()
            if file.name != "SHA256SUMS"
        }
        assert noted == found


def test_the_whole_page_is_below_its_weight() -> None:
    files = [file for file in PAGE.rglob("*") if file.suffix in (".js", ".css", ".html", ".woff2", ".svg")]
    page = [file for file in files if "swagger" not in file.name and not file.name.startswith("docs")]
    weight = sum(
        len(file.read_bytes() if file.suffix == ".woff2" else gzip.compress(file.read_bytes()))
        for file in page
    )
    assert weight < 500_000, weight


def test_a_figure_that_is_not_defined_says_why_to_the_keyboard_and_the_pointer(page: Page) -> None:
    module(page, "deal", "m.open(a[0])", json.loads((EXAMPLES / "gpu-compute-loan.json").read_text()))
    page.wait_for_selector("[data-testid=principal] >> text=$384.8m")
    see(page, "power")
    page.click("[data-testid=chart-timeline] button:text('Table')")
    none = page.locator("[data-testid=table-timeline] [data-why]")
    assert none.all_inner_texts() == ["n/a"] * 4
    page.focus("[data-testid=table-timeline] [data-why]")
    assert page.inner_text(".meaning") == "A power contract is the facility’s, no tenant’s."
    page.keyboard.press("Tab")
    assert page.inner_text(".meaning").startswith("A power contract has no rating;")
    none.last.hover()
    assert none.last.get_attribute("tabindex") is None, "once a column is enough for the keyboard"
    page.wait_for_selector(".meaning >> text=of a tenant without one")
    assert serious(page) == []


def test_cells_are_copied_unrounded(page: Page, answer: dict[str, Any]) -> None:
    see(page, "structure")
    copied = page.evaluate(
        """() => { const row = document.querySelector('[data-testid=table-classes] tbody tr');
        getSelection().setBaseAndExtent(row.cells[0], 0, row.cells[2], 1);
        const about = new ClipboardEvent('copy',
            {bubbles: true, cancelable: true, clipboardData: new DataTransfer()});
        row.dispatchEvent(about);
        return about.clipboardData.getData('text/plain'); }"""
    )
    note = answer["tranches"][0]
    assert [float(cell) for cell in copied.split("\t")[1:3]] == [note["principal"], note["coupon"]]


def test_programs_get_the_entry_they_had_and_browsers_the_page(service: Service) -> None:
    assert service.http.get("/").json()["service"] == "rackrate"
    assert service.http.get("/", headers={"Accept": "application/json"}).json()["service"] == "rackrate"
    page = service.http.get("/", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert page.headers["content-type"].startswith("text/html")
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "private, no-cache"
    link = next(part for part in page.text.split('"') if part.endswith("/app.js"))
    script = service.http.get(link, headers={"Accept-Encoding": "gzip"})
    assert "immutable" in script.headers["cache-control"]
    assert script.headers["content-encoding"] == "gzip"
    again = service.http.get(
        link, headers={"If-None-Match": script.headers["etag"], "Accept-Encoding": "gzip"}
    )
    assert again.status_code == 304
    for wrong in (
        "/workbench/0000/app.js",
        link.replace("app.js", "static.py"),
        link.replace("app.js", "%2e%2e/app.py"),
    ):
        assert service.http.get(wrong).status_code == 404
