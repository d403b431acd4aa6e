"""An obligor's default in every deal of a book."""

from datetime import date
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from rackrate.deal.measures import unit


class StressedClass(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A class under a default, beside its own run; deal currency."""

    name: Annotated[str, Meta(description="Name of the class.")]
    supports: Annotated[str | None, Meta(description="Category as underwritten.")]
    principal_loss: Annotated[float, unit("money"), Meta(description="Principal unpaid after legal final.")]
    base_principal_loss: Annotated[float, unit("money"), Meta(description="The same without the default.")]
    interest_unpaid: Annotated[
        float, unit("money"), Meta(description="Interest unpaid on the last payment date.")
    ]


class StressedDeal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A deal under a default, its sizes held; deal currency."""

    row: Annotated[int, unit("count"), Meta(description="Its place among the documents.")]
    month: Annotated[int, unit("months"), Meta(description="Month of the default, from its closing.")]
    base_least_dscr: Annotated[
        float | None, unit("ratio"), Meta(description="Least cover without the default.")
    ]
    base_principal_loss: Annotated[float, unit("money"), Meta(description="Loss without it.")]
    least_dscr: Annotated[float | None, unit("ratio"), Meta(description="Least cover of actual service.")]
    first_trap: Annotated[date | None, Meta(description="First payment date on which cash is trapped.")]
    first_amortise: Annotated[date | None, Meta(description="First on which all classes amortise.")]
    first_pik: Annotated[date | None, Meta(description="First on which interest is deferred.")]
    first_trigger: Annotated[date | None, Meta(description="The earliest of them.")]
    first_missed: Annotated[date | None, Meta(description="First on which interest is unpaid.")]
    ard_refinanced: Annotated[
        bool | None, Meta(description="Whether it is refinanced at the ARD; null where nothing is owed then.")
    ]
    principal_loss: Annotated[float, unit("money"), Meta(description="Principal unpaid after legal final.")]
    classes: Annotated[list[StressedClass], Meta(description="Its classes.")]


class CategoryLoss(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Principal lost by classes of one category, reporting currency."""

    key: Annotated[str, Meta(description="The category.")]
    principal_loss: Annotated[float, unit("money"), Meta(description="Lost under the default.")]
    base_principal_loss: Annotated[float, unit("money"), Meta(description="Lost without.")]


class BookScenario(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An obligor's default in all deals that have it, reporting currency."""

    name: Annotated[str, Meta(description="The obligor, and when it defaults.")]
    obligor: Annotated[str, Meta(description="The obligor.")]
    deals: Annotated[int, unit("count"), Meta(description="Deals that have it and a structure.")]
    debt: Annotated[float, unit("money"), Meta(description="Their debt.")]
    least_dscr: Annotated[float | None, unit("ratio"), Meta(description="Least cover of all.")]
    triggered: Annotated[int, unit("count"), Meta(description="Deals with a trigger.")]
    missing_interest: Annotated[int, unit("count"), Meta(description="Deals that miss interest.")]
    losing: Annotated[int, unit("count"), Meta(description="Deals that lose principal.")]
    principal_loss: Annotated[float, unit("money"), Meta(description="Principal lost.")]
    base_principal_loss: Annotated[float, unit("money"), Meta(description="Lost without the default.")]
    categories: Annotated[list[CategoryLoss], Meta(description="By category.")]
    rows: Annotated[
        list[StressedDeal] | UnsetType, Meta(description="Every deal; left out of large books.")
    ] = UNSET
