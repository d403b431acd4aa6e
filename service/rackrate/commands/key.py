"""Key: a new API key, and what the API keys file needs to know of it."""

import hashlib
import secrets
import sys

import msgspec

from rackrate.api.auth.api_keys import PREFIX, Key
from rackrate.api.auth.client import SCOPES


def make_key(client: str) -> int:
    """Print a new API key once, and its entry for the API keys file; 2 where the file would refuse it."""
    id_ = secrets.token_hex(4)
    key = f"{PREFIX}{id_}_{secrets.token_urlsafe(32)}"
    digest = hashlib.sha256(key.encode()).hexdigest()
    entry = {"client": client, "id": id_, "sha256": digest, "scopes": list(SCOPES)}
    try:
        msgspec.convert(entry, Key)
    except msgspec.ValidationError as error:
        print(f"{client!r} cannot be a client: {error}", file=sys.stderr)
        return 2
    print(f"# give to the client, it is not kept: {key}\n[[key]]")
    for name, value in entry.items():
        print(f"{name} = {msgspec.json.encode(value).decode()}")
    return 0
