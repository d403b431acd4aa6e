"""Put `docs/performance.md` together from what the benchmarks found.

    python -m loadtests.bench.report

Each benchmark leaves one file in `loadtests/reports`: `{"order": int, "title": str, "markdown": str}`, which
`section` writes. Here the machine is named and the sections follow by their order.
"""

import json
import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parents[2]
REPORTS = ROOT / "loadtests" / "reports"
CHARTS = ROOT / "docs" / "charts"
PAGE = ROOT / "docs" / "performance.md"
HEAD = """# Performance

Written by `make bench` and `make load`. Every figure stands beside its alternative, measured in the same run
on the same machine: read the ratios, the times are this machine's.

"""


def section(name: str, order: int, title: str, markdown: str) -> None:
    """Leave a benchmark's finished section for the report, and show it."""
    REPORTS.mkdir(exist_ok=True)
    found = {"order": order, "title": title, "markdown": markdown}
    (REPORTS / f"{name}.json").write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    print(f"## {title}\n\n{markdown}\n")


def table(head: list[str], rows: list[list[str]]) -> str:
    """A Markdown table, words to the left and figures to the right.

    >>> print(table(["what", "ms"], [["a", "1"]]))
    | what | ms |
    |---|--:|
    | a | 1 |
    """
    figures = [all(row[n][:1] in "0123456789-<" for row in rows) for n in range(len(head))]
    rule = "|".join("--:" if right else "---" for right in figures)
    return "\n".join([f"| {' | '.join(head)} |", f"|{rule}|", *(f"| {' | '.join(row)} |" for row in rows)])


def processor() -> str:
    """The processor's name and its widest instructions."""
    text = Path("/proc/cpuinfo").read_text()
    lines = dict(line.split(":", 1) for line in text.split("\n\n")[0].splitlines() if ":" in line)
    fields = {name.strip(): value.strip() for name, value in lines.items()}
    wide = next((isa for isa in ("avx512f", "avx2") if isa in fields.get("flags", "").split()), "baseline")
    model = fields.get("model name", platform.machine())
    return f"{model} (family {fields.get('cpu family', '?')}, model {fields.get('model', '?')}, {wide})"


def compiler() -> str:
    """Version of the C compiler, or that there is none."""
    try:
        return subprocess.run(
            ["gcc", "-dumpfullversion"], capture_output=True, text=True, check=True
        ).stdout.strip()
    except FileNotFoundError:
        return "none"


def machine() -> str:
    """One line on where this was measured."""
    python = f"{platform.python_implementation()} {platform.python_version()}"
    libraries = ", ".join(f"{name} {version(name)}" for name in ("numpy", "cython", "msgspec", "litestar"))
    return f"Machine: {processor()}, {os.cpu_count()} cores; {python}, gcc {compiler()}, {libraries}."


def main() -> None:
    found = sorted(
        (json.loads(path.read_text()) for path in REPORTS.glob("*.json")), key=lambda s: s["order"]
    )
    sections = [f"## {one['title']}\n\n{one['markdown'].strip()}\n" for one in found]
    PAGE.write_text(HEAD + machine() + "\n\n" + "\n".join(sections))


if __name__ == "__main__":
    main()
