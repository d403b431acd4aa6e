"""Hold an answer against an expected one: every figure of the expected answer, by JSON pointer.

Lists of named things are matched by name, coverage rows by their labels, and only coverage rows that both
have are compared. What is expected to be nothing (below 1e-6) may be dust below 1e-4. Identity and messages
are passed over.
"""

import json
import math
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

CASES = Path(__file__).parent / "cases"
SHARED_CASES = Path(__file__).parents[3] / "shared" / "cases"
"""More of the same, where a checkout has them beside it."""
NAMED = {
    "bridge": ("line",),
    "bridge_steps": ("adjustment",),
    "tenants": ("id",),
    "classes": ("name",),
    "tranches": ("name",),
    "warnings": ("code", "pointer"),
    "coverage": ("measure", "numerator", "denominator", "basis", "case"),
    "loans": ("id",),
    "ground_leases": ("id",),
    "scenarios": ("name",),
    "retained": ("name",),
}
PASSED_OVER = {"id", "engine", "ruleset", "message"}
PARTS = (
    "summary",
    "bridge",
    "bridge_steps",
    "coverage",
    "sizing",
    "tranches",
    "waterfall",
    "cash_flow",
    "power",
    "credit",
)


def documents(folder: str, pattern: str) -> dict[str, Path]:
    """The case files by name: those of the repository, and those beside the checkout where there are any."""
    found = {path.name: path for path in sorted((SHARED_CASES / folder).glob(pattern))}
    return found | {path.name: path for path in sorted((CASES / folder).glob(pattern))}


def read(path: Path) -> dict[str, Any]:
    """A document as Python values."""
    document: dict[str, Any] = json.loads(path.read_bytes())
    return document


def by_name(x: Any, name: str = "") -> Any:
    """Lists of named things become objects, so that order does not matter."""
    if isinstance(x, dict):
        return {k: by_name(v, k) for k, v in x.items() if k not in PASSED_OVER or name == "tenants"}
    if isinstance(x, list):
        if name in NAMED and x and isinstance(x[0], dict):
            return {"|".join(str(row.get(k)) for k in NAMED[name]): by_name(row) for row in x}
        return [by_name(v) for v in x]
    return x


def _agree(want: float, got: Any, rel: float, at: str) -> bool:
    if isinstance(got, bool) or not isinstance(got, int | float):
        return False
    if "break_even" in at:
        return abs(want - got) <= 2e-8
    return abs(got) <= 1e-4 if abs(want) < 1e-6 else math.isclose(want, got, rel_tol=rel)


def _leaves(want: Any, got: Any, rel: float, at: str) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(want, dict):
        if not isinstance(got, dict):
            yield at, "object", type(got).__name__
            return
        for key, value in want.items():
            if key in got:
                yield from _leaves(value, got[key], rel, f"{at}/{key}")
            elif value is not None and not at.endswith("/coverage"):
                yield f"{at}/{key}", value, "missing"
    elif isinstance(want, list):
        if not isinstance(got, list) or len(got) != len(want):
            yield at, f"{len(want)} items", got
            return
        for i, value in enumerate(want):
            yield from _leaves(value, got[i], rel, f"{at}/{i}")
    elif isinstance(want, bool | str) or want is None:
        if want != got:
            yield at, want, got
    elif not _agree(want, got, rel, at):
        yield at, want, got


def differences(part: str, want: Any, got: Any, rel: float = 1e-9) -> list[tuple[str, Any, Any]]:
    """The first leaves of a part that are not as expected: pointer, wanted, got."""
    return list(islice(_leaves(by_name({part: want}), by_name({part: got}), rel, ""), 5))
