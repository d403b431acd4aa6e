"""The image of deploy/Dockerfile, run as production would: no rights, read-only, within limits."""

# Design: run by `make image`, which builds it; podman with runc runs it, whose namespaces, limits and
# read-only root are those of an engine.

import json
import re
import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest
from tests.conftest import EXAMPLES, ROOT, free_port, until

BUILT = ROOT / "build/image"
PODMAN = [
    "podman", "--storage-driver", "vfs", "--root", str(BUILT / "storage"), "--runroot", str(BUILT / "run"),
    "--cgroup-manager", "cgroupfs", "--runtime", "runc",
]  # fmt: skip
IMAGE, NAME, USER = "localhost/rackrate:ci", "rackrate-ci", 10001
LIMITS = (
    "--read-only", "--tmpfs", "/tmp", "--cap-drop", "all", "--security-opt", "no-new-privileges",
    "--memory", "512m", "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024",
)  # fmt: skip
DEAL = (EXAMPLES / "hyperscale-single-tenant.json").read_bytes()


def podman(*arguments: str, succeeds: bool = True) -> str:
    """What podman prints; the command must succeed, or fail where it is to."""
    done = subprocess.run([*PODMAN, *arguments], text=True, capture_output=True, timeout=120, check=False)
    assert (done.returncode == 0) == succeeds, done.stdout + done.stderr
    return done.stdout


def in_container(*command: str, succeeds: bool = True) -> str:
    return podman("exec", NAME, *command, succeeds=succeeds)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """The container, with a key of its own; a client with that key."""
    secrets = tmp_path_factory.mktemp("secrets")
    made = subprocess.run(
        [sys.executable, "-m", "rackrate", "key", "ci"], text=True, capture_output=True, check=True
    ).stdout
    (secrets / "api_keys.toml").write_text(made)
    for path in (secrets.parent, secrets):
        path.chmod(0o755)
    port, key = free_port(), made.splitlines()[0].rpartition(" ")[2]
    podman("rm", "--force", "--ignore", NAME)
    environment = {
        "RACKRATE_API_KEYS_FILE": "/run/secrets/api_keys.toml",
        "RACKRATE_PORT": port,
        "RACKRATE_HOST": "127.0.0.1",
    }
    given = [part for name, value in environment.items() for part in ("--env", f"{name}={value}")]
    beside = ("--pull", "never", "--network", "host", "--volume", f"{secrets}:/run/secrets:ro")
    podman("run", "--detach", "--name", NAME, *beside, *LIMITS, *given, IMAGE)
    with httpx.Client(
        base_url=f"http://127.0.0.1:{port}", headers={"Authorization": f"Bearer {key}"}
    ) as http:

        def ready() -> bool:
            try:
                return http.get("/health/ready").status_code == 200
            except httpx.TransportError:
                return False

        try:
            until(ready, "the container")
            yield http
        finally:
            podman("rm", "--force", "--time", "0", NAME)


def test_it_answers_whom_it_knows_on_a_read_only_root_without_rights(service: httpx.Client) -> None:
    sent = {"content": DEAL, "headers": {"Content-Type": "application/json"}}
    assert service.post("/v1/underwritings?fields=summary", **sent).status_code == 200
    stranger = httpx.post(f"{service.base_url}/v1/underwritings", **sent)
    assert stranger.status_code == 401
    in_container("touch", "/anything", succeeds=False)
    assert in_container("id", "-u").strip() == str(USER)
    status = in_container("cat", "/proc/1/status")
    held = dict(line.split(":\t") for line in status.splitlines() if line.startswith(("Cap", "NoNewPrivs")))
    assert {int(value, 16) for name, value in held.items() if name != "NoNewPrivs"} == {0}
    assert held["NoNewPrivs"] == "1"


def test_its_health_is_asked_as_the_image_says(service: httpx.Client) -> None:
    podman("healthcheck", "run", NAME)


@pytest.mark.parametrize("tool", ["gcc", "cc", "c++", "make", "pip", "wget", "curl"])
def test_nothing_that_compiles_or_fetches_is_in_it(service: httpx.Client, tool: str) -> None:
    in_container("sh", "-c", f"command -v {tool}", succeeds=False)


def test_a_memo_is_made_in_it(service: httpx.Client) -> None:
    answer = service.post("/v1/underwritings", content=DEAL, headers={"Content-Type": "application/json"})
    memo = service.get(f"/v1/underwritings/{answer.json()['id']}/memo", timeout=60)
    assert memo.status_code == 200
    assert memo.content.startswith(b"%PDF")


def test_what_is_in_it_is_written_down() -> None:
    """CycloneDX, of Python's packages; of Debian's, names and versions."""
    bill = json.loads((BUILT / "sbom.json").read_text())
    named = {part["name"]: part["version"] for part in bill["components"]}
    assert named.keys() >= {"litestar", "numpy", "msgspec", "rackrate"}
    pinned = (ROOT / "locks/run.txt").read_text()
    unpinned = [name for name, version in named.items() if f"\n{_normal(name)}=={version} " not in pinned]
    assert unpinned == ["rackrate"]
    packages = (BUILT / "packages.txt").read_text().splitlines()
    assert any(line.startswith("python3.11-minimal\t") for line in packages)
    assert not any(line.startswith(("gcc\t", "python3-dev\t")) for line in packages)


def _normal(name: str) -> str:
    """A package's name as locks write it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def test_it_stops_when_told_to_with_nothing_lost(service: httpx.Client) -> None:
    podman("stop", "--time", "30", NAME)
    state = json.loads(podman("inspect", NAME))[0]["State"]
    assert state["ExitCode"] == 0
