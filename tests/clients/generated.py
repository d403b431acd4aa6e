"""The contract in the hands of public tools: each generated client posts the shipped deals and reads them."""

# Design: run by `make clients`, which installs the tools, and not with the other tests, which need no network
# at their first run. What is generated lies in build/clients; the service and each tool are real processes.

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.conftest import EXAMPLES, ROOT, Service
from tests.guides.blocks import ADDRESS, blocks_of

HERE, BUILT = Path(__file__).parent, ROOT / "build/clients"
TOOLS = {"PATH": f"{BUILT / 'venv/bin'}:{BUILT / 'npm/node_modules/.bin'}:{os.environ['PATH']}"}
QUIET = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}
GO = {
    "GO111MODULE": "off",  # what Debian packages, and nothing from elsewhere
    "GOPATH": f"{BUILT / 'go'}:/usr/share/gocode",
    "GOCACHE": str(BUILT / "go-cache"),
}
PYTHON = (BUILT / "venv/bin/python", "-W", "error")
CONTRACT = str(ROOT / "openapi.yaml")
DEALS = sorted(EXAMPLES.glob("*.json"))


def run(*command: str | Path, given: str | None = None, **environment: str) -> str:
    """What a command prints; it must succeed."""
    done = subprocess.run(
        list(map(str, command)),
        cwd=BUILT,
        env=os.environ | TOOLS | QUIET | GO | environment,
        input=given,
        text=True,
        capture_output=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def emptied(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    running = Service(tmp_path_factory.mktemp("service"))
    yield running
    running.stop(signal.SIGKILL)


def asks_well(service: Service, *command: str | Path, **environment: str) -> None:
    """Run a client on each shipped deal; what it reads is what the service says, to the last bit."""
    for deal in DEALS:
        summary = service.http.post("/v1/underwritings", json=json.loads(deal.read_bytes())).json()["summary"]
        told = run(*command, service.url, deal, **environment)
        expected = [summary["principal"], summary["dscr"]["closing"]]
        assert [json.loads(line) for line in told.splitlines()] == [expected, expected], deal.name


def patterns() -> list[str]:
    def found(node: Any) -> Iterator[str]:
        if isinstance(node, dict) and isinstance(node.get("pattern"), str):
            yield node["pattern"]
        for item in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
            yield from found(item)

    return sorted(set(found(yaml.safe_load(Path(CONTRACT).read_text()))))


def test_redocly_finds_nothing_to_say_of_the_contract_and_its_examples() -> None:
    told = json.loads(run("redocly", "lint", CONTRACT, "--extends", "recommended", "--format", "json"))
    assert told["totals"] == {"errors": 0, "warnings": 0, "ignored": 0}, told["problems"]


def test_every_pattern_compiles_in_re2_and_as_that_of_an_html_field() -> None:
    assert len(patterns()) == 4
    run("go", "run", HERE / "patterns.go", given="\n".join(patterns()))
    for pattern in patterns():
        run("node", "--eval", "new RegExp(process.argv[1], 'v')", pattern)


def test_the_client_of_openapi_python_client_asks_well(service: Service) -> None:
    folder = emptied(BUILT / "attrs")
    place = ["--path", CONTRACT, "--output-path", folder / "rackrate_attrs", "--meta", "none"]
    settings = ["--config", HERE / "openapi-python-client.yaml", "--fail-on-warning"]
    run("openapi-python-client", "generate", *place, *settings)
    asks_well(service, *PYTHON, HERE / "ask_attrs.py", PYTHONPATH=str(folder))


def test_the_models_of_datamodel_code_generator_ask_well(service: Service) -> None:
    folder = emptied(BUILT / "pydantic")
    place = ["--input", CONTRACT, "--output", folder / "rackrate_pydantic.py", "--input-file-type", "openapi"]
    settings = ["--output-model-type", "pydantic_v2.BaseModel", "--formatters", "builtin"]
    run("datamodel-codegen", *place, *settings)
    asks_well(service, *PYTHON, HERE / "ask_pydantic.py", PYTHONPATH=str(folder))


def test_the_types_of_openapi_typescript_compile_strictly_and_ask_well(service: Service) -> None:
    folder = BUILT / "npm"
    run("openapi-typescript", CONTRACT, "--output", folder / "rackrate.d.ts")
    for file in ("ask.ts", "tsconfig.json"):
        shutil.copy(HERE / file, folder)
    run("tsc", "--project", folder)
    asks_well(service, "node", folder / "ask.js")


def test_the_typescript_of_the_recipes_compiles_strictly_and_asks_as_it_stands(service: Service) -> None:
    folder = BUILT / "npm/recipe"
    emptied(folder)
    (block,) = blocks_of("docs/recipes.md", "typescript")
    assert ADDRESS in block.text
    (folder / "recipe.ts").write_text(block.text.replace(ADDRESS, service.url))
    run("openapi-typescript", CONTRACT, "--output", folder / "rackrate.d.ts")
    settings = json.loads((HERE / "tsconfig.json").read_text()) | {"files": ["recipe.ts"]}
    (folder / "tsconfig.json").write_text(json.dumps(settings))
    run("tsc", "--project", folder)
    deal = EXAMPLES / "hyperscale-single-tenant.json"
    shutil.copy(deal, BUILT / "deal.json")
    first, *notes = run("node", folder / "recipe.js").splitlines()
    answer = service.http.post("/v1/underwritings", json=json.loads(deal.read_bytes())).json()
    assert first == f"min_debt_yield {answer['summary']['principal']}"
    assert [line.split()[0] for line in notes] == [note["name"] for note in answer["tranches"]]


def test_the_go_client_of_openapi_generator_asks_well(service: Service) -> None:
    sources = emptied(BUILT / "go/src")
    place = ["--input-spec", CONTRACT, "--output", sources / "rackrate"]
    settings = ["--additional-properties", "packageName=rackrate,withGoMod=false"]
    settings += ["--global-property", "models,apis,supportingFiles,apiTests=false,modelTests=false"]
    run("openapi-generator-cli", "generate", "--generator-name", "go", *place, *settings)
    (sources / "ask").mkdir()
    shutil.copy(HERE / "ask.go", sources / "ask")
    run("go", "build", "-o", BUILT / "go/ask", "ask")
    asks_well(service, BUILT / "go/ask")
