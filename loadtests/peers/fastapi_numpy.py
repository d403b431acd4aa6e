"""The same job by other means: FastAPI and pydantic at the edge, NumPy where the kernel is.

The deal is a pydantic model of the document as it is sent: each Struct of the contract becomes a model, each
union by `kind` a discriminated union. The figures come from the kernel's functions in plain NumPy, vectorised
over scenarios, so that the answer is the same: running this file asserts that, deal by deal.
"""

import math
from datetime import date
from functools import cache
from statistics import NormalDist
from typing import Annotated, Any, Literal, Union

import msgspec
import numpy as np
from fastapi import FastAPI
from msgspec import inspect
from pydantic import BaseModel, ConfigDict, Field, create_model

from rackrate import kernel
from rackrate.analyses.registry import UNDERWRITE, ruleset_of
from rackrate.deal.requests.underwriting import Deal
from rackrate.engine.timeline import Floats
from rackrate.kernel.reference import (
    bonds,
    cashflow,
    credit,
    leases,
    power,
    simulate,
    sizing,
    valuation,
    waterfall,
)

TWINS = (bonds, cashflow, credit, leases, power, simulate, sizing, valuation, waterfall)
WITHIN = 1e-9  # relative, of each figure of the summary
WORDS = {inspect.FloatType: float, inspect.IntType: int, inspect.StrType: str, inspect.BoolType: bool}
BOUNDS = ("ge", "gt", "le", "lt", "min_length", "max_length", "pattern")


@cache
def _model(kind: type[msgspec.Struct]) -> type[BaseModel]:
    """The pydantic model of a Struct: fields, bounds, defaults, no others."""
    described = inspect.type_info(kind)
    assert isinstance(described, inspect.StructType)
    fields: dict[str, Any] = {}
    if described.tag_field:
        fields[described.tag_field] = (Literal[described.tag], described.tag)
    for field in described.fields:
        default = ... if field.required else field.default
        if default is msgspec.NODEFAULT:
            fields[field.encode_name] = (_type(field.type), Field(default_factory=field.default_factory))
        else:
            fields[field.encode_name] = (_type(field.type), default)
    config = ConfigDict(extra="forbid", regex_engine="python-re")  # some patterns look ahead
    return create_model(kind.__name__, __config__=config, **fields)


def _type(kind: inspect.Type) -> Any:
    match kind:
        case inspect.Metadata():
            return _type(kind.type)
        case inspect.StructType():
            return _model(kind.cls)
        case inspect.UnionType():
            return _union(list(kind.types))
        case inspect.LiteralType():
            return Literal[tuple(kind.values)]
        case inspect.ListType():
            return list[_type(kind.item_type)]  # type: ignore[misc]
        case inspect.TupleType():
            return tuple[tuple(_type(one) for one in kind.item_types)]
        case inspect.DateType():
            return date
        case inspect.NoneType():
            return None
    bounds = {name: getattr(kind, name) for name in BOUNDS if getattr(kind, name, None) is not None}
    return Annotated[WORDS[type(kind)], Field(**bounds)]


def _union(kinds: list[inspect.Type]) -> Any:
    """A union, by its tag where its Structs have one."""
    structs = [one for one in kinds if isinstance(one, inspect.StructType)]
    others = [_type(one) for one in kinds if one not in structs]
    tagged: Any = Union[tuple(_type(one) for one in structs)] if structs else None  # noqa: UP007  known only here
    if len(structs) > 1 and structs[0].tag_field:
        tagged = Annotated[tagged, Field(discriminator=structs[0].tag_field)]
    return Union[tuple([tagged, *others] if structs else others)]  # noqa: UP007


DealModel = _model(Deal)


def convolve_losses(
    pd: Floats, units: Floats, correlation: float, step: float, nodes: int, probability: Floats
) -> None:
    """Loss distribution by convolution, all nodes at once; the twin names every set of defaults instead."""
    conditional = np.zeros((len(probability), nodes))
    z = (np.arange(nodes) - nodes // 2) * step
    weight = np.exp(-0.5 * z * z)
    top = 0
    conditional[0] = weight / weight.sum()
    normal = NormalDist()
    for p, unit in zip(pd.tolist(), units.tolist(), strict=True):
        given = np.full(nodes, p)
        if 0.0 < p < 1.0:
            spread = (1.0 - correlation) ** 0.5
            given = np.array([normal.cdf((normal.inv_cdf(p) - correlation**0.5 * x) / spread) for x in z])
        lost = conditional[: top + 1] * given
        conditional[: top + 1] *= 1.0 - given
        conditional[unit : unit + top + 1] += lost
        top += unit
    probability[:] = conditional.sum(axis=1)


def in_numpy() -> None:
    """Put the kernel's twin in plain NumPy where the compiled kernel is."""
    for name in kernel.__all__:
        setattr(kernel, name, next(getattr(module, name) for module in TWINS if hasattr(module, name)))
    kernel.convolve_losses = convolve_losses


def underwrite(deal: BaseModel) -> dict[str, Any]:
    """Underwrite a deal that pydantic has read."""
    known = msgspec.convert(deal.model_dump(mode="json", by_alias=True), Deal, strict=False)
    ruleset = ruleset_of(known)
    found: dict[str, Any] = msgspec.to_builtins(UNDERWRITE.compute(known, ruleset, "peer"))
    return found


def application() -> FastAPI:
    """The peer as a service."""
    in_numpy()
    app = FastAPI(openapi_url=None)

    @app.post("/v1/underwritings")
    def answer(deal: DealModel) -> dict[str, Any]:  # type: ignore[valid-type]
        return underwrite(deal)

    @app.get("/")
    def root() -> dict[str, Any]:
        return {}

    return app


def _same(ours: Any, theirs: Any) -> bool:
    if isinstance(ours, float) and isinstance(theirs, float):
        return math.isclose(ours, theirs, rel_tol=WITHIN)
    return bool(ours == theirs)


def check() -> None:
    """Assert that the summaries of the shipped deals agree, figure by figure."""
    from loadtests.load.documents import deals, known

    documents = deals()
    ours = {}
    for name, document in documents.items():
        deal = msgspec.json.decode(known(document), type=Deal)
        ours[name] = msgspec.to_builtins(UNDERWRITE.compute(deal, ruleset_of(deal), "peer"))["summary"]
    in_numpy()
    for name, document in documents.items():
        theirs = underwrite(DealModel.model_validate(document))["summary"]
        wrong = {
            key: (ours[name][key], theirs[key]) for key in theirs if not _same(ours[name][key], theirs[key])
        }
        assert not wrong or all(isinstance(pair[0], dict) for pair in wrong.values()), (name, wrong)
        for key in wrong:
            assert all(_same(ours[name][key][k], theirs[key][k]) for k in theirs[key]), (name, key)
        print(f"{name}: the same summary", flush=True)


if __name__ == "__main__":
    check()
