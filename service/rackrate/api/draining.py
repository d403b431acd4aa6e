"""Whether this process is on duty: once told to stop it still answers, but asks for no more."""


class Draining:
    """One flag of a process, set by its server and read by the readiness probe."""

    def __init__(self) -> None:
        """Begin on duty."""
        self.leaving = False


DRAINING = Draining()
