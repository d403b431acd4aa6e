"""`rackrate new`: a shipped deal to be filled in, each kind of part with a comment that says what it is."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from rackrate.commands.refusals import NOT_RUN
from rackrate.deal import EXAMPLES
from rackrate.deal.codec.decode import decode
from rackrate.deal.requests.underwriting import Deal

LONGEST = 1000  # characters of a comment
FIRST = "powered-shell-leasehold"
HEAD = (
    "A deal to be filled in; as it stands it is the shipped deal {like}, and it underwrites. No figure "
    "depends on a comment. docs/deal.md has every field, unit and default. "
)


def kinds() -> list[str]:
    """Names of the deals that a new one can be made like."""
    return sorted(file.stem for file in EXAMPLES.glob("*.json"))


def write_new(like: str, file: Path | None) -> int:
    """Print a deal to be filled in, or write it to a file that is not there yet."""
    text = msgspec.json.format(msgspec.json.encode(commented(like)), indent=1) + b"\n"
    if file is None:
        sys.stdout.write(text.decode())
        return 0
    try:
        with file.open("xb") as new:
            new.write(text)
    except OSError as error:
        print(f"{file}: {error.strerror}", file=sys.stderr)
        return NOT_RUN
    print(f"{file}: fill it in, then  rackrate underwrite {file}  and  rackrate explain {file}")
    return 0


def commented(like: str) -> dict[str, Any]:
    """A shipped deal as JSON has it, with a comment in the first part of each kind."""
    content = (EXAMPLES / f"{like}.json").read_bytes()
    plain: dict[str, Any] = msgspec.json.decode(content)
    seen: set[type] = set()
    for part, fields in list(_parts(decode(content, Deal), plain)):
        if type(part) not in seen and "comment" in part.__struct_fields__:
            seen.add(type(part))
            head = HEAD.format(like=like) if isinstance(part, Deal) else ""
            kept = dict(fields)
            fields.clear()
            fields |= {"comment": _comment(part, kept, head), **kept}
    return plain


def _parts(value: Any, plain: Any) -> Iterator[tuple[msgspec.Struct, dict[str, Any]]]:
    """Yield every part that is written out, with its fields as JSON has them."""
    if isinstance(value, msgspec.Struct) and isinstance(plain, dict):
        yield value, plain
        for field in msgspec.structs.fields(value):
            if field.encode_name in plain:
                yield from _parts(getattr(value, field.name), plain[field.encode_name])
    elif isinstance(value, list) and isinstance(plain, list):
        for each, own in zip(value, plain, strict=True):
            yield from _parts(each, own)


def _comment(part: msgspec.Struct, plain: dict[str, Any], head: str) -> str:
    """What a part is, what each of its fields takes, and the fields that are left out here."""
    what = head + " ".join((type(part).__doc__ or "").partition("\n\n")[0].split())
    fields = [field for field in msgspec.structs.fields(part) if field.name != "comment"]
    given = [
        f"{field.encode_name}: {told}"
        for field in fields
        if field.encode_name in plain and (told := _told(field))
    ]
    absent = [field.encode_name for field in fields if field.encode_name not in plain]
    also = [f"May also have {', '.join(absent)}."] if absent else []
    while given and len(" ".join([what, *given, *also])) > LONGEST:
        given.pop()
    return " ".join([what, *given, *also])[:LONGEST]


def _told(field: msgspec.structs.FieldInfo) -> str:
    """The description of a field, as the contract has it."""
    schema = msgspec.json.schema_components([field.type])[0][0]
    return " ".join(str(schema.get("description", "")).split())
