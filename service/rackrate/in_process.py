"""Analyses in this process: one function each, with the service's answers, without a server or a cache.

A request is a Struct, what JSON has (a dictionary; NumPy's numbers and arrays are taken), JSON itself, or the
path of a file of it. Whatever a service would refuse is refused in the same words, by the exceptions of
`rackrate.deal.errors`, a JSON pointer for each bad field.

>>> import rackrate
>>> from rackrate.deal import EXAMPLES
>>> answer = rackrate.underwrite(EXAMPLES / "hyperscale-single-tenant.json")
>>> answer.summary.binding_test, round(answer.summary.dscr.minimum, 2)
('min_debt_yield', 1.52)
"""

import datetime as dt
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from rackrate.analyses.deals.differences import entries
from rackrate.analyses.identity import identity
from rackrate.analyses.registry import (
    COMPARE,
    SENSITIVITY,
    SIMULATE,
    SIZE,
    UNDERWRITE,
    UNDERWRITE_BY_FACILITY,
    UNDERWRITE_POOL,
    UNDERWRITE_POOL_WITH_TRANCHES,
    WATERFALL,
    Analysis,
    Progress,
    rules_sha256,
    ruleset_of,
)
from rackrate.deal.answers.ground_pool import GroundUnderwriting
from rackrate.deal.answers.pool import PoolUnderwriting
from rackrate.deal.codec.decode import read
from rackrate.deal.codec.encode import Document, about, encode
from rackrate.deal.requests.comparison import Comparison, ComparisonRequest
from rackrate.deal.requests.ground_pool import GroundPool
from rackrate.deal.requests.pool import Pool
from rackrate.deal.requests.pool_simulation import PoolSimulation, PoolSimulationRequest
from rackrate.deal.requests.sensitivity import Sensitivities, SensitivityRequest
from rackrate.deal.requests.simulation import SimulationAnswer, SimulationRequest
from rackrate.deal.requests.standalone_sizing import SizingAnswer, SizingRequest
from rackrate.deal.requests.standalone_waterfall import WaterfallAnswer, WaterfallRequest
from rackrate.deal.requests.underwriting import Deal, Underwriting

if TYPE_CHECKING:
    import pyarrow  # type: ignore[import-untyped]  # ships no types

Answer = TypeVar("Answer")


def underwrite(deal: Deal | Document, *, detail: Literal["deal", "facility"] = "deal") -> Underwriting:
    """Underwrite a deal: cash flow, value, sizing, classes, waterfall, break-evens, warnings.

    Parameters
    ----------
    deal : Deal, mapping, JSON or path
        The deal.
    detail : "deal" or "facility"
        Whether the answer has each facility's cash flow too.

    Raises
    ------
    Refusal
        Malformed, Invalid, Unsupported or CannotFinance, as the service refuses it.
    """
    analysis = UNDERWRITE_BY_FACILITY if detail == "facility" else UNDERWRITE
    return _of(Underwriting, _answered(analysis, deal))


def size(request: SizingRequest | Document) -> SizingAnswer:
    """Size a loan on a given cash flow, one figure a period; raises as `underwrite` does."""
    return _of(SizingAnswer, _answered(SIZE, request))


def waterfall(request: WaterfallRequest | Document) -> WaterfallAnswer:
    """Run a waterfall on a given cash flow, one figure a period; raises as `underwrite` does."""
    return _of(WaterfallAnswer, _answered(WATERFALL, request))


def sensitivity(request: SensitivityRequest | Deal | Document, **asked: Any) -> Sensitivities:
    """Run sensitivities of a deal: a tornado, grids, break-evens, each tenant in default.

    `request` is the whole request; or a deal, and `asked` the other fields of a SensitivityRequest.
    Refused as `underwrite` refuses.
    """
    return _of(Sensitivities, _answered(SENSITIVITY, about(request, asked)))


def compare(request: ComparisonRequest | Deal | Document, **asked: Any) -> Comparison:
    """Compare a deal under several structures, or with another deal.

    `request` is the whole request; or a deal, and `asked` the other fields of a ComparisonRequest.
    Refused as `underwrite` refuses.
    """
    return _of(Comparison, _answered(COMPARE, about(request, asked)))


