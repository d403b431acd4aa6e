"""Idempotency keys: one key is claimed by one request, and refused with another."""

# Design: an answer is a function of its request, so that sending it again is safe without any key. What a key
# adds is the client's own check: the same key, the same request. Only that is kept, and checked.

import hashlib
import re

from rackrate.analyses.problems import CONFLICT, MALFORMED, Problem
from rackrate.api.cache.keys import entry
from rackrate.api.compute.dispatcher import Dispatcher

KEY = re.compile(r"[\x21-\x7e]{1,255}")


async def claim_key(dispatcher: Dispatcher, key: str, client: str, sent: bytes) -> None:
    """Claim an idempotency key for a request.

    Raises
    ------
    Problem
        400 for a key that is none, 409 for one that was sent with anything else.
    """
    if not KEY.fullmatch(key):
        raise Problem(MALFORMED, "Idempotency-Key must be 1 to 255 visible characters.")
    place = entry(client, "idempotency", hashlib.sha256(key.encode()).hexdigest())
    if await dispatcher.results.claim(place, sent) != sent:
        raise Problem(CONFLICT, "This Idempotency-Key was sent before with another request.")
