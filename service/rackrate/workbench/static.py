"""Static files of the workbench: what there is, as it is sent, under a name that changes with any of it."""

# Design: every file hangs under one digest of them all, so that each can be kept for ever and a page never
# mixes two versions; modules name each other by relative path and need no rewriting. Only what the folder
# holds when it is first asked is served: a path is a key of a table, never joined to a folder.

import gzip
import hashlib
import json
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import msgspec

MEDIA = {
    "css": "text/css",
    "html": "text/html",
    "js": "text/javascript",
    "json": "application/json",
    "svg": "image/svg+xml",
    "woff2": "font/woff2",
}
PACKED = {"woff2"}  # compressed already
AT = "/workbench"
VERSION = b"{{version}}"  # in a page: where the files of this version lie
PRELOAD = b"{{preload}}"  # in a page: a link to each module, so that they come at once and not in turns
SHOWN = (
    "examples",
    "examples/published",
    "examples/pools",
)  # folders of deals and pools; the others hold other requests
LATER = {"docs.js", "vendor/echarts.js", "vendor/swagger-ui.js"}


class File(msgspec.Struct, frozen=True):
    """One file as it is sent, plain and compressed."""

    media: str
    content: bytes
    gzipped: bytes | None


@cache
def files_by_path() -> dict[str, bytes]:
    """Read every file of the workbench and every shipped deal, by path."""
    found = dict(_walk(files("rackrate.workbench"), ""))
    deals = {f"examples/{name}": content for name, content in _walk(files("rackrate.deal") / "examples", "")}
    shipped = {path: deal for path, deal in deals.items() if path.rpartition("/")[0] in SHOWN}
    return found | shipped | {"examples.json": json.dumps(list(map(_described, shipped.items()))).encode()}


def _walk(folder: Traversable, at: str) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for item in sorted(folder.iterdir(), key=lambda item: item.name):
        if item.is_dir():
            found += _walk(item, f"{at}{item.name}/")
        elif item.name.rpartition(".")[2] in MEDIA:
            found.append((at + item.name, item.read_bytes()))
    return found


def _described(shipped: tuple[str, bytes]) -> dict[str, Any]:
    """Say of a shipped deal what a list of deals shows."""
    path, deal = shipped[0], json.loads(shipped[1])
    classes = len((deal.get("structure") or {}).get("classes", []))
    for kind in ("loans", "ground_leases"):
        if deal.get(kind):
            return {"path": path, "name": deal["name"], kind: len(deal[kind]), "classes": classes}
    return {
        "path": path,
        "name": deal["name"],
        "kw": sum(facility["capacity_kw"] for facility in deal["facilities"]),
        "tenants": len(deal["tenants"]),
        "classes": classes,
    }


@cache
def version() -> str:
    """Name this state of all files."""
    digest = hashlib.sha256()
    for path, content in sorted(files_by_path().items()):
        digest.update(f"{path}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:16]


@cache
def file(path: str) -> File | None:
    """Find a file by its path; None where there is none.

    >>> file("app.js").media, file("../app.py")
    ('text/javascript', None)
    """
    content, kind = files_by_path().get(path), path.rpartition(".")[2]
    if content is None:
        return None
    if kind == "html":
        content = content.replace(PRELOAD, _preloads().encode()).replace(
            VERSION, f"{AT}/{version()}".encode()
        )
    return File(MEDIA[kind], content, None if kind in PACKED else gzip.compress(content, 6, mtime=0))


def _preloads() -> str:
    modules = [path for path in files_by_path() if path.endswith(".js") and path not in LATER]
    return "\n".join(f'<link rel="modulepreload" href="{VERSION.decode()}/{path}">' for path in modules)
