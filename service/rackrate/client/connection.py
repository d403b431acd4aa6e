"""Request headers, ETag validators, statuses and transport failures, shared by both clients."""

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
    """URL, headers, retries and kept answers of a client."""

    def __init__(self, url: str, key: str | None, retries: Retries, keep: int) -> None:
        """Send requests to `url`, with `key` as bearer token."""
        self.url = url.rstrip("/")
        self.policy, self.kept = Policy(retries), KeptAnswers(keep)
        self.headers = {"User-Agent": f"rackrate/{__version__}"}
        if key is not None:
            self.headers["Authorization"] = f"Bearer {key}"

    def options(self, timeout_s: float, http: dict[str, Any]) -> dict[str, Any]:
        """Return the options of the HTTP library; those of the program come last."""
        timeout = httpx2.Timeout(timeout_s, connect=min(timeout_s, CONNECT_S))
        return {"base_url": self.url, "headers": self.headers, "timeout": timeout, **http}

    def request(self, call: Call[Any], tag: str = "") -> dict[str, Any]:
        """Return the HTTP request of a call, conditional on the ETag of its kept answer (`If-None-Match`)."""
        headers = call.headers | ({"If-None-Match": tag} if tag else {})
        sent = {"method": call.method, "url": call.path, "params": call.params, "headers": headers}
        return sent | ({"content": call.content} if call.content else {})

    def kept_answer(self, call: Call[Any]) -> Kept:
        """Find the kept answer to a GET."""
        return self.kept.find(call.resource) if call.method == "GET" else NOTHING

    def answer(self, call: Call[Answer], response: httpx2.Response, kept: Kept) -> Answer:
        """Decode a response whose body has been read, a 304 from the kept answer; keep one that has an ETag.

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
        """Raise the problem of a response that is not 200; else earn a part of a retry."""
        if response.status_code != 200:
            raise error_of(response)
        self.policy.budget.earn()

    @contextmanager
    def reached(self) -> Iterator[None]:
        """Raise failures of the transport as UnreachableError."""
        try:
            yield
        except (httpx2.UnsupportedProtocol, httpx2.LocalProtocolError):
            raise  # the program's own mistake: no attempt would do better
        except (httpx2.TransportError, httpx2.DecodingError) as error:
            reason = str(error) or type(error).__name__
            raise UnreachableError(f"no answer of {self.url}: {reason}") from error
