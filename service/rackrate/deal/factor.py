"""Terms of the one-factor model: what moves together on simulated paths."""

from typing import Annotated

from msgspec import Meta, Struct

from rackrate.deal.measures import unit

_Loading = Annotated[float, Meta(ge=-1.0, le=1.0)]
_Volatility = Annotated[float, Meta(ge=0.0, le=5.0)]
_Correlation = Annotated[float, Meta(ge=0.0, le=1.0)]
_Speed = Annotated[float, Meta(ge=0.0, le=1000.0)]
_PowerLoading = Annotated[float, Meta(ge=-5.0, le=5.0)]


class Factor(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What moves together: the terms of the one-factor model. A high factor is a strong cycle."""

    asset_correlation: Annotated[
        _Correlation, unit("share"), Meta(description="Share of the factor in each tenant's asset variance.")
    ]
    renewal_loading: Annotated[
        _Loading, unit("ratio"), Meta(description="Loading of renewals on the factor.")
    ]
    rent_volatility: Annotated[
        _Volatility, unit("volatility"), Meta(description="Volatility of market rent, per year.")
    ]
    rent_loading: Annotated[
        _Loading, unit("ratio"), Meta(description="Loading of market rent on the factor.")
    ]
    power_speed: Annotated[
        _Speed,
        unit("rate"),
        Meta(description="Speed at which the power index reverts to its curve, per year."),
    ]
    power_volatility: Annotated[
        _Volatility, unit("volatility"), Meta(description="Volatility of the power index, per year.")
    ]
    power_loading: Annotated[
        _PowerLoading, unit("ratio"), Meta(description="Loading of the log power index on the factor.")
    ]
