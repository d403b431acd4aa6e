"""The kernel's sources: what each is built from, and names that C and Python share."""

import re
import tomllib
from pathlib import Path

from rackrate.kernel import records

ROOT = Path(__file__).parents[2]
EXT = ROOT / "ext"


def needs(path):
    """Files of ext/ that a source cimports or includes, folders' __init__.pxd with them."""
    text = path.read_text()
    names = re.findall(r"^from ([\w.]+) cimport", text, re.M)
    names += [".".join(pair) for pair in re.findall(r"^from (\w+) cimport (\w+)$", text, re.M)]
    found = {EXT / f"{name.replace('.', '/')}.pxd" for name in names}
    found |= {file.parent / "__init__.pxd" for file in found}
    found |= {EXT / name for name in re.findall(r'^include "([^"]+)"', text, re.M)}
    return {file for file in found if file.exists()}


def all_needs(path):
    """Those, and what they need in turn."""
    found, todo = set(), [path]
    while todo:
        new = needs(todo.pop()) - found
        found |= new
        todo += new
    return found


def test_a_source_is_built_again_when_anything_it_is_made_of_changes():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    extensions = settings["tool"]["setuptools"]["ext-modules"]
    built = {file for each in extensions for file in each["sources"]}
    assert built == {f"ext/{path.name}" for path in EXT.glob("*.pyx")}
    for extension in extensions:
        (source,) = extension["sources"]
        made_of = {file.relative_to(ROOT).as_posix() for file in all_needs(ROOT / source)}
        assert set(extension["depends"]) == made_of, source


def test_every_header_is_of_use():
    used = set().union(*(all_needs(source) for source in EXT.glob("*.pyx"))) - set(EXT.glob("*.pyx"))
    assert set(EXT.rglob("*.pxd")) == used


def test_the_named_values_of_records_are_the_same_in_c_and_in_python():
    text = re.sub(r"#.*", "", (EXT / "records.pxd").read_text())
    enums = re.findall(r"^cdef enum:\s*\n((?:    .+\n)+)", text, re.M)
    assert len(enums) == 15
    for members in enums:
        names = re.findall(r"\w+", members)
        assert [getattr(records, name) for name in names] == list(range(len(names)))
