"""Where Redis is: its URL, read strictly, so that no part of a password is taken for a host or a path.

Nothing that is said of a URL quotes it.
"""

import ipaddress
import re
from urllib.parse import parse_qsl, unquote

import msgspec

PORT, SENTINEL_PORT = 6379, 26379
HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::([0-9]{1,5}))?")
PLAIN = frozenset({"username", "password", "client_name"})
OVER_TLS = PLAIN | {"ssl_ca_certs", "ssl_ca_path", "ssl_certfile", "ssl_keyfile"}
OPTIONS = {  # that redis-py is given, by scheme
    "redis": PLAIN,
    "rediss": OVER_TLS,
    "unix": PLAIN | {"db"},
    "redis+sentinel": frozenset({"sentinel_password"}),
    "rediss+sentinel": frozenset({"sentinel_password"}),
    "redis+cluster": frozenset[str](),
    "rediss+cluster": frozenset[str](),
}
PATHS = {"": "/?[0-9]{0,4}", "sentinel": "(/[A-Za-z0-9._-]+(/[0-9]{0,4})?)?/?", "cluster": "/?0?"}
ESCAPED = "the reserved characters of a password are written as %XX"


class RedisUrl(msgspec.Struct, frozen=True):
    """What a URL says; `kind` is empty for one server."""

    kind: str
    tls: bool
    hosts: list[tuple[str, int]]
    username: str
    password: str
    path: str
    options: dict[str, str]

    @property
    def is_local(self) -> bool:
        """Whether nobody beyond this machine is asked; sentinels and clusters name others themselves."""
        return not self.kind and all(is_loopback(host) for host, _ in self.hosts)


def parse(url: str) -> RedisUrl:
    """Read a URL.

    Raises
    ------
    ValueError
        Where it is not understood; the message quotes nothing of it.

    Examples
    --------
    >>> parse("redis+sentinel://:secret@a,[::1]:7001/deals/2").hosts
    [('a', 26379), ('::1', 7001)]
    >>> parse("redis://:se#cret@cache:6379/0")
    Traceback (most recent call last):
    ...
    ValueError: has a space or a fragment; the reserved characters of a password are written as %XX
    """
    if not re.fullmatch("[!-~]+", url) or "#" in url:
        raise ValueError(f"has a space or a fragment; {ESCAPED}")
    scheme, _, rest = url.partition("://")
    if scheme not in OPTIONS:
        raise ValueError(f"begins with none of {', '.join(f'{each}://' for each in OPTIONS)}")
    rest, _, query = rest.partition("?")
    netloc, path = rest.partition("/")[0], "".join(rest.partition("/")[1:])
    credentials, _, listed = netloc.rpartition("@")
    kind = scheme.partition("+")[2]
    if scheme == "unix":
        hosts = list[tuple[str, int]]()
        if listed or not path.strip("/"):
            raise ValueError("names no path of a socket after unix://")
    else:
        hosts = [_host(each, SENTINEL_PORT if kind == "sentinel" else PORT) for each in listed.split(",")]
        if len(hosts) > 1 and not kind:
            raise ValueError("has several hosts, but is no redis+cluster:// or redis+sentinel://")
        if not re.fullmatch(PATHS[kind], path):
            raise ValueError(f"has a path that names no database or master; {ESCAPED}")
    username, _, password = (unquote(part) for part in credentials.partition(":"))
    return RedisUrl(
        kind, scheme.startswith("rediss"), hosts, username, password, path, _options(scheme, query)
    )


def is_loopback(host: str) -> bool:
    """Whether nobody but this machine can reach `host`.

    >>> is_loopback("127.0.0.1"), is_loopback("::1"), is_loopback("0.0.0.0"), is_loopback("example.org")
    (True, True, False, False)
    """
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _host(text: str, default_port: int) -> tuple[str, int]:
    found = HOST.fullmatch(text)
    port = int(found[2] or default_port) if found else 0
    if found is None or not 1 <= port <= 65535:
        raise ValueError(f"has a host or a port that is none; {ESCAPED}")
    return found[1].strip("[]"), port


def _options(scheme: str, query: str) -> dict[str, str]:
    pairs = parse_qsl(query, keep_blank_values=True)
    options = dict(pairs)
    if len(options) < len(pairs) or not options.keys() <= OPTIONS[scheme]:
        raise ValueError(f"has options that are not understood; {ESCAPED}")
    if not re.fullmatch("[0-9]{1,4}", options.get("db", "0")):
        raise ValueError("has a db that is no number")
    return options
