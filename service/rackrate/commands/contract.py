"""`rackrate contract`: print `openapi.yaml`."""

import sys

from rackrate.api.cache.memory import MemoryResults
from rackrate.api.openapi.document import as_yaml
from rackrate.app import create_app
from rackrate.settings import Settings


def print_contract() -> None:
    """Print the OpenAPI document of every route as YAML."""
    sys.stdout.write(as_yaml(create_app(Settings(), MemoryResults(1))))
