"""What is installed: pinned by hash, as pyproject.toml allows, under licences that are allowed."""

import re
import subprocess
import sys
import tomllib
from importlib.metadata import version

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.version import Version
from tests.conftest import ROOT

PIN = re.compile(
    r"^([a-z0-9-]+)==(\S+)(?: ; ([^\\]+?))? \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", re.MULTILINE
)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
EXTRAS = PROJECT["project"]["optional-dependencies"]
SERVED = ("server", "memo", "xlsx")
TESTED = (*SERVED, "client", "arrow", "docs", "test", "otel")
ASKED = {
    "run": [line for extra in SERVED for line in EXTRAS[extra]] + PROJECT["project"]["dependencies"],
    "build": PROJECT["build-system"]["requires"],
    "test": [
        *PROJECT["project"]["dependencies"],
        *PROJECT["build-system"]["requires"],
        *(line for extra in TESTED for line in EXTRAS[extra]),
    ],
}


def pins(part: str) -> dict[str, str]:
    """Versions by package, of what this platform and Python install."""
    found = PIN.findall((ROOT / f"locks/{part}.txt").read_text())
    return {name: pin for name, pin, marker, _ in found if not marker or Marker(marker).evaluate()}


@pytest.mark.parametrize("part", ASKED)
def test_a_lock_has_nothing_but_pins_with_their_hashes_and_no_address(part: str) -> None:
    text = (ROOT / f"locks/{part}.txt").read_text()
    assert re.sub(r"#.*\n", "", PIN.sub("", text)) == ""
    assert "://" not in text


@pytest.mark.parametrize("part", ASKED)
def test_a_lock_pins_all_that_is_asked_for_as_it_is_allowed_and_that_is_installed(part: str) -> None:
    """Where this fails, `make lock` has not been run since a dependency was added."""
    pinned = pins(part)
    for line in ASKED[part]:
        asked = Requirement(line)
        name = asked.name.lower().replace("_", "-")
        assert name in pinned, f"{name}: run `make lock`"
        assert asked.specifier.contains(pinned[name], prereleases=True), f"{name}: run `make lock`"
    assert {name: version(name) for name in pinned} == pinned


def test_one_version_of_a_package_is_tested_and_shipped() -> None:
    tested = pins("test")
    assert {
        name: pin for part in ("run", "build") for name, pin in pins(part).items()
    }.items() <= tested.items()


def test_every_python_that_is_allowed_has_a_pin_of_the_newest_numpy_it_can_have() -> None:
    found = [
        (Version(pin), marker)
        for name, pin, marker, _ in PIN.findall((ROOT / "locks/run.txt").read_text())
        if name == "numpy"
    ]
    for python in ("3.11.2", "3.12.0", "3.14.0"):
        minor = ".".join(python.split(".")[:2])
        here = {"python_full_version": python, "python_version": minor}
        assert sum(not marker or Marker(marker).evaluate(here) for _, marker in found) == 1


def test_image_and_checks_install_by_hash_alone() -> None:
    """What is not is the project's own wheel, without its dependencies and without an index."""
    for file in ("Makefile", "deploy/Dockerfile"):
        text = (ROOT / file).read_text().replace("\\\n", " ")
        installs = [each for each in re.split(r"\n|&&", text) if re.search(r"pip install|\$\(PIP\) ", each)]
        shipped = [each for each in installs if "NEEDS" not in each]
        by_hash = [each for each in shipped if "--require-hashes" in each and "-r locks/" in each]
        assert len(by_hash) >= 2
        assert all("--no-index --no-deps" in each for each in shipped if each not in by_hash)


def test_every_licence_is_allowed_and_listed() -> None:
    told = subprocess.run(
        [sys.executable, ".ci/licences"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (told.returncode, told.stderr) == (0, "")
    missing = set(told.stdout.splitlines()) - set((ROOT / "docs/licences.md").read_text().splitlines())
    assert not missing, "run `make licences`"
