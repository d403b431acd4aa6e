"""Instructions of the kernel's functions, counted by callgrind and held against a committed budget.

    python -m loadtests.bench.instructions check     `make instructions`, in CI: fails above the budget
    python -m loadtests.bench.instructions renew     `make budget`: writes loadtests/bench/instructions.toml

Counts repeat where times do not. The baseline build is counted, on fixed small inputs, and only what runs
inside the kernel's functions, not the interpreter around them. Twice the size may take 2.1 times the
instructions and no more.
"""

# Design: inputs are made by the engine outside of valgrind and pickled, so that only the calls themselves run
# slowly. A dump after each call keeps the counts of one process apart. Unpickling makes dtypes anew; rows are
# given those of records.py again, as the engine's have them.

import importlib
import pickle
import platform
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from loadtests.bench.report import compiler
from loadtests.kernel.instructed import GROWTH, Call, calls

BUDGET = Path(__file__).with_suffix(".toml")
TOLERANCE = 0.03
SLACK = 2000  # instructions for reading the arguments, which belong to Python and NumPy
LINEAR = 1.05  # times the ratio of sizes: 2.1 for twice the size
UNCOUNTED = (  # called by the import: dumps of their own
    "__pyx_pw_8rackrate_6kernel_4_cpu_1instructions",
    "__pyx_pw_8rackrate_6kernel_8_records_1agree",
)
KNOWN = {  # what outgrows its size a little, and why
    "simulate, months": 1.1,  # nothing happens to a lease before its contract ends
}
REPEATS, BESIDES = 1e-4, 500  # share, and so many more: addresses decide how a few bytes are copied
CALLS = """
import importlib, pathlib, pickle, sys
import numpy
from rackrate.kernel.records import RECORDS

def known(value):
    if isinstance(value, tuple):  # arguments by name
        return type(value)(*map(known, value))
    dtype = getattr(value, "dtype", None)
    return value.view(RECORDS[RECORDS.index(dtype)]) if dtype in RECORDS else value

for module, function, arguments in pickle.loads(pathlib.Path(sys.argv[1]).read_bytes()):
    arguments = [known(value) for value in arguments]
    getattr(importlib.import_module(f"rackrate.kernel._{module}"), function)(*arguments)
"""
HEAD = """# Instructions of the kernel's functions, counted by callgrind on the baseline build.
# Written by `make budget`; `make instructions` fails above it by more than the tolerance.

"""


def symbol(call: Call) -> str:
    """Name of the function's entry in its module's object file."""
    module = importlib.import_module(f"rackrate.kernel._{call.module}")
    names = subprocess.run(["nm", str(module.__file__)], capture_output=True, text=True, check=True).stdout
    found = re.search(rf"__pyx_pw_8rackrate_6kernel_\d+_{call.module}_\d+{call.function}$", names, re.M)
    if found is None:
        raise LookupError(f"{call.module}.{call.function}: no such symbol; was it stripped?")
    return found.group()


def dumps(asked: Mapping[str, Call]) -> dict[str, str]:
    """What callgrind writes of each call."""
    symbols = [*UNCOUNTED, *sorted({symbol(call) for call in asked.values()})]
    with tempfile.TemporaryDirectory() as folder:
        inputs, out = Path(folder) / "calls", Path(folder) / "counts"
        inputs.write_bytes(
            pickle.dumps([(call.module, call.function, call.arguments) for call in asked.values()])
        )
        options = [
            option for name in symbols for option in (f"--toggle-collect={name}", f"--dump-after={name}")
        ]
        command = [
            "valgrind",
            "--tool=callgrind",
            "--quiet",
            "--toggle-collect=__pyx_pw_8rackrate_6kernel_*",
            f"--callgrind-out-file={out}",
            *options,
        ]
        environment = {"PYTHONHASHSEED": "0", "PATH": "/usr/bin:/bin"}
        subprocess.run([*command, sys.executable, "-c", CALLS, str(inputs)], check=True, env=environment)
        written = sorted(Path(folder).glob("counts.*"), key=lambda path: int(path.suffix[1:]))
        texts = [path.read_text() for path in written]
    found = [dump for dump in texts if not any(name in dump for name in UNCOUNTED)]
    return dict(zip(asked, found, strict=True))


