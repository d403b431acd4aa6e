"""The Python client of the service: `Client`, and `AsyncClient` for asyncio; needs the extra `client`.

Requests and answers are the Structs of `rackrate.deal`. What the service refuses is raised in the words of
`rackrate.deal.errors` (`Refusal`, each bad field by its JSON pointer) or as a `Problem` with its kind; a
service that is not reached, once retries are used up, as `UnreachableError`.
"""

from rackrate.analyses.problems import Problem
from rackrate.client.asynchronous import AsyncClient
from rackrate.client.asynchronous_streams import AsyncSimulation
from rackrate.client.portfolios import PortfolioAnswer
from rackrate.client.problems import BrokenAnswerError, UnreachableError
from rackrate.client.retrying import Retries
from rackrate.client.synchronous import Client
from rackrate.client.synchronous_streams import Simulation
from rackrate.deal.errors import CannotFinance, FieldError, Invalid, Malformed, Refusal, Unsupported

__all__ = [
    "AsyncClient",
    "AsyncSimulation",
    "BrokenAnswerError",
    "CannotFinance",
    "Client",
    "FieldError",
    "Invalid",
    "Malformed",
    "PortfolioAnswer",
    "Problem",
    "Refusal",
    "Retries",
    "Simulation",
    "UnreachableError",
    "Unsupported",
]
