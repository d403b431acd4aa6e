"""Path templates as the contract, the log and the metrics write them."""


def published(path: str) -> str:
    """Write a path's parameters as the contract names them, where Python has taken the name.

    >>> published("/v1/pools/{id_}")
    '/v1/pools/{id}'
    """
    return path.replace("_}", "}")
