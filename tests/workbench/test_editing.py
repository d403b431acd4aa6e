"""Editing: forms by the schema, problems on fields, units, paste, undo, links, the newest answer only."""

import json
import random
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page
from tests.conftest import EXAMPLES, Service
from tests.workbench.conftest import Watched, module, see, settled

LIMIT = "[data-testid='field-/sizing/tests/0/limit']"
LEASES = "[data-testid='outline-/facilities/0/leases']"


def document(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = module(page, "deal", "m.present.value")
    return found


def paste(page: Page, text: str) -> None:
    page.evaluate(
        """text => { const data = new DataTransfer(); data.setData('text/plain', text);
        const about = {clipboardData: data, bubbles: true, cancelable: true};
        document.activeElement.dispatchEvent(new ClipboardEvent('paste', about)); }""",
        text,
    )


def test_an_edit_is_answered_and_undone(page: Page) -> None:
    page.fill(LIMIT, "75")
    settled(page)
    assert document(page)["sizing"]["tests"][0]["limit"] == 0.75
    assert page.inner_text("[data-testid=principal]") == "$417.0m"
    page.keyboard.press("Control+z")
    settled(page)
    assert page.inner_text("[data-testid=principal]") == "$450.4m"
    page.keyboard.press("Shift+Control+z")
    settled(page)
    assert page.inner_text("[data-testid=principal]") == "$417.0m"


@pytest.mark.parametrize(
    ("part", "pointer", "typed", "told"),
    [
        ("/debt", "/debt/term_months", "0", "1"),
        ("/debt", "/debt/interest_only_months", "200", "longer than the term"),
        ("/", "/currency", "usd", ""),
        ("/facilities/0", "/facilities/0/capacity_kw", "-5", ""),
    ],
)
def test_what_the_service_refuses_is_told_on_its_field_and_kept_as_typed(
    open_page: Callable[..., Watched], part: str, pointer: str, typed: str, told: str
) -> None:
    watched = open_page()
    watched.expected.add(422)
    page = watched.page
    page.wait_for_selector("[data-testid=chart-tests]")
    page.click(f"[data-testid='outline-{part}']")
    page.fill(f"[data-testid='field-{pointer}']", typed)
    page.wait_for_selector(f"[data-testid='problem-{pointer}']")
    field = page.locator(f"[data-testid='field-{pointer}']")
    assert told in page.inner_text(f"[data-testid='problem-{pointer}']")
    assert field.get_attribute("aria-invalid") == "true"
    assert field.input_value() == typed
    assert page.inner_text("[data-testid=state]").startswith("Not answered: 1 problem")
    assert page.inner_text("[data-testid=principal]") == "$450.4m", "the last good answer stays, dimmed"
    assert page.locator("main.dim").count() == 1


def test_text_that_is_no_number_yet_is_kept_and_never_sent(page: Page) -> None:
    page.wait_for_selector("text=but the classes’ own limits stop")  # the last question of before
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.fill(LIMIT, "eighty")
    page.wait_for_timeout(300)
    assert not [url for url in asked if "/v1/" in url]
    page.click("[data-testid='outline-/debt']")
    page.click("[data-testid='outline-/sizing/tests']")
    assert page.input_value(LIMIT) == "eighty"
    page.keyboard.press("F8")
    page.wait_for_timeout(100)
    assert page.evaluate("document.activeElement.dataset.pointer") == "/sizing/tests/0/limit"


@pytest.mark.parametrize(
    ("kind", "typed", "sent"),
    [
        ("kw", "36 MW", 36000),
        ("kw", "36,000", 36000),
        ("kw", "0.036 GW", 36000),
        ("money", "906.7m", 906700000),
        ("money", "1.2bn", 1200000000),
        ("money", "720k", 720000),
        ("money", "$4,200,000", 4200000),
        ("rent", "118", 118),
        ("rent", "118 $/kW-month", 118),
        ("rent", "1,416/kW-yr", 118),
        ("percent", "5.75", 0.0575),
        ("percent", "5.75%", 0.0575),
        ("percent", "575 bp", 0.0575),
        ("times", "1.45x", 1.45),
        ("months", "180", 180),
        ("months", "15y", 180),
        ("months", "15y 6m", 186),
        ("date", "2027-03-01", "2027-03-01"),
        ("date", "1 Mar 2027", "2027-03-01"),
        ("date", "Mar 2027", "2027-03-01"),
    ],
)
def test_units_are_read_as_people_write_them(modules: Page, kind: str, typed: str, sent: object) -> None:
    assert module(modules, "units", "m.read(...a)", kind, typed)["value"] == sent


def test_what_has_two_readings_is_asked_about_and_never_guessed(modules: Page) -> None:
    said = module(modules, "units", "m.read(...a)", "date", "03/04/2027")
    assert said["error"] == "Is this 3 April or 4 March? Write 2027-04-03."
    said = module(modules, "units", "m.read(...a)", "percent", "0.0575")
    assert said["value"] == 0.000575
    assert said["suggest"] == {"value": 0.0575, "text": "Did you mean 5.75%?"}


def test_percentages_are_shifted_exactly(modules: Page) -> None:
    draw = random.Random(7)
    typed = [f"{draw.randrange(10**6)}.{draw.randrange(10**7):07d}" for _ in range(10_000)]
    typed += ["0.1", "81", "8.26", "67.99999999999999", "00.50"]
    read = module(modules, "units", "a[0].map((text) => m.read('percent', text + '%').value)", typed)
    assert read == [float(Decimal(text).scaleb(-2)) for text in typed]


def test_a_number_that_is_not_touched_is_sent_as_it_came(page: Page) -> None:
    page.evaluate("document.activeElement.blur()")
    deal = json.loads((EXAMPLES / "colocation-multi-tenant.json").read_text())
    deal["sizing"]["tests"][0]["limit"] = 0.6799999999999999
    module(page, "deal", "m.open(a[0])", deal)
    settled(page)
    assert page.input_value(LIMIT) == "68.00"
    page.focus(LIMIT)
    page.locator(LIMIT).blur()
    assert document(page)["sizing"]["tests"][0]["limit"] == 0.6799999999999999


def test_a_key_that_comes_in_the_frame_of_the_click_begins_an_edit_that_stays(page: Page) -> None:
    page.click(LEASES)
    value = page.eval_on_selector(
        "[data-testid='grid-cell-0-rent_per_kw_month']",
        """async (cell) => {
        cell.dispatchEvent(new MouseEvent('mousedown', {bubbles: true}));
        cell.dispatchEvent(new KeyboardEvent('keydown', {key: '7', bubbles: true, cancelable: true}));
        for (let i = 0; i < 3; i++) await new Promise(requestAnimationFrame);
        return document.querySelector('.cell-input')?.value ?? null; }""",
    )
    assert value == "7"


def test_two_hundred_leases_are_pasted_in_one_step(page: Page, colocation: dict[str, Any]) -> None:
    page.click(LEASES)
    page.click("[data-testid='grid-cell-0-id']")
    rows = [
        f"new-{i:03d}\ttenant {i % 23 + 1}\t0.02\t{1200 + i}\t1 Mar 2022\t15y\t0.6\t0.8\tmetered"
        for i in range(200)
    ]
    heads = "Lease\tTenant\tLoad (MW)\tRent ($/kW-yr)\tStart date\tTerm\tUtilisation\tPeak\tPower"
    paste(page, "\n".join([heads, *rows]))
    page.wait_for_selector("[data-testid=paste-preview]")
    assert "200 rows, 9 columns" in page.inner_text("[data-testid=paste-preview]")
    page.click("[data-testid=paste-apply]")
    settled(page)
    leases = document(page)["facilities"][0]["leases"]
    assert len(leases) == 223
    first = leases[23]
    assert (first["id"], first["tenant"], first["contracted_kw"], first["rent_per_kw_month"]) == (
        "new-000",
        "t01",
        20,
        100,
    )
    assert (first["commencement"], first["term_months"], first["utilisation"]) == ("2022-03-01", 180, 0.6)
    assert page.locator("[data-testid=lease-grid] tbody tr[role=row]").count() <= 60, (
        "only those in sight are drawn"
    )
    page.keyboard.press("Control+z")
    settled(page)
    assert document(page) == colocation


def test_columns_that_are_not_known_are_named_and_bad_cells_wait_as_pasted(
    open_page: Callable[..., Watched],
) -> None:
    page = open_page().page
    page.wait_for_selector("[data-testid=chart-tests]")
    page.click(LEASES)
    page.click("[data-testid='grid-cell-0-id']")
    paste(page, "Rent,kW,Broker,Lease\n118,lots,Smith,suite-01\n")
    preview = page.inner_text("[data-testid=paste-preview]")
    assert "Not read: Broker" in preview
    assert "1 cell cannot be read" in preview
    page.click("[data-testid=paste-apply]")
    assert page.inner_text("[data-testid='grid-cell-0-contracted_kw']") == "lots"
    assert document(page)["facilities"][0]["leases"][0]["rent_per_kw_month"] == 118, (
        "columns go by their heads, not their place"
    )
    assert document(page)["facilities"][0]["leases"][0]["contracted_kw"] == 2750


def test_heads_that_new_leases_need_and_have_not_are_named(page: Page) -> None:
    page.click(LEASES)
    page.click("[data-testid='grid-cell-0-id']")
    paste(page, "Lease\tTenant\tLoad (MW)\tRent\tStart\nsuite-99\tt01\t1.5\t118\t2024-01-01\n")
    needed = "needed by a lease that is new: Term; Utilisation, average; Utilisation, peak; Power."
    assert needed in page.inner_text("[data-testid=paste-preview]")


def test_a_tenant_that_a_paste_does_not_name_is_asked_for_and_nobody_s_in_its_place(
    open_page: Callable[..., Watched],
) -> None:
    watched = open_page()
    watched.expected.add(422)
    page = watched.page
    page.wait_for_selector("[data-testid=chart-tests]")
    page.click(LEASES)
    page.click("[data-testid='grid-cell-0-id']")
    heads = "Lease\tLoad (MW)\tRent\tStart\tTerm\tUtilisation\tPeak\tPower"
    paste(page, f"{heads}\nsuite-99\t1.5\t118\t2024-01-01\t10y\t0.6\t0.8\tmetered\n")
    assert "needed by a lease that is new: Tenant." in page.inner_text("[data-testid=paste-preview]")
    page.click("[data-testid=paste-apply]")
    page.wait_for_selector("[data-testid=state] >> text=Not answered: 1 problem")
    assert "tenant" not in document(page)["facilities"][0]["leases"][-1]


def test_a_change_by_your_last_edit_is_of_the_same_deal(page: Page) -> None:
    page.fill(LIMIT, "75")
    page.wait_for_selector("[data-testid=issued] >> text=by your last edit")
    other = json.loads((EXAMPLES / "gpu-compute-loan.json").read_text())
    module(page, "deal", "m.open(a[0])", other)
    page.wait_for_selector("[data-testid=principal] >> text=$384.8m")
    settled(page)
    assert "by your last edit" not in page.inner_text("[data-testid=issued]")


def test_a_cell_that_is_entered_and_left_changes_nothing(page: Page, colocation: dict[str, Any]) -> None:
    deal = json.loads(json.dumps(colocation))
    leases = deal["facilities"][0]["leases"]
    steps = [{"from_month": 12, "rent_per_kw_month": 90.0}]
    leases[0] |= {
        "power": {"kind": "metered", "pue_cap": 1.5551, "markup": 0.03251},
        "escalation": {"kind": "steps", "steps": steps},
        "utilisation": 0.6799999999999999,
    }
    leases[1]["power"] = {"kind": "fixed_price", "price_per_mwh": 88.005, "escalation": 0.025, "comment": "c"}
    module(page, "files", "m.openText(a[0], 'a test')", json.dumps(deal))
    page.click(LEASES)
    for row in (0, 1):
        for key in ("escalation", "power", "utilisation", "commencement", "term_months"):
            page.click(f"[data-testid='grid-cell-{row}-{key}']")
            page.keyboard.press("F2")
            page.wait_for_selector(".cell-input")
            page.keyboard.press("Enter")
    assert document(page) == deal
    assert module(page, "deal", "m.drafts.value") == {}


def test_terms_that_a_cell_does_not_say_stay_when_it_is_edited(page: Page) -> None:
    page.click(LEASES)
    page.click("[data-testid='grid-cell-3-power']")
    page.keyboard.type("fixed 90")
    page.keyboard.press("Enter")
    edited = document(page)["facilities"][0]["leases"]
    assert edited[3]["power"] == {"kind": "fixed_price", "price_per_mwh": 90, "escalation": 0.025}
    page.click("[data-testid='grid-cell-0-power']")
    page.keyboard.type("metered, +4%")
    page.keyboard.press("Enter")
    edited = document(page)["facilities"][0]["leases"]
    assert edited[0]["power"] == {"kind": "metered", "markup": 0.04}, (
        "what the cell does say, and was taken out"
    )
    page.click("[data-testid='grid-cell-1-escalation']")
    page.keyboard.type("CPI from much")
    page.keyboard.press("Enter")
    assert page.inner_text("[data-testid='grid-cell-1-escalation']") == "CPI from much"
    assert document(page)["facilities"][0]["leases"][1]["escalation"]["kind"] == "fixed"


def test_the_grid_says_the_tenants_name_beside_its_id(page: Page, colocation: dict[str, Any]) -> None:
    page.click(LEASES)
    tenant = colocation["tenants"][0]
    assert page.inner_text("[data-testid='grid-cell-0-tenant']") == f"{tenant['id']} {tenant['name']}"


def test_a_cell_is_edited_from_the_keyboard_and_filled_down(page: Page) -> None:
    page.click(LEASES)
    page.click("[data-testid='grid-cell-0-rent_per_kw_month']")
    page.keyboard.type("1,416/kW-yr")
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Control+d")
    settled(page)
    assert [lease["rent_per_kw_month"] for lease in document(page)["facilities"][0]["leases"][:4]] == [
        118,
        118,
        118,
        114.1,
    ]


def test_nothing_older_than_the_newest_answer_is_ever_shown(open_page: Callable[..., Watched]) -> None:
    delays = """
    const asked = window.fetch;
    let s = 7;
    const draw = () => (s = (s * 16807) % 2147483647) / 2147483647;
    window.fetch = (...a) => asked(...a).then((r) => String(a[0]).includes('/v1/')
        ? new Promise((done) => setTimeout(() => done(r), 500 * draw())) : r);
    """
    page = open_page(script=delays).page
    page.wait_for_selector("[data-testid=chart-tests]")
    page.evaluate(
        """() => { window.seen = []; const look = () => {
            const e = document.querySelector('section.headline:not(.stale)');
            if (e) seen.push([+e.dataset.edit, e.querySelector('[data-testid=principal]').dataset.value]);
            requestAnimationFrame(look); }; look(); }"""
    )
    for percent in range(60, 80):
        page.fill(LIMIT, str(percent))
        page.wait_for_timeout(90)
    page.wait_for_timeout(1200)
    settled(page)
    edits = [edit for edit, _ in page.evaluate("seen")]
    assert edits == sorted(edits)
    value = page.get_attribute("[data-testid=principal]", "data-value")
    assert float(value or 0) == pytest.approx(0.79 * 556064352.8666489, rel=1e-9)
    assert page.get_attribute("[data-testid=chart-tests]", "data-edit") == str(edits[-1])


@pytest.mark.parametrize("shipped", sorted(EXAMPLES.glob("*.json")), ids=lambda path: path.stem)
def test_a_link_holds_the_deal_whole(modules: Page, shipped: Path) -> None:
    deal = json.loads(shipped.read_text())
    link = module(modules, "link", "await m.linkTo(a[0], {view: 'cash', run: null, held: a[0]})", deal)
    read = module(modules, "link", "await m.readLink(new URL(a[0]).hash)", link)
    assert read["document"] == deal
    assert read["held"] == deal
    assert read["view"] == "cash"


def test_a_link_opens_on_its_deal(
    open_page: Callable[..., Watched], page: Page, colocation: dict[str, Any]
) -> None:
    deal = colocation | {"name": "By link"}
    link = module(page, "link", "await m.linkTo(a[0], {view: 'structure'})", deal)
    linked = open_page(path="/" + link[link.index("#") :]).page
    linked.wait_for_selector("[data-testid=chart-life]")
    assert "By link" in linked.inner_text("[data-testid=open]")


def test_a_link_that_inflates_without_end_is_stopped(modules: Page) -> None:
    said = module(
        modules,
        "link",
        """await (async () => { const zeros = new Uint8Array(1 << 20);
        const stream = new ReadableStream(
            {start(c) { for (let i = 0; i < 64; i++) c.enqueue(zeros); c.close(); }});
        const packed = stream.pipeThrough(new CompressionStream('deflate-raw'));
        const bytes = new Uint8Array(await new Response(packed).arrayBuffer());
        let text = ''; for (const b of bytes) text += String.fromCharCode(b);
        const link = '#d=1.' + btoa(text).replace(/\\+/g, '-').replace(/\\//g, '_');
        return m.readLink(link).then(() => 'opened', (fault) => fault.message); })()""",
    )
    assert said == "This link holds more than 2 MiB; it was not opened."


def test_what_cannot_be_read_leaves_the_deal_alone(page: Page) -> None:
    before = document(page)
    for text in ("{", "[]", '{"name": "x"}', "null"):
        module(page, "files", "m.openText(a[0], 'What you pasted')", text)
        assert "untouched" in page.inner_text("[data-testid=notice]")
    assert document(page) == before


def test_json_is_edited_with_the_same_problems(page: Page) -> None:
    see(page, "json")
    text = page.input_value("[data-testid=json-deal]")
    page.focus("[data-testid=json-deal]")
    page.keyboard.press("Control+a")
    paste(page, text.replace('"limit": 0.81', '"limit": 0.75'))
    settled(page)
    assert page.inner_text("[data-testid=principal]") == "$417.0m"
    page.keyboard.press("Control+End")
    page.keyboard.press("Backspace")
    assert "not JSON yet" in page.inner_text("[data-testid=chart-json]")


def test_two_deals_are_held_side_by_side(page: Page) -> None:
    page.click("[data-testid=hold]")
    page.fill(LIMIT, "75")
    settled(page)
    assert "this one −$33.4m" in page.inner_text("[data-testid=beside]")
    see(page, "compare")
    changed = page.locator("[data-testid=table-changed] tbody tr").all_inner_texts()
    assert [row.split("\t") for row in changed] == [["Sizing › Tests › 1 › Limit", "81.00%", "75.00%"]]
    page.click("[data-testid=beside] >> text=Edit the other")
    settled(page)
    assert page.inner_text("[data-testid=principal]") == "$450.4m"


def test_a_file_may_be_as_long_as_the_service_reads(
    open_page: Callable[..., Watched], start_service: Callable[..., Service]
) -> None:
    small = start_service(max_body_bytes=str(512 * 1024))
    assert small.http.get("/").json()["max_body_bytes"] == 512 * 1024
    page = open_page(base=small.url).page
    page.wait_for_selector("[data-testid=chart-tests]")
    before = document(page)
    drop = "m.openFile(new File([JSON.stringify({...a[0], comment: 'x'.repeat(a[1])})], 'roll.json'))"
    module(page, "files", drop, before, 1000)
    page.wait_for_selector("[data-testid=notice] >> text=roll.json is open")
    module(page, "files", drop, before, 600 * 1024)
    page.wait_for_selector("[data-testid=notice] >> text=the service reads 0.5 MiB")
    assert len(document(page)["comment"]) == 1000


def test_columns_of_the_grid_are_chosen_and_those_of_a_nested_field_open_its_sheet(page: Page) -> None:
    page.click("[data-testid='outline-/facilities/0/leases']")
    heads = page.locator("[data-testid=lease-grid] thead th")
    assert "Termination" not in heads.all_inner_texts()
    page.click("[data-testid=columns-leases] summary")
    page.check("[data-testid=columns-leases] label:has-text('Termination') input")
    page.uncheck("[data-testid=columns-leases] label:has-text('Free rent') input")
    page.keyboard.press("Escape")
    page.wait_for_selector("[data-testid=lease-grid] thead th >> text=Termination")
    assert not any("Free rent" in head for head in heads.all_inner_texts())
    page.click("[data-testid=grid-cell-1-termination]")
    page.keyboard.press("Enter")
    page.wait_for_selector(".drawer >> text=Row 2: suite-02")


def test_cells_without_heads_land_on_the_columns_that_are_shown(page: Page) -> None:
    page.click("[data-testid='outline-/facilities/0/leases']")
    page.click("[data-testid=columns-leases] summary")
    page.uncheck("[data-testid=columns-leases] label:has-text('Tenant') input")
    page.uncheck("[data-testid=columns-leases] label:has-text('Rating') input")
    page.keyboard.press("Escape")
    page.click("[data-testid=grid-cell-0-id]")
    page.keyboard.press("ArrowRight")
    paste(page, "1000\t99.5\n1100\t98.5\n")
    page.wait_for_selector("[data-testid=paste-preview]")
    page.click("[data-testid=paste-apply]")
    leases = document(page)["facilities"][0]["leases"]
    assert [(one["contracted_kw"], one["rent_per_kw_month"]) for one in leases[:2]] == [
        (1000, 99.5),
        (1100, 98.5),
    ]
