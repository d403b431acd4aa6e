"""Key: a new API key, and what the API keys file needs to know of it."""

import hashlib
import secrets

import msgspec

from rackrate.api.auth.api_keys import PREFIX
from rackrate.api.auth.client import SCOPES


def make_key(client: str) -> None:
    """Print a new API key once, and what the API keys file needs to know of it."""
    id_ = secrets.token_hex(4)
    key = f"{PREFIX}{id_}_{secrets.token_urlsafe(32)}"
    digest = hashlib.sha256(key.encode()).hexdigest()
    entry = {"client": client, "id": id_, "sha256": digest, "scopes": list(SCOPES)}
    print(f"# give to the client, it is not kept: {key}\n[[key]]")
    for name, value in entry.items():
        print(f"{name} = {msgspec.json.encode(value).decode()}")
