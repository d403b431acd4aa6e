"""What schemathesis is told of bodies of lines: each is sent as the text it is, with a deal behind it."""

from pathlib import Path

import schemathesis

EXAMPLES = Path(__file__).parents[2] / "service/rackrate/deal/examples"
DEAL = (EXAMPLES / "powered-shell-leasehold.json").read_bytes().replace(b"\n", b" ")


@schemathesis.serializer("application/x-ndjson", "application/ndjson")
def lines(_: schemathesis.SerializationContext, value: object) -> bytes:
    """Lines that mean nothing, and one that does."""
    return str(value).encode("utf-8", "surrogatepass") + b"\n" + DEAL
