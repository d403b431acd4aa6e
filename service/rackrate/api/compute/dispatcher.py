"""Dispatch requests: return the answer of a body from the cache, else compute it."""

# Design: what is kept is the request in canonical form beside the whole answer as JSON. Every representation
# is a function of those bytes, so a hit cannot differ from a miss, and what needs the deal has it by the id.
# Short work is done in one thread beside the event loop: a deal takes milliseconds, going there and back a
# tenth of one, and meanwhile probes and kept answers go out. Long work is done in the job process.

import re
import time
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial

import msgspec
from msgspec.json import encode

from rackrate.analyses.cost import MOST, is_long
from rackrate.analyses.prepare import LARGE, SMALL, Asked, examine
from rackrate.analyses.registry import Analysis, Compute, Progress, ruleset_of
from rackrate.api.cache.bypass import CacheBypass
from rackrate.api.cache.keys import entry, fingerprint
from rackrate.api.cache.lru import LruCache
from rackrate.api.cache.store import CachedAnswer, Results
from rackrate.api.compute.disconnect import Receive, while_present
from rackrate.api.compute.job_runner import JobRunner
from rackrate.api.compute.short_queue import ShortQueue
from rackrate.api.compute.single_flight import LINGER_S, SingleFlight
from rackrate.api.limits.body_budget import BODY_BYTES, BodyBudget
from rackrate.api.limits.slot import Slot
from rackrate.api.telemetry.metrics import answered
from rackrate.api.telemetry.traces import TRACES
from rackrate.deal.codec.decode import Body
from rackrate.deal.rulesets import Ruleset
from rackrate.job_worker import Job, JobReport

OnCost = Callable[[int], None]

KNOWN_BODIES = 4096  # whose bytes need not be decoded again
PATIENCE_S = 0.25
ID = re.compile("[0-9a-f]{64}")  # no other text of a client's gets into a key


class Known(msgspec.Struct, frozen=True):
    """What is known of a body: the answer's id and the work it asks for."""

    id: str
    work: int


class Answer(msgspec.Struct, frozen=True):
    """The whole answer as JSON, its id, whether it came out of the cache, and of which analysis it is.

    `document` is the canonical request.
    """

    id: str
    whole: bytes
    hit: bool
    analysis: str
    document: bytes


