"""What a kept answer takes in Redis, and what compressing it costs, by kind of answer; `make cache-entries`.

Memory is Redis's own figure (`MEMORY USAGE`) for entries as the service writes them; times are the least of
many on one core.
"""

import asyncio
import gzip
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lz4.frame
import msgspec
import zstandard
from loadtests.load.report import table
from loadtests.load.services import redis
from redis import Redis

from rackrate.analyses.registry import (
    SIZE,
    UNDERWRITE,
    UNDERWRITE_BY_FACILITY,
    WATERFALL,
    Analysis,
    ruleset_of,
)
from rackrate.api.cache.compression import compress, expand
from rackrate.api.cache.keys import entry
from rackrate.api.cache.redis_store import RedisResults
from rackrate.api.cache.store import CachedAnswer
from rackrate.deal.codec.decode import read

EXAMPLES = Path(__file__).parents[1] / "service/rackrate/deal/examples"
KINDS: list[tuple[Analysis, str]] = [
    (UNDERWRITE, "*.json"),
    (UNDERWRITE_BY_FACILITY, "*.json"),
    (SIZE, "own/sizing.json"),
    (WATERFALL, "own/waterfall.json"),
]
DEALS = 50_000
TIMES = 30


def least_us(act: Callable[[], Any]) -> float:
    """The least time of many, microseconds."""
    took = []
    for _ in range(TIMES):
        start = time.perf_counter()
        act()
        took.append(time.perf_counter() - start)
    return 1e6 * min(took)


def cached_answer_of(analysis: Analysis, file: Path) -> CachedAnswer:
    """What is kept of the answer to a shipped document."""
    request, document = read(file.read_bytes(), analysis.reads, "json")
    return CachedAnswer(
        document, msgspec.json.encode(analysis.compute(request, ruleset_of(request), "0" * 64))
    )


async def memory_of(url: str, kept: dict[str, CachedAnswer]) -> dict[str, int]:
    """Bytes that each entry takes in Redis, its key and its time to live included."""
    results = RedisResults(url, 900)
    await results.start()
    for key, cached in kept.items():
        results.put(key, cached)
    await results.stop()
    with Redis.from_url(url) as store:
        return {key: int(store.memory_usage(key) or 0) for key in kept}


def codecs(cached: CachedAnswer) -> list[tuple[str, Callable[[], bytes], Callable[[bytes], Any]]]:
    """Ways to compress, ours first, each with its way back."""
    plain = msgspec.msgpack.encode(cached)
    third = zstandard.ZstdCompressor(level=3)
    return [
        ("zstd 1, as kept", lambda: compress(cached), expand),
        ("zstd 3", lambda: third.compress(plain), zstandard.ZstdDecompressor().decompress),
        ("gzip 1", lambda: gzip.compress(plain, 1), gzip.decompress),
        ("lz4", lambda: lz4.frame.compress(plain), lz4.frame.decompress),
    ]


def main() -> None:
    """Print both tables."""
    kept = {
        entry("", analysis.name, f"{file.stem:0>64}"): (analysis, file, cached_answer_of(analysis, file))
        for analysis, pattern in KINDS
        for file in sorted(EXAMPLES.glob(pattern))
    }
    with redis() as url:
        memory = asyncio.run(memory_of(url, {key: cached for key, (_, _, cached) in kept.items()}))
    sizes, times = [], []
    for key, (analysis, file, cached) in kept.items():
        fill = memory[key] * DEALS / 2**30
        sizes.append([analysis.name, file.stem, f"{cached.size:,}", f"{memory[key]:,}", f"{fill:.2f}"])
        for name, pack, back in codecs(cached):
            packed = pack()
            there, again = least_us(pack), least_us(lambda back=back, packed=packed: back(packed))  # type: ignore[misc]
            times.append([analysis.name, file.stem, name, f"{len(packed):,}", f"{there:.0f}", f"{again:.0f}"])
    print(table(["answer", "deal", "bytes", "bytes in Redis", f"GiB for {DEALS:,}"], sizes), end="\n\n")
    print(table(["answer", "deal", "codec", "bytes", "us to compress", "us to expand"], times))


if __name__ == "__main__":
    main()