def simulate(
    request: SimulationRequest | Deal | Document, *, progress: Progress | None = None, **asked: Any
) -> SimulationAnswer:
    """Simulate a deal over seeded paths; `progress` is called with the number of paths done and of all.

    `request` is the whole request; or a deal, and `asked` the other fields of a SimulationRequest. What
    `progress` raises ends the simulation. Refused as `underwrite` refuses.
    """
    return _of(SimulationAnswer, _answered(SIMULATE, about(request, asked), progress))


def simulate_pool(
    request: PoolSimulationRequest | Pool | Document, *, progress: Progress | None = None, **asked: Any
) -> PoolSimulation:
    """Simulate a pool of loans over seeded paths, as `simulate` does a deal.

    `request` is the whole request; or a pool, and `asked` the other fields of a PoolSimulationRequest.
    Refused as `underwrite` refuses.
    """
    return _of(PoolSimulation, _answered(SIMULATE, about(request, asked, "pool"), progress))


def pool(
    pool: Pool | GroundPool | Document, *, tranches: bool = True
) -> PoolUnderwriting | GroundUnderwriting:
    """Underwrite a pool of loans, or of ground leases; without `tranches` no break-evens are sought.

    Refused as `underwrite` refuses.
    """
    analysis = UNDERWRITE_POOL_WITH_TRANCHES if tranches else UNDERWRITE_POOL
    answer = _answered(analysis, pool)
    return answer if isinstance(answer, GroundUnderwriting) else _of(PoolUnderwriting, answer)


def column(answer: msgspec.Struct, path: str) -> NDArray[Any]:
    """Give one series of an answer as an array: float64 (null is NaN), datetime64[D], bool, int64 or text.

    `path` leads through fields and, in lists, through names, as `path` does in a comparison's differences:
    `cash_flow/lines/ncf`, `waterfall/classes/A-2/balance`.

    Raises
    ------
    KeyError
        If the path leads nowhere, or to no series; it says what there is.
    """
    return _array(_series(answer, path))


def arrow(answer: msgspec.Struct, *paths: str) -> "pyarrow.Table":
    """Give series of an answer, all of one length, as an Arrow table with a column each, named by its path.

    Needs the extra `arrow`. Nulls stay nulls, dates are date32.

    Raises
    ------
    KeyError
        If a path leads nowhere, or to no series.
    """
    import pyarrow

    return pyarrow.table({path: _series(answer, path) for path in paths})


def _answered(
    analysis: Analysis, asked: msgspec.Struct | Document, progress: Progress | None = None
) -> msgspec.Struct:
    body, media = encode(asked)
    request, document = read(body, analysis.reads, media)
    ruleset, id_ = ruleset_of(request), identity(rules_sha256(request), document)
    if progress is not None and analysis.compute_with_progress is not None:
        return analysis.compute_with_progress(request, ruleset, id_, progress)
    return analysis.compute(request, ruleset, id_)


def _of(kind: type[Answer], answer: msgspec.Struct) -> Answer:
    """Return the answer, typed as its kind."""
    if not isinstance(answer, kind):
        raise TypeError(f"a {kind.__name__} was to be answered, not a {type(answer).__name__}")
    return answer


def _series(answer: msgspec.Struct, path: str) -> list[Any]:
    found: Any = msgspec.to_builtins(answer, builtin_types=(dt.date,))
    for part in path.split("/"):
        inside = entries(found)
        if inside is None or part not in inside:
            there = ", ".join(inside) if inside else "nothing"
            raise KeyError(f"{path!r}: there is no {part!r} but {there}")
        found = inside[part]
    if not isinstance(found, list) or any(isinstance(each, dict | list) for each in found):
        raise KeyError(f"{path!r} is no series")
    return found


def _array(series: list[Any]) -> NDArray[Any]:
    known = {type(each) for each in series} - {type(None)}
    if known == {dt.date}:
        return np.array(series, dtype="datetime64[D]")
    if known <= {float, int} and (float in known or None in series):
        return np.array([np.nan if each is None else each for each in series], dtype=np.float64)
    return np.array(series)
