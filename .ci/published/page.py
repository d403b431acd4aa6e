"""The page of published deals: each with its figures beside the answer's, after what they teach together."""

from collections.abc import Mapping
from pathlib import Path

from charts import FOLDER, deal_chart
from layout import table
from lessons import COLOCATION, lessons_of, side_by_side

from rackrate.published.comparison import VERDICTS, Underwritten, underwrite_published
from rackrate.published.figures import names

FILES = "service/rackrate/deal/examples/published"
COUNTED = (*VERDICTS.values(), "differs")
HEAD = (Path(__file__).parent / "head.md").read_text()


def build() -> dict[str, str]:
    """Write the page and its charts: their content by path under `docs`."""
    deals = {name: underwrite_published(name) for name in names()}
    built = {f"{FOLDER}/{name}.svg": deal_chart(found) for name, found in deals.items()}
    lessons, drawn = lessons_of(deals)
    head = HEAD.format(files=FILES, first=COLOCATION)
    parts = [
        head,
        overview(deals),
        lessons,
        side_by_side(deals),
        "## The deals\n",
        *map(section, deals.values()),
    ]
    return built | drawn | {"published-deals.md": "\n".join(parts)}


def overview(deals: Mapping[str, Underwritten]) -> str:
    """The deals by name, and how many of their figures are what."""
    rows = []
    for name, found in deals.items():
        verdicts = [row.verdict for row in found.rows]
        counts = [str(verdicts.count(verdict)) for verdict in COUNTED]
        rows.append([f"[{found.published.title}](#{name})", found.published.kind, *counts])
    total = [str(sum(int(row[k]) for row in rows)) for k in range(2, 2 + len(COUNTED))]
    return table(["deal", "form", *COUNTED], [*rows, ["all", "", *total]])


def section(found: Underwritten) -> str:
    """One deal: what it is, its command, its chart, its table and its sources."""
    told, rows = found.published, []
    for row in found.rows:
        said = f"{row.verdict}: {row.figure.why}" if row.figure.why else row.verdict
        rows.append([row.figure.what, row.figure.published, row.shown, said, row.figure.source])
    sources = ", ".join(f"<{source}>" if source.startswith("http") else source for source in told.sources)
    file = f"../{FILES}/{found.name}"
    parts = [
        f'<a id="{found.name}"></a>',
        f"### {told.title}",
        told.about,
        f"    rackrate published {found.name}",
        f"![{told.title}]({FOLDER}/{found.name}.svg)",
        table(["figure", "published", "rackrate", "", "source"], rows).rstrip(),
        "<details><summary>What is published, chosen and assumed, part by part</summary>",
        table(["part of the deal", ""], [[f"`{it.parts}`", it.comment] for it in found.remarks]).rstrip(),
        "</details>",
        f"[Request]({file}.json), [figures]({file}.toml). Sources: {sources}.\n",
    ]
    return "\n\n".join(parts)
