"""Whether this process drains: after SIGTERM it still answers, but fails its readiness probe."""


class Draining:
    """One flag of a process, set by its server and read by the readiness probe."""

    def __init__(self) -> None:
        """Begin without draining."""
        self.leaving = False


DRAINING = Draining()
