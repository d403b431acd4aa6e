"""Requests as values: method, path, query, headers, body, and how the response is decoded; none is sent."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Generic, TypeVar
from urllib.parse import quote

import msgspec

from rackrate.client.problems import BrokenAnswerError
from rackrate.deal.codec.encode import Document, encode
from rackrate.deal.codec.media_types import JSON, MSGPACK

Answer = TypeVar("Answer")
Request = msgspec.Struct | Document
MEDIA = {"json": JSON, "msgpack": MSGPACK}


class Call(msgspec.Struct, Generic[Answer], frozen=True):
    """One HTTP request, the same at every attempt, and how its response is decoded."""

    method: str
    path: str
    read: Callable[[bytes], Answer]
    params: dict[str, str] = {}
    headers: dict[str, str] = {}
    content: bytes = b""

    @property
    def resource(self) -> str:
        """Cache key of the request: path, query, Accept."""
        return " ".join([self.path, *map("=".join, self.params.items()), self.headers.get("Accept", "")])


@cache
def reader(kind: Any) -> Callable[[bytes], Any]:
    """Return the function that decodes MessagePack as a kind of Struct."""
    decoder = msgspec.msgpack.Decoder(kind)

    def read(content: bytes) -> Any:
        try:
            return decoder.decode(content)
        except msgspec.DecodeError as fault:
            raise BrokenAnswerError(f"the answer is no {kind.__name__}: {fault}") from None

    return read


def parts_reader(kind: type[msgspec.Struct]) -> Callable[[bytes], dict[str, Any]]:
    """Return the function that decodes parts of an answer, each as the Struct it is in the whole."""
    kinds = {field.encode_name: field.type for field in msgspec.structs.fields(kind)}

    def read(content: bytes) -> dict[str, Any]:
        try:
            parts = msgspec.msgpack.decode(content, type=dict[str, msgspec.Raw])
            return {name: msgspec.msgpack.decode(part, type=kinds[name]) for name, part in parts.items()}
        except (msgspec.DecodeError, KeyError) as fault:
            raise BrokenAnswerError(f"the answer has no parts of a {kind.__name__}: {fault}") from None

    return read


def post(
    path: str, request: Request, read: Callable[[bytes], Answer], params: Mapping[str, str] | None = None
) -> Call[Answer]:
    """Make a POST; its idempotency key is made once, and is that of every attempt."""
    content, media = encode(request)
    headers = {"Content-Type": MEDIA[media], "Accept": MSGPACK, "Idempotency-Key": uuid.uuid4().hex}
    return Call("POST", path, read, dict(params or {}), headers, content)


def get(path: str, read: Callable[[bytes], Answer], params: Mapping[str, str] | None = None) -> Call[Answer]:
    """Make a GET."""
    return Call("GET", path, read, dict(params or {}), {"Accept": MSGPACK})


def view(fields: Sequence[str], detail: str = "deal") -> dict[str, str]:
    """Return the query parameters for parts of an answer, or for more detail.

    >>> view(["summary", "tests"]), view([], "facility")
    ({'fields': 'summary,tests'}, {'detail': 'facility'})
    """
    asked = {"fields": ",".join(fields)} if fields else {}
    return asked | ({"detail": detail} if detail != "deal" else {})


def under(path: str, name: str) -> str:
    """Return the path of a named resource, the name percent-encoded, so that it cannot lead elsewhere.

    >>> under("/v1/underwritings", "00ff/../x")
    '/v1/underwritings/00ff%2F..%2Fx'
    """
    return f"{path}/{quote(name, safe='')}"
