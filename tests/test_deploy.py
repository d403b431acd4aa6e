"""What deploys the service: a read-only container has what it needs, and secrets stay where they are."""

from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
SERVICES = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text())["services"]


def test_the_container_is_read_only_but_for_its_temporary_files() -> None:
    service = SERVICES["rackrate"]
    assert service["read_only"]
    assert "/tmp" in service["tmpfs"]


def test_bases_are_pinned_to_a_release() -> None:
    base = (ROOT / "deploy/Dockerfile").read_text().splitlines()[1]
    images = [base.partition("=")[2], SERVICES["redis"]["image"]]
    for image in images:
        version = image.partition(":")[2].partition("-")[0]
        assert version.count(".") == 2, image


def test_secrets_stay_out_of_the_image_and_the_repository() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert "*" in ignored
    assert not [line for line in ignored if line.startswith("!") and "secrets" in line]
    assert "secrets/" in (ROOT / "deploy/.gitignore").read_text()
