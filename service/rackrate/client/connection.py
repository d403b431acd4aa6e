"""A client's side of the connection: what every request carries, what an answer or a failure means."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx2

from rackrate import __version__
from rackrate.client.calls import Answer, Call
from rackrate.client.kept_answers import NOTHING, Kept, KeptAnswers
from rackrate.client.problems import UnreachableError, error_of
from rackrate.client.retrying import Policy, Retries

TIMEOUT_S = 65.0  # for the next bytes: the service answers, or tells of progress, sooner
CONNECT_S = 5.0


class Connection:
    """What both clients know of the service they ask."""

    def __init__(self, url: str, key: str | None, retries: Retries, keep: int) -> None:
        """Ask the service at `url`, as the client that `key` stands for."""
        self.url = url.rstrip("/")
        self.policy, self.kept = Policy(retries), KeptAnswers(keep)
        self.headers = {"User-Agent": f"rackrate/{__version__}"}
        if key is not None:
            self.headers["Authorization"] = f"Bearer {key}"

    def options(self, timeout_s: float, http: dict[str, Any]) -> dict[str, Any]:
        """The options of the HTTP library: what is said here, and what the program asks for."""
        timeout = httpx2.Timeout(timeout_s, connect=min(timeout_s, CONNECT_S))
        return {"base_url": self.url, "headers": self.headers, "timeout": timeout, **http}

    def request(self, call: Call[Any], tag: str = "") -> dict[str, Any]:
        """What is sent for a call, with the tag of the answer to it that is kept."""
        headers = call.headers | ({"If-None-Match": tag} if tag else {})
        sent = {"method": call.method, "url": call.path, "params": call.params, "headers": headers}
        return sent | ({"content": call.content} if call.content else {})

    def kept_answer(self, call: Call[Any]) -> Kept:
        """The answer to a call that is kept."""
        return self.kept.find(call.resource) if call.method == "GET" else NOTHING

    def answer(self, call: Call[Answer], response: httpx2.Response, kept: Kept) -> Answer:
        """The answer in a response whose body has been read; it is kept for when it is asked for again.

        Raises
        ------
        Refusal, Problem
            What the service says against the request.
        BrokenAnswerError
            If the response is no answer.
        """
        if response.status_code == 304 and kept.tag:
            self.policy.budget.earn()
            return call.read(kept.content)
        self.check(response)
        answer = call.read(response.content)
        tag, place = response.headers.get("etag", ""), response.headers.get("location", call.path)
        if tag and (call.method == "GET" or "location" in response.headers):
            kept_as = Call("GET", place, call.read, call.params, {"Accept": call.headers["Accept"]})
            self.kept.keep(kept_as.resource, Kept(tag, response.content))
        return answer

    def check(self, response: httpx2.Response) -> None:
        """Note a response that is an answer, or raise what it says against the request."""
        if response.status_code != 200:
            raise error_of(response)
        self.policy.budget.earn()

    @contextmanager
    def reached(self) -> Iterator[None]:
        """Say what keeps the service from being reached in one word, whatever the library calls it."""
        try:
            yield
        except (httpx2.UnsupportedProtocol, httpx2.LocalProtocolError):
            raise  # the program's own mistake: no attempt would do better
        except (httpx2.TransportError, httpx2.DecodingError) as error:
            reason = str(error) or type(error).__name__
            raise UnreachableError(f"no answer of {self.url}: {reason}") from error