class Dispatcher:
    """Answers requests, each the same however and wherever it is computed."""

    def __init__(
        self,
        results: Results,
        patience_s: float = PATIENCE_S,
        most_work: int = MOST,
        most_bytes: int = BODY_BYTES,
    ) -> None:
        """Cache answers in `results`; queue short work up to `patience_s`; refuse more than `most_work`.

        `most_bytes` of bodies are held at once.
        """
        self.body_budget = BodyBudget(most_bytes)
        self.results, self.most_work = results, most_work
        self.short, self.long = ShortQueue(patience_s), JobRunner()
        self._single_flight, self._bypass = SingleFlight[bytes](LINGER_S), CacheBypass()
        self._readings = SingleFlight[JobReport]()
        self._listeners: dict[str, list[Progress]] = {}
        self._known = LruCache[bytes, Known](entries=KNOWN_BODIES)

    async def start(self) -> None:
        """Open what belongs to this process."""
        self.short.start()
        await self.results.start()

    async def stop(self) -> None:
        """Finish what is under way."""
        self.short.stop()
        await self.long.stop()
        await self.results.stop()

    async def answer(
        self,
        analysis: Analysis,
        body: Body,
        client: str,
        receive: Receive,
        on_progress: Progress | None = None,
        on_cost: OnCost | None = None,
    ) -> Answer:
        """Answer a body: by its bytes if they are known, by its meaning if that is kept, else by computing.

        `receive` tells when the client leaves: what nobody waits for is not computed. `on_progress` is
        called with the progress of long work. `on_cost` is called with the estimate of the work, cached or
        not, before any is done, and may refuse it.

        Raises
        ------
        Refusal
            The document cannot be read, makes no sense or cannot be financed. No refusal is kept.
        Problem
            It asks for too much work, or too much is under way.
        """
        TRACES.note("verb", analysis.name)
        sent = fingerprint(client, analysis.name, body)
        entering = nullcontext(Slot()) if analysis.long else self.short.enter(sent, hash(body.content))
        with entering as slot:
            return await self._answer(analysis, body, sent, client, receive, slot, on_progress, on_cost)

    async def _answer(
        self,
        analysis: Analysis,
        body: Body,
        sent: bytes,
        client: str,
        receive: Receive,
        slot: Slot,
        on_progress: Progress | None,
        on_cost: OnCost | None,
    ) -> Answer:
        known = self._known.get(sent)
        if known and on_cost:
            on_cost(known.work)
        asks = self._bypass.asks(analysis.name)
        kept = await self._kept(analysis, known.id, client) if known and asks else None
        if known and kept:
            return _kept_answer(known.id, kept, analysis)
        asked = await self._read(analysis, body, sent.hex(), client, receive, slot)
        if on_cost and not known:
            on_cost(asked.work)
        self._known.put(sent, Known(asked.id, asked.work))
        kept = await self._kept(analysis, asked.id, client) if asks and not known else None
        if kept:
            return _kept_answer(asked.id, kept, analysis)
        return await self._compute(analysis, asked, client, receive, slot, on_progress)

    async def _read(
        self, analysis: Analysis, body: Body, place: str, client: str, receive: Receive, slot: Slot
    ) -> Asked:
        """Decode a body: small ones here, larger ones in the thread, the largest in the job process.

        Bodies at one `place` are decoded once.
        """
        size, work = len(body.content), partial(examine, analysis, body.content, body.media, self.most_work)
        with TRACES.span("decode"):
            if size <= SMALL:
                return work()
            if size <= LARGE and not analysis.long:
                return await self.short.run(work)
            slot.end()
            job = Job(analysis.name, body.content, media=body.media, most=self.most_work)
            reading = self._readings.join(place, lambda: self.long.run(job, _no_progress, client))
            report = await while_present(receive, reading)
            return Asked(None, report.answer, report.id, report.work)

    async def fetch(self, analysis: Analysis, id_: str, client: str, receive: Receive) -> Answer | None:
        """Fetch a cached answer of this client by its id; None where it is not kept."""
        if not ID.fullmatch(id_):
            return None
        kept = await self._kept(analysis, id_, client)
        if kept:
            return _kept_answer(id_, kept, analysis)
        plain = await self._kept(analysis.base, id_, client) if analysis.base else None
        if plain is None:
            return None
        with self.short.enter((analysis.name, id_, client)) as slot:
            asked = await self._read(
                analysis,
                Body(plain.request, "json"),
                entry(client, analysis.name, id_),
                client,
                receive,
                slot,
            )
            return await self._compute(analysis, asked, client, receive, slot)

    async def has(self, analysis: str, id_: str, client: str) -> bool:
        """Whether an answer is still kept, and fetching it is quicker than computing it."""
        return self._bypass.asks(analysis) and await self._fetch(analysis, id_, client) is not None

    async def _kept(self, analysis: Analysis, id_: str, client: str) -> CachedAnswer | None:
        kept = await self._fetch(analysis.name, id_, client)
        if kept is None:
            return None
        answered(analysis.name, "cache").inc()
        return kept

    async def _fetch(self, analysis: str, id_: str, client: str) -> CachedAnswer | None:
        start = time.perf_counter()
        with TRACES.span("cache"):
            kept = await self.results.get(entry(client, analysis, id_))
        self._bypass.fetched(analysis, time.perf_counter() - start)
        return kept

    async def _compute(
        self,
        analysis: Analysis,
        asked: Asked,
        client: str,
        receive: Receive,
        slot: Slot,
        on_progress: Progress | None = None,
    ) -> Answer:
        """Compute an answer, once for all requests that ask for the same now."""
        TRACES.note("work", asked.work)
        place, request = entry(client, analysis.name, asked.id), asked.request
        if request is None or is_long(analysis, asked.work):
            slot.end()

        async def ask() -> bytes:
            start = time.perf_counter()
            with TRACES.span("compute"):
                if request is None or is_long(analysis, asked.work):
                    job, report = (
                        Job(analysis.name, asked.document, asked.id),
                        partial(self._report_progress, place),
                    )
                    whole = (await self.long.run(job, report, client)).answer
                else:
                    whole = await self.short.run(
                        partial(_whole, analysis.compute, request, ruleset_of(request), asked.id)
                    )
            self._bypass.computed(analysis.name, time.perf_counter() - start)
            answered(analysis.name, "engine").inc()
            self.results.put(place, CachedAnswer(asked.document, whole))
            return whole

        listeners = self._listeners.setdefault(place, []) if on_progress else []
        listeners.extend([on_progress] if on_progress else [])
        try:
            whole = await while_present(receive, self._single_flight.join(place, ask))
            return Answer(asked.id, whole, hit=False, analysis=analysis.name, document=asked.document)
        finally:
            if on_progress:
                listeners.remove(on_progress)
                self._listeners = {key: value for key, value in self._listeners.items() if value}

    def _report_progress(self, place: str, done: int, of: int) -> None:
        for on_progress in self._listeners.get(place, ()):
            on_progress(done, of)


def _kept_answer(id_: str, kept: CachedAnswer, analysis: Analysis) -> Answer:
    return Answer(id_, kept.answer, hit=True, analysis=analysis.name, document=kept.request)


def _whole(compute: Compute, request: msgspec.Struct, ruleset: Ruleset, id_: str) -> bytes:
    return encode(compute(request, ruleset, id_))


def _no_progress(done: int, of: int) -> None:
    """Report no progress: decoding has none."""
