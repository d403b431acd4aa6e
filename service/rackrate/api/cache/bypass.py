"""Bypass the cache where it is slower than computing; both are timed as they happen."""

WEIGHT = 0.2  # of the latest time in a running mean
CLIP = 4.0  # times the mean that one time may count for: one outage is not how a cache is
PROBE = 16  # of so many that would not ask, one asks, to see whether the cache has become quick


class CacheBypass:
    """Running means of the time to fetch and to compute an answer, by analysis.

    >>> bypass = CacheBypass()
    >>> bypass.fetched("sizing", 0.004)
    >>> bypass.computed("sizing", 0.001)
    >>> bypass.asks("sizing")
    False
    >>> bypass.computed("underwriting", 0.015)
    >>> bypass.asks("underwriting")
    True
    """

    def __init__(self) -> None:
        """Start without times, and so without a bypass."""
        self._fetching: dict[str, float] = {}
        self._computing: dict[str, float] = {}
        self._passed = 0

    def asks(self, analysis: str) -> bool:
        """Return whether to look an answer up in the cache."""
        fetching, computing = self._fetching.get(analysis), self._computing.get(analysis)
        if fetching is None or computing is None or fetching <= computing:
            return True
        self._passed += 1
        return self._passed % PROBE == 0

    def fetched(self, analysis: str, took_s: float) -> None:
        """Record the duration of a cache lookup."""
        _note(self._fetching, analysis, took_s)

    def computed(self, analysis: str, took_s: float) -> None:
        """Record the duration of a computation, its wait in the queue included."""
        _note(self._computing, analysis, took_s)


def _note(means: dict[str, float], analysis: str, took_s: float) -> None:
    mean = means.setdefault(analysis, took_s)
    means[analysis] = mean + WEIGHT * (min(took_s, CLIP * mean) - mean)
