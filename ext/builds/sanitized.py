"""Build the kernel under AddressSanitizer and UndefinedBehaviorSanitizer, or run a command on that build.

python ext/builds/sanitized.py build build/sanitized
python ext/builds/sanitized.py run build/sanitized -m pytest tests/kernel

Unlike ext/builds/checked.py this compiles what ships: indices unchecked, C division. A read past an array, a
division by zero or a float too large for its integer then ends the process with a report.
"""

# Design: float-divide-by-zero is on, although IEEE defines it: the kernel guards every zero by name, so a
# quotient nobody guarded is a fault here even where its infinity would be harmless. `planted` is built here
# alone, to prove that faults are found. Leaks are not looked for: the interpreter itself never frees all.

import os
import subprocess
import sys
from pathlib import Path

from checked import build
from setuptools import Extension

SANITIZERS = "address,undefined,float-cast-overflow,float-divide-by-zero"
FLAGS = [
    *("-O1", "-g1", "-fno-omit-frame-pointer"),
    *(f"-fsanitize={SANITIZERS}", "-fno-sanitize-recover=all"),
    "-fno-wrapv",  # the interpreter's own flags define overflow as wrapping; here it is a fault
]
PLANTED = Extension("rackrate.kernel._planted", ["tests/sanitized/planted.pyx"], extra_compile_args=["-w"])


def environment(target: Path) -> dict[str, str]:
    """What a process needs to load a kernel built here: the sanitizer first, every allocation its own."""
    names = ("libasan.so", "libstdc++.so")
    found = [
        subprocess.check_output(["gcc", f"-print-file-name={name}"], text=True).strip() for name in names
    ]
    return {
        **os.environ,
        "LD_PRELOAD": " ".join(found),
        "PYTHONMALLOC": "malloc",
        "ASAN_OPTIONS": "detect_leaks=0",
        "UBSAN_OPTIONS": "print_stacktrace=1",
        "PYTHONPATH": str(target),
    }


if __name__ == "__main__":
    verb, folder, *command = sys.argv[1:]
    if verb == "build":
        build(Path(folder), {}, FLAGS, [PLANTED])
    else:
        os.execve(sys.executable, [sys.executable, *command], environment(Path(folder)))
