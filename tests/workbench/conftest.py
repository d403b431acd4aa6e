"""A real browser on a real service: what it says, asks for and forbids is watched in every test."""

import contextlib
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from tests.conftest import EXAMPLES, PATIENCE_S, Service

BROWSERS = ("chromium-headless-shell", "chromium", "google-chrome")
COLOCATION = EXAMPLES / "colocation-multi-tenant.json"
WATCH = """
window.__csp = [];
addEventListener('securitypolicyviolation', (e) => __csp.push(`${e.effectiveDirective} ${e.blockedURI}`));
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, the tests' own copy of no browser; its event loop ends with the module."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    assert found, f"no browser: install one of {', '.join(BROWSERS)}"
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One service for all of these tests, in a process of its own."""
    started = Service(tmp_path_factory.mktemp("workbench"))
    yield started
    started.stop()


class Watched:
    """A page, and everything about it that would be a fault."""

    def __init__(self, context: BrowserContext, base: str) -> None:
        self.page: Page = context.new_page()
        self.base, self.faults, self.foreign = base, list[str](), list[str]()
        self.expected: set[int] = set()  # statuses that the test provokes
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda fault: self.faults.append(f"thrown: {fault}"))
        self.page.on("request", self._asked)

    def _said(self, message: Any) -> None:
        refused = any(f"status of {status}" in message.text for status in self.expected)
        if message.type in ("error", "warning") and not refused:
            self.faults.append(f"{message.type}: {message.text}")

    def _asked(self, request: Any) -> None:
        if not request.url.startswith((self.base, "data:", "blob:")):
            self.foreign.append(request.url)

    def check(self) -> None:
        assert self.page.evaluate("window.__csp") == []
        assert self.faults == []
        assert self.foreign == []


@pytest.fixture
def open_page(browser: Browser, service: Service) -> Iterator[Callable[..., Watched]]:
    """Open the workbench in a window of its own; at the end nothing may have gone wrong in it."""
    with contextlib.ExitStack() as opened:
        pages = []

        def start(
            path: str = "/", width: int = 1280, scheme: Any = "light", base: str = "", script: str = ""
        ) -> Watched:
            context = browser.new_context(
                viewport={"width": width, "height": 800},
                color_scheme=scheme,
                reduced_motion="reduce",
                locale="en-GB",
                accept_downloads=True,
            )
            opened.callback(context.close)
            context.set_default_timeout(PATIENCE_S * 1000)
            context.add_init_script(WATCH + script)
            watched = Watched(context, base or service.url)
            watched.page.goto(watched.base + path)
            pages.append(watched)
            return watched

        yield start
        for watched in pages:
            watched.check()


@pytest.fixture
def page(open_page: Callable[..., Watched]) -> Page:
    """The workbench with the shipped colocation deal, answered."""
    shown = open_page().page
    shown.wait_for_selector("[data-testid=chart-tests]")
    shown.wait_for_selector("[data-testid=principal]:not(:text('–'))")
    return shown


@pytest.fixture(scope="module")
def modules(browser: Browser, service: Service) -> Iterator[Page]:
    """A page whose modules are asked one by one; what it shows does not matter."""
    context = browser.new_context(locale="en-GB")
    opened = context.new_page()
    opened.goto(service.url)
    opened.wait_for_selector("[data-testid=chart-tests]")
    yield opened
    context.close()


@pytest.fixture(scope="session")
def colocation() -> dict[str, Any]:
    deal: dict[str, Any] = json.loads(COLOCATION.read_text())
    return deal


@pytest.fixture(scope="session")
def answer(service: Service, colocation: dict[str, Any]) -> dict[str, Any]:
    """What the service answers to that deal, whole."""
    said: dict[str, Any] = service.http.post("/v1/underwritings", json=colocation).raise_for_status().json()
    return said


@pytest.fixture(scope="session")
def artefacts() -> Path:
    """Where screenshots are left to be looked at."""
    folder = Path(__file__).parents[2] / "build/workbench"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def see(page: Page, view: str) -> None:
    """Change to a view, and wait until it is drawn."""
    page.click(f"[data-testid=view-{view}]")
    page.wait_for_selector(f"#view[aria-labelledby=tab-{view}]")
    page.wait_for_timeout(250)


def settled(page: Page) -> None:
    """Wait until the newest deal is answered and drawn."""
    page.wait_for_timeout(60)
    page.wait_for_selector("[data-testid=state].answered")
    page.wait_for_timeout(200)


def table(page: Page, name: str) -> list[list[Any]]:
    """Read the numbers of a table, a list a row: unrounded, null where a cell has none."""
    found: list[list[Any]] = page.eval_on_selector_all(
        f"[data-testid=table-{name}] tbody tr",
        "rows => rows.map(row => [...row.cells].map(cell => cell.dataset.value ?? null)"
        ".map(text => text === null ? null : +text))",
    )
    return found


def series(page: Page, chart: str) -> dict[str, list[Any]]:
    """Read what a chart draws, by the name of its series."""
    page.wait_for_selector(f"[data-testid=chart-{chart}] .chart svg")
    found: dict[str, list[Any]] = page.eval_on_selector(
        f"[data-testid=chart-{chart}] .chart",
        "e => Object.fromEntries(e.chart.getOption().series.map(s => [s.name, "
        "s.data.map(d => d !== null && typeof d === 'object' && !Array.isArray(d) ? d.value : d)]))",
    )
    return found


def module(page: Page, name: str, expression: str, *arguments: Any) -> Any:
    """Evaluate an expression on a module `m` of the page, with arguments `a`."""
    base = page.evaluate("document.querySelector('script[type=module]').src.replace(/app\\.js$/, '')")
    code = f"async ([url, a]) => {{ const m = await import(url); return {expression}; }}"
    return page.evaluate(code, [f"{base}{name}.js", list(arguments)])
