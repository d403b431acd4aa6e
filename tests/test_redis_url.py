"""URLs of Redis: read as they are meant, or refused before anything is asked; none fails later."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import RedisCluster
from tests.redis_urls import UNREADABLE

from rackrate.api.cache.redis_client import connect
from rackrate.redis_url import OPTIONS, parse

PIECES = [
    "a",
    "127.0.0.1",
    "[::1]",
    ":",
    "@",
    "/",
    "?",
    "#",
    "%40",
    "%",
    "&",
    "=",
    ",",
    "7",
    "6379",
    "0",
    "db=",
    "x y",
    "\n",
]
NAMES = sorted({f"{name}=" for names in OPTIONS.values() for name in names})


def make_a_connection(url: str) -> None:
    """As the first request would; nothing is opened."""

    async def story() -> None:
        link = connect(url)
        if not isinstance(link, RedisCluster):
            link.connection_pool.make_connection()

    asyncio.run(story())


@pytest.mark.parametrize("url", UNREADABLE)
def test_a_url_that_is_none_is_refused_and_not_quoted(url: str) -> None:
    with pytest.raises(ValueError, match=" ") as refused:
        parse(url)
    assert "CaNaRy" not in str(refused.value)


@given(scheme=st.sampled_from(sorted(OPTIONS)), pieces=st.lists(st.sampled_from(PIECES + NAMES), max_size=12))
def test_whatever_is_read_can_be_connected_to(scheme: str, pieces: list[str]) -> None:
    url = f"{scheme}://{''.join(pieces)}"
    try:
        parse(url)
    except ValueError:
        return
    make_a_connection(url)


@pytest.mark.parametrize(("scheme", "names"), OPTIONS.items())
def test_every_option_is_one_that_the_client_knows(scheme: str, names: frozenset[str]) -> None:
    host = "/run/redis.sock" if scheme == "unix" else "127.0.0.1"
    for name in names:
        make_a_connection(f"{scheme}://:se%40cret@{host}?{name}=0")


def test_a_password_is_what_its_escapes_mean_for_one_server_a_cluster_and_sentinels() -> None:
    for scheme in ("redis", "redis+cluster", "rediss+sentinel"):
        assert parse(f"{scheme}://na%3Ame:se%40%2Fcret@a:1").password == "se@/cret"


def test_only_what_stays_on_this_machine_is_local() -> None:
    """Sentinels and clusters name other servers themselves, wherever those are."""
    local = ["unix:///run/redis.sock", "redis://localhost", "rediss://[::1]:2"]
    beyond = ["redis://cache", "redis+cluster://127.0.0.1:1,[::1]:2", "rediss://[2001:db8::1]:6379/0"]
    beyond.append("redis+sentinel://127.0.0.1:1/master")
    assert [parse(url).is_local for url in local + beyond] == [True] * 3 + [False] * 4
