"""Make documents of answers: long ones, and those of large answers, in the process of long jobs."""

# Design: a document is a function of the kept request and the kept answer, so that it needs no store of its
# own: the same id is the same bytes. Requests for one document at once have it made once.

import msgspec

from rackrate.api.cache.keys import entry
from rackrate.api.compute.disconnect import Receive, while_present
from rackrate.api.compute.dispatcher import Answer, Dispatcher
from rackrate.api.compute.single_flight import SingleFlight
from rackrate.api.telemetry.traces import TRACES
from rackrate.documents.document import Document
from rackrate.job_worker import DocumentJob, made

LARGE = 1024 * 1024  # bytes of an answer from which on every document of it is long work


class DocumentMaker:
    """Makes documents of answers beside the event loop."""

    def __init__(self, dispatcher: Dispatcher) -> None:
        """Share the queues of `dispatcher`."""
        self._dispatcher, self._single_flight = dispatcher, SingleFlight[bytes]()

    async def make(
        self, document: Document, answer: Answer, media: str, client: str, receive: Receive
    ) -> bytes:
        """Make a document of an answer of this client's in a media type.

        Raises
        ------
        Problem
            If it is too much work, or too much is under way, or the client left.
        """
        TRACES.note("verb", document.name)
        most = self._dispatcher.most_work
        job = DocumentJob(document.name, answer.document, answer.whole, media, most, document.of)
        place = entry(client, f"{answer.analysis} {document.name} {media}", answer.id)

        async def make() -> bytes:
            with TRACES.span("compute"):
                if document.long or len(answer.whole) > LARGE:
                    return (await self._dispatcher.long.run(job, _no_progress, client)).answer
                with self._dispatcher.short.enter(place):
                    return await self._dispatcher.short.run(lambda: made(job))

        return await while_present(receive, self._single_flight.join(place, make))


class Titled(msgspec.Struct, frozen=True):
    """The fields of a deal or pool that decide the names and kinds of its documents."""

    name: str
    structure: msgspec.Raw = msgspec.Raw(b"null")

    @property
    def structured(self) -> bool:
        """Whether the deal has classes."""
        return bytes(self.structure) != b"null"


def titled(answer: Answer) -> Titled:
    """Read the title of the deal or pool of an answer."""
    return msgspec.json.decode(answer.document, type=Titled)


def _no_progress(done: int, of: int) -> None:
    """Report no progress: a document has none."""
