"""The deal: requests and answers as frozen Structs, units, local invariants."""

from pathlib import Path

EXAMPLES = Path(__file__).parent / "examples"
"""Folder of the deals that are shipped, each a request in JSON."""
