"""The wheel that `make dist` built, installed where nothing else is, and used there.

Run by `make dist`, which builds it of the sdist.
"""

import json
import os
import re
import subprocess
import tarfile
import venv
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.conftest import EXAMPLES, ROOT, Service

import rackrate

WHEEL, SDIST = (next((ROOT / "dist").glob(pattern), Path()) for pattern in ("*.whl", "*.tar.gz"))
DEAL = EXAMPLES / "powered-shell-leasehold.json"
UNDERWRITES = """
import sys, pathlib, rackrate
answer = rackrate.underwrite(pathlib.Path(sys.argv[1]))
assert rackrate.__file__.startswith(sys.prefix)
assert not {"litestar", "redis", "uvicorn"} & sys.modules.keys()
print(answer.id, answer.summary.principal)
"""
ASKS = """
import sys, pathlib
from rackrate.client import Client, Invalid
with Client(sys.argv[2]) as client:
    answer = client.underwrite(pathlib.Path(sys.argv[1]))
    try:
        client.underwrite({"name": "x"})
    except Invalid as refusal:
        assert refusal.errors
assert not {"litestar", "redis", "numpy", "rackrate.kernel"} & sys.modules.keys()
print(answer.id, answer.summary.principal)
"""


def python_of(folder: Path, extra: str) -> Path:
    """An environment with the wheel and one extra, of the versions that are tested."""
    venv.create(folder, with_pip=True)
    pins = re.findall(r"^(\S+==\S+.*?) \\$", (ROOT / "locks/test.txt").read_text(), flags=re.MULTILINE)
    (folder / "pins.txt").write_text("\n".join(pins))
    pip = [folder / "bin/python", "-m", "pip", "--disable-pip-version-check", "-qq", "install"]
    subprocess.run([*pip, "-c", folder / "pins.txt", f"{WHEEL}{extra}"], check=True, timeout=300)
    return folder / "bin/python"


def printed(*command: str | Path) -> str:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "RACKRATE"))}
    done = subprocess.run(
        list(map(str, command)), cwd="/", env=clean, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return python_of(tmp_path_factory.mktemp("bare"), "")


@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return python_of(tmp_path_factory.mktemp("asking"), "[client]")


def test_the_wheel_alone_underwrites_in_process_and_at_the_command_line(bare: Path) -> None:
    answer = rackrate.underwrite(DEAL)
    expected = f"{answer.id} {answer.summary.principal}\n"
    assert printed(bare, "-I", "-c", UNDERWRITES, DEAL) == expected
    told = json.loads(printed(bare.with_name("rackrate"), "underwrite", DEAL, "--json"))
    assert (told["id"], told["summary"]["principal"]) == (answer.id, answer.summary.principal)


def test_the_wheel_alone_does_not_serve_and_names_the_extra_that_does(bare: Path) -> None:
    command = [bare.with_name("rackrate"), "serve"]
    done = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False)
    assert (done.returncode, "pip install 'rackrate[server]'" in done.stderr) == (2, True)


def test_the_client_asks_without_the_server_installed(
    asking: Path, start_service: Callable[..., Service]
) -> None:
    absent = printed(asking, "-m", "pip", "list", "--format", "freeze").lower()
    assert not re.search("^(litestar|redis|uvicorn|zstandard)==", absent, flags=re.MULTILINE)
    answer = rackrate.underwrite(DEAL)
    expected = f"{answer.id} {answer.summary.principal}\n"
    assert printed(asking, "-I", "-c", ASKS, DEAL, start_service().url) == expected


def test_the_wheel_has_the_kernel_and_no_source_and_the_sdist_all_that_builds_it() -> None:
    with zipfile.ZipFile(WHEEL) as wheel:
        names = wheel.namelist()
    built = {name.split("/")[-1].partition(".")[0] for name in names if name.endswith(".so")}
    assert {"_waterfall", "_leases", "_sizing"} <= built
    assert not [name for name in names if name.endswith((".pyx", ".c")) or name.startswith("tests")]
    with tarfile.open(SDIST) as sdist:
        held = {name.partition("/")[2] for name in sdist.getnames()}
    sources = {
        str(file.relative_to(ROOT)) for kind in ("*.pyx", "*.pxd") for file in (ROOT / "ext").rglob(kind)
    }
    assert sources <= held
