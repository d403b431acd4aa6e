"""A folder of rulesets: TOML files decoded once, found by name, the newest by date."""

from collections.abc import Callable
from datetime import date
from functools import cached_property
from importlib.resources.abc import Traversable
from typing import Generic, Protocol, TypeVar

from rackrate.deal.errors import FieldError, Invalid


class Dated(Protocol):
    """What has a name and a date."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def as_of(self) -> date:
        """Its date."""


AnyRuleset = TypeVar("AnyRuleset", bound=Dated)


class RulesetFiles(Generic[AnyRuleset]):
    """Rulesets of one kind in a folder."""

    def __init__(
        self, folder: Traversable, parse: Callable[[bytes], AnyRuleset], kind: str, pointer: str
    ) -> None:
        """Decode each file with `parse`, once one is asked for; a request names one at `pointer`."""
        self._folder, self._parse, self._kind, self._pointer = folder, parse, kind, pointer

    @cached_property
    def _all(self) -> dict[str, AnyRuleset]:
        texts = [file.read_bytes() for file in self._folder.iterdir() if file.name.endswith(".toml")]
        read = [self._parse(text) for text in texts]
        return {ruleset.name: ruleset for ruleset in sorted(read, key=lambda found: found.name)}

    def names(self) -> list[str]:
        """Return the names of all, sorted."""
        return list(self._all)

    def load(self, name: str, at: str | None = None) -> AnyRuleset:
        """Return the one of a name.

        Raises
        ------
        Invalid
            If there is none, naming those there are.
        """
        if name not in self._all:
            known = f"no {self._kind} {name!r}: known are {', '.join(self.names())}"
            raise Invalid.of([FieldError(self._pointer if at is None else at, known)])
        return self._all[name]

    def newest(self, among: Callable[[AnyRuleset], bool] = lambda _: True) -> AnyRuleset:
        """Return the latest by date, then by name, of those that are `among`."""
        return max(filter(among, self._all.values()), key=lambda ruleset: (ruleset.as_of, ruleset.name))
