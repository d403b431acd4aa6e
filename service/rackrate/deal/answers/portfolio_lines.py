"""Lines of a portfolio's answer: an underwriting or a refusal, by line number and key."""

# Design: two shapes, so that every field of either is there. What they enclose is written elsewhere and kept
# as bytes, which stand here as they are: an underwriting is the same bytes alone and in a portfolio.

from typing import Annotated

from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from rackrate.deal.measures import unit

LineNumber = Annotated[
    int, unit("count"), Meta(ge=1, description="Number of the line asked, blank ones counted.")
]


def written_elsewhere(description: str, *names: str) -> Meta:
    """Describe an enclosed document, already encoded, by the name of its schema, or of several."""
    known = [{"$ref": f"#/components/schemas/{name}"} for name in names]
    return Meta(description=description, extra_json_schema=known[0] if names[1:] == () else {"anyOf": known})


EchoedKey = Annotated[str | UnsetType, Meta(description="Key of the line asked, if it has one.")]


class UnderwrittenLine(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A line of a portfolio that was underwritten."""

    line: LineNumber
    key: EchoedKey = UNSET
    status: Annotated[int, unit("none"), Meta(ge=200, le=200, description="200.")] = 200
    id: Annotated[str, Meta(description="The underwriting's id, under which it can be fetched.")]
    underwriting: Annotated[
        Raw,
        written_elsewhere(
            "The underwriting, or the parts of it that were asked for.",
            "Underwriting",
            "PoolUnderwriting",
            "GroundUnderwriting",
        ),
    ]


class RefusedLine(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A line of a portfolio that was refused."""

    line: LineNumber
    key: EchoedKey = UNSET
    status: Annotated[
        int, unit("none"), Meta(ge=400, le=599, description="The status it would have if sent alone.")
    ]
    problem: Annotated[
        Raw, written_elsewhere("What is wrong with it, its errors by JSON pointer.", "ProblemDetails")
    ]