def total(dump: str) -> int:
    """Instructions of one call."""
    return int(next(line for line in dump.splitlines() if line.startswith("totals:")).split()[1])


def count(asked: Mapping[str, Call]) -> dict[str, int]:
    """Instructions of each call."""
    return {name: total(dump) for name, dump in dumps(asked).items()}


def by_function(dump: str) -> dict[str, int]:
    """Instructions of one call by function, without what they call, most first."""
    names: dict[str, str] = {}
    found: dict[str, int] = {}
    function, called = "", False
    for line in dump.splitlines():
        if line.startswith("fn="):
            key, _, name = line[3:].partition(" ")
            function = names.setdefault(key, name)
        elif line.startswith(("cfn=", "calls=")):
            key, _, name = line.partition("=")[2].partition(" ")
            if line.startswith("cfn="):
                names.setdefault(key, name)
            called = line.startswith("calls=")
        elif line[:1].isdigit() or line[:1] in "+-*":
            if not called:
                found[function] = found.get(function, 0) + sum(map(int, line.split()[1:]))
            called = False
    return dict(sorted(found.items(), key=lambda pair: -pair[1]))


def tools() -> dict[str, str]:
    """What the counts depend on besides the sources."""
    python = ".".join(platform.python_version_tuple()[:2])
    return {"gcc": compiler(), "cython": version("cython"), "numpy": version("numpy"), "python": python}


def superlinear(counts: Mapping[str, int]) -> list[str]:
    """Calls whose instructions outgrow their size."""
    found = []
    for name, small, ratio in GROWTH:
        grown = counts[name] / counts[small]
        mark = "  outgrows its size" if grown > KNOWN.get(name, LINEAR) * ratio else ""
        print(f"{name:34} {ratio:5.2f} times the size, {grown:5.2f} times the instructions{mark}")
        found += (
            [f"{name}: {grown:.2f} times the instructions of {small}, {ratio:.2f} times the size"]
            if mark
            else []
        )
    return found


def over_budget(counts: Mapping[str, int], budget: Mapping[str, int]) -> list[str]:
    """Calls above their budget, and calls without one."""
    found = [f"{name}: not in the budget" for name in counts.keys() - budget.keys()]
    for name, allowed in budget.items():
        now = counts.get(name)
        if now is None:
            found.append(f"{name}: in the budget, but not counted")
            continue
        above = now > allowed * (1.0 + TOLERANCE) + SLACK
        below = now < allowed * (1.0 - TOLERANCE) - SLACK
        mark = "  over budget" if above else "  well below: renew the budget" if below else ""
        print(f"{name:34} {now:>12,} of {allowed:>12,} {now / allowed - 1.0:+7.1%}{mark}")
        found += [f"{name}: {now:,} instructions, {allowed:,} allowed"] if above else []
    return found


def check() -> int:
    """Hold the counts against the budget; the exit status."""
    budget = tomllib.loads(BUDGET.read_text())
    counts = count(calls())
    over, grown = over_budget(counts, budget["instructions"]), superlinear(counts)
    if budget["tools"] != tools():
        print(f"counted with {tools()}, budget made with {budget['tools']}: reported, not failed")
        over = []
    for line in (*over, *grown):
        print(f"FAILED {line}", file=sys.stderr)
    if over:
        print("if this is meant, `make budget` writes the new figures: commit them, say why", file=sys.stderr)
    return 1 if over or grown else 0


def renew() -> int:
    """Count twice, and write the budget if the counts agree."""
    first, second = count(calls()), count(calls())
    differing = [name for name in first if abs(first[name] - second[name]) > REPEATS * first[name] + BESIDES]
    if differing:
        print(f"counts do not repeat: {', '.join(differing)}", file=sys.stderr)
        return 1
    made = "\n".join(f'{name} = "{used}"' for name, used in tools().items())
    lines = "\n".join(f'"{name}" = {instructions}' for name, instructions in first.items())
    BUDGET.write_text(f"{HEAD}[tools]\n{made}\n\n[instructions]\n{lines}\n")
    superlinear(first)
    return 0


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["check"]:
            sys.exit(check())
        case ["renew"]:
            sys.exit(renew())
        case _:
            sys.exit(__doc__)
