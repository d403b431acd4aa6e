"""Build the kernel with every check on, into a package tree of its own: an index out of bounds then raises.

python ext/builds/checked.py build/checked      then run the kernel's tests with PYTHONPATH=build/checked
"""

# Design: the builds for wide instructions are left out: the same source, and other tests hold their bits.

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from setuptools import Extension
from setuptools.dist import Distribution

CHECKS = {"boundscheck": True, "wraparound": False, "initializedcheck": True, "cdivision": False}


def build(
    target: Path,
    directives: Mapping[str, bool] = CHECKS,
    flags: Sequence[str] = (),
    beside: Sequence[Extension] = (),
) -> None:
    """Copy the Python sources to `target` and compile the kernel, and what goes `beside` it, next to them."""
    shutil.copytree(
        "service/rackrate",
        target / "rackrate",
        ignore=shutil.ignore_patterns("*.so", "__pycache__"),
        dirs_exist_ok=True,
    )
    distribution = Distribution()
    distribution.parse_config_files()
    options = distribution.get_option_dict("build_ext")
    usual = options["cython_directives"][1]
    options["cython_directives"] = ("checked", {**usual, **directives})
    options["cython_c_in_temp"] = ("checked", "1")
    baseline = [extension for extension in distribution.ext_modules if not extension.optional]
    distribution.ext_modules = [*baseline, *beside]
    for extension in distribution.ext_modules:
        extension.extra_compile_args = [*extension.extra_compile_args, "-O1", *flags]
        extension.extra_link_args = [*extension.extra_link_args, *flags]
    command = distribution.get_command_obj("build_ext")
    command.build_lib, command.build_temp = str(target), str(target / "objects")
    command.parallel = len(os.sched_getaffinity(0))
    distribution.run_command("build_ext")


if __name__ == "__main__":
    build(Path(sys.argv[1]))
