"""The pages as one site: its links lead somewhere, it can be searched, it asks nothing of elsewhere."""

import json
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

import pytest
from tests.conftest import ROOT

ASKED = {
    "script": "src",
    "img": "src",
    "link": "href",
    "iframe": "src",
    "source": "src",
}  # loaded with a page

NAMED = ("index", "search", "next", "prev")  # other pages, which are not loaded with one


class Page(HTMLParser):
    """What a page links to, what it loads, and the places in it that can be linked to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.places: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        self.places |= {value for name in ("id", "name") if (value := told.get(name))}
        if tag == "a" and told.get("href"):
            self.links.append(str(told["href"]))
        if tag in ASKED and told.get(ASKED[tag]) and told.get("rel") not in NAMED:
            self.loads.append(str(told[ASKED[tag]]))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site without its notebook run, which another test runs; a warning of the builder fails it."""
    folder = tmp_path_factory.mktemp("site")
    options = ["-W", "-q", "-D", "nb_execution_mode=off", "-d", folder / "trees"]
    subprocess.run(
        [sys.executable, "-m", "sphinx", *options, "-b", "html", ROOT / "docs", folder / "html"],
        check=True,
        timeout=300,
    )
    return folder / "html"


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Page]:
    return {file: Page(file.read_text()) for file in site.glob("*.html")}


def test_every_page_there_is_is_in_the_site(site: Path) -> None:
    there = {file.stem for kind in ("*.md", "*.ipynb") for file in (ROOT / "docs").glob(kind)}
    assert len(there) > 15
    assert there <= {file.stem for file in site.glob("*.html")}


def test_every_link_within_the_site_leads_to_a_place_of_it(pages: dict[Path, Page]) -> None:
    lost = []
    for file, page in pages.items():
        for link in page.links:
            if urlsplit(link).scheme or urlsplit(link).netloc:
                continue
            target, place = urldefrag(link)
            there = file.parent / unquote(target) if target else file
            if not there.is_file() or (
                place and there in pages and unquote(place) not in pages[there].places
            ):
                lost.append(f"{file.name}: {link}")
    assert lost == []


def test_nothing_is_loaded_from_elsewhere(pages: dict[Path, Page], site: Path) -> None:
    outside = {load for page in pages.values() for load in page.loads if urlsplit(load).netloc}
    assert outside == set()
    for sheet in site.rglob("*.css"):
        text = sheet.read_text()
        assert "@import url(http" not in text
        assert "url(http" not in text
        assert "url(//" not in text


def test_what_pages_say_is_found_by_search(site: Path) -> None:
    """The index that search.html reads has a word of one page, and names it."""
    text = (site / "searchindex.js").read_text()
    index = json.loads(text[text.index("{") : text.rindex("}") + 1])
    found = index["terms"]["anonym"]
    names = [index["docnames"][i] for i in (found if isinstance(found, list) else [found])]
    assert "recipes" in names
