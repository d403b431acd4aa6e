"""Mutations: bodies made from good ones by the faults that senders, networks and attackers make."""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

import rackrate.deal
from rackrate.analyses.registry import COMPARE, SENSITIVITY, SIZE, UNDERWRITE, WATERFALL, Analysis
from rackrate.deal.codec.decode import Media

EXAMPLES = Path(rackrate.deal.__file__).parent / "examples"
CORPUS = Path(__file__).parent / "corpus"
ABSENT = object()
WORDS = [
    *(b"NaN", b"-Infinity", b"1e400", b"-0.0", b"1e-400", b"99999999999999999999", b"0x10", b"01"),
    *(b"null", b"true", b'""', b'"nan"', b"[]", b"{}", b"[[[[[[[[", b'{"a":{"a":', b"\\ud800", b"\\u0000"),
    *(b"\x00", b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xef\xbb\xbf", b'"', b"\\", b",", b":", b"}", b"]"),
    *(
        b"\xc1",
        b"\xdf\xff\xff\xff\xff",
        b"\xdd\x7f\xff\xff\xff",
        b"\xdb\x00\x00\xff\xff",
        b"\xcb\x7f\xf8" + bytes(6),
    ),
]
VALUES: list[Any] = [
    *(None, True, False, "", "nan", "x" * 300, "\x00", "\u202e", [], {}, [None], {"kind": "level"}, ABSENT),
    *(0, -0.0, -1, 1, 0.5, 1.0, 1.5, 12, 13, 600, 601, 1e-300, 1e13, 1.1e13, 1e308, 2**31, 2**63, 2**64),
    *("2026-12-31", "9999-12-31", "0001-01-01", "2027-02-29", [["2027-01-01", 1.0]], [["2027-01-01", -1e9]]),
]
Body = tuple[Analysis, Media, bytes]


def originals() -> list[tuple[Analysis, Any]]:
    """Every shipped request, and small ones of the kinds that have no file."""
    deal = json.loads((EXAMPLES / "gpu-compute-loan.json").read_bytes())
    deals = [(UNDERWRITE, json.loads(path.read_bytes())) for path in sorted(EXAMPLES.glob("*.json"))]
    own = [
        (analysis, json.loads((EXAMPLES / "own" / f"{analysis.name}.json").read_bytes()))
        for analysis in (SIZE, WATERFALL)
    ]
    tornado = [{"adjustment": "rent_haircut", "low": 0, "high": 0.1}]
    others = [(COMPARE, {"deal": deal, "templates": []}), (SENSITIVITY, {"deal": deal, "tornado": tornado})]
    return [*own * 4, *deals, *others]


def bodies(seed: int, count: int) -> Iterator[Body]:
    """`count` bodies, the same for the same seed: a third changed as documents, the others as bytes too."""
    chance, sources = random.Random(seed), originals()
    corpus = [path.read_bytes() for path in sorted(CORPUS.iterdir())]
    for _ in range(count):
        analysis, document = chance.choice(sources)
        media: Media = chance.choice(("json", "msgpack"))
        for _ in range(chance.randint(0, 3)):
            document = changed(chance, document)
        body = written(None if document is ABSENT else document, media)
        for _ in range(chance.choice((0, 1, 1, 2, 8))):
            body = damaged(chance, body, corpus)
        yield analysis, media, body


def written(document: Any, media: Media) -> bytes:
    """The document as a body."""
    if media == "json":
        return json.dumps(document, ensure_ascii=False).encode()
    try:
        return msgspec.msgpack.encode(document)
    except OverflowError:  # MessagePack has no number as large
        return msgspec.msgpack.encode(float("inf"))


def changed(chance: random.Random, node: Any) -> Any:
    """A copy of a document with one value somewhere in it replaced, removed or repeated."""
    if node is ABSENT or not node or not isinstance(node, dict | list) or chance.random() < 0.02:
        value = chance.choice(VALUES)
        return node * chance.uniform(0.0, 2.0) if _scales(chance, node) else value
    copy: Any = dict(node) if isinstance(node, dict) else list(node)
    place = chance.choice(list(copy) if isinstance(copy, dict) else range(len(copy)))
    copy[place] = changed(chance, copy[place])
    if copy[place] is ABSENT:
        del copy[place]
    elif chance.random() < 0.05:
        copy = {**copy, str(place) + "s": 1} if isinstance(copy, dict) else copy * chance.choice((2, 2, 50))
    return copy


def _scales(chance: random.Random, node: Any) -> bool:
    """Whether to try a nearby number instead of a strange value."""
    return isinstance(node, int | float) and not isinstance(node, bool) and chance.random() < 0.5


def damaged(chance: random.Random, body: bytes, corpus: list[bytes]) -> bytes:
    """A copy of a body with bytes flipped, lost, doubled, put in, or taken from a body of the corpus."""
    at, size = chance.randint(0, len(body)), chance.choice((1, 1, 2, 4, 16, 200))
    match chance.randint(0, 6):
        case 0 if at < len(body):
            return body[:at] + bytes([body[at] ^ 1 << chance.randint(0, 7)]) + body[at + 1 :]
        case 1:
            return body[:at] + body[at + size :]
        case 2:
            return body[: at + size] + body[at:]
        case 3:
            return body[:at]
        case 4:
            return body[:at] + chance.choice(WORDS) * chance.choice((1, 1, 1, 40)) + body[at:]
        case 5:
            return body[:at] + chance.choice(WORDS) + body[at + size :]
        case _:
            other = chance.choice(corpus)
            start = chance.randint(0, len(other))
            return body[:at] + other[start : start + size] + body[at:]
