"""Settings: one frozen Struct, read once from the environment; a bad or misspelt variable is named."""

import difflib
import ipaddress
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from rackrate import processors, redis_url
from rackrate.redis_url import is_loopback

PREFIX = "RACKRATE_"
SECRETS = ("redis_url", "cache_secret")  # each may come as NAME_FILE, to stay out of the environment
SECRET_BYTES = 16  # at least: 128 bits, as the checksum that it keys


class SettingsError(Exception):
    """What is wrong with the environment, one line per variable."""


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How this service runs. Each field is the environment variable `RACKRATE_<FIELD>`."""

    host: Annotated[str, Meta(min_length=1)] = "127.0.0.1"
    """Address to listen on; any but loopback needs API keys."""
    port: Annotated[int, Meta(ge=1, le=65535)] = 8000
    """TCP port to listen on."""
    workers: Annotated[int, Meta(ge=0, le=256)] = 0
    """Processes; 0 stands for one per core with Redis, and for one without."""
    redis_url: str = ""
    """redis://, rediss:// or unix://, or with +cluster or +sentinel; empty for a cache in the process."""
    cache_ttl_s: Annotated[int, Meta(ge=1, le=86400)] = 900
    """Seconds an answer can be fetched again."""
    cache_secret: str = ""
    """Signs cached answers, by its first line; empty to derive it from the URL of one Redis on loopback."""
    api_keys_file: str = ""
    """TOML list of API keys; empty to ask for none."""
    jwks_file: str = ""
    """JSON Web Key Set of the keys that sign accepted tokens."""
    jwt_issuer: str = ""
    """The `iss` a token must carry."""
    jwt_audience: str = ""
    """The `aud` a token must carry."""
    trusted_proxies: str = ""
    """Addresses or networks of proxies, by commas: what they forward tells clients without a key apart."""
    max_body_bytes: Annotated[int, Meta(ge=1024, le=1 << 26)] = 2 * 1024 * 1024
    """Longest request body."""
    rate_per_minute: Annotated[int, Meta(ge=0, le=10_000_000)] = 0
    """Requests a client may send a minute, in all workers together; 0 for as many as it likes."""
    queue_ms: Annotated[int, Meta(ge=10, le=60_000)] = 250
    """Longest wait of short work before more is refused with 503."""
    max_work: Annotated[int, Meta(ge=1_000_000, le=10**15)] = 4_000_000_000
    """Segment-months one request may ask for, about 50 ns of a core each."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """Least level of what is logged."""

    @property
    def proxies(self) -> list[str]:
        """Addresses and networks of proxies that are trusted."""
        return [proxy.strip() for proxy in self.trusted_proxies.split(",") if proxy.strip()]

    @property
    def processes(self) -> int:
        """Worker processes to run: one per processor where they share a Redis, else one."""
        return self.workers or (processors.available() if self.redis_url else 1)


def read(environ: Mapping[str, str]) -> Settings:
    """Settings out of `environ`.

    Raises
    ------
    SettingsError
        One line per variable that is unknown, given twice, unreadable, out of range, or at odds with another.

    Examples
    --------
    >>> read({"RACKRATE_PORT": "9000"}).port
    9000
    >>> read({"RACKRATE_PROT": "9000"})
    Traceback (most recent call last):
    ...
    rackrate.settings.SettingsError: RACKRATE_PROT: no such setting; did you mean RACKRATE_PORT?
    """
    wrong: list[str] = []
    values: dict[str, Any] = {}
    for name in sorted(n for n in environ if n.upper().startswith(PREFIX) and environ[n] != ""):
        try:
            field, value = _one(name, environ)
            values[field] = value
        except SettingsError as refused:
            wrong.append(str(refused))
    settings = Settings(**values)
    wrong.extend(_contradictions(settings))
    if wrong:
        raise SettingsError("\n".join(wrong))
    return settings


def _one(name: str, environ: Mapping[str, str]) -> tuple[str, Any]:
    """One variable as its field and value."""
    types = {field.name: field.type for field in msgspec.structs.fields(Settings)}
    field, text = name.removeprefix(PREFIX).lower(), environ[name]
    if field not in types and field.endswith("_file") and field.removesuffix("_file") in SECRETS:
        field = field.removesuffix("_file")
        if environ.get(PREFIX + field.upper()):
            raise SettingsError(f"{name}: {PREFIX}{field.upper()} is given too; give one of them")
        text = _contents(name, text)
    if field not in types or name != name.upper():
        raise SettingsError(f"{name}: no such setting{_nearest(name, types)}")
    try:
        if field == "redis_url":
            redis_url.parse(text)
        return field, msgspec.convert(text, types[field], strict=False)
    except msgspec.ValidationError:
        given = "what it holds" if field in SECRETS else repr(text)
        raise SettingsError(f"{name}: {given} is not {_allowed(types[field])}") from None
    except ValueError as error:
        raise SettingsError(f"{name}: {error}") from None


def _allowed(annotated: Any) -> str:
    """Say in words what a setting takes.

    >>> _allowed(Annotated[int, Meta(ge=1, le=9)]), _allowed(Literal["a", "b"])
    ('a whole number from 1 to 9', 'one of a, b')
    """
    kind = msgspec.inspect.type_info(annotated)
    match kind:
        case msgspec.inspect.IntType():
            return f"a whole number from {kind.ge} to {kind.le}"
        case msgspec.inspect.LiteralType():
            return f"one of {', '.join(map(str, kind.values))}"
    return "a text"


def _contents(name: str, path: str) -> str:
    """The secret kept in a file, without the newline an editor leaves."""
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:  # the path could be the secret itself, in the wrong variable
        raise SettingsError(f"{name}: cannot read the file it names: {type(error).__name__}") from None


def _nearest(name: str, types: Mapping[str, Any]) -> str:
    """The setting that was probably meant, as the end of a sentence."""
    fields = [*types, *(f"{secret}_file" for secret in SECRETS)]
    close = difflib.get_close_matches(name.upper(), [PREFIX + field.upper() for field in fields], n=1)
    return f"; did you mean {close[0]}?" if close else ""


def _contradictions(settings: Settings) -> list[str]:
    """What cannot hold together, or cannot be honoured."""
    wrong = [
        f"{PREFIX}TRUSTED_PROXIES: {proxy!r} is not an address or a network, as 10.0.0.0/8"
        for proxy in settings.proxies
        if not _is_network(proxy)
    ]
    if not is_loopback(settings.host) and not settings.api_keys_file and not settings.jwks_file:
        wrong.append(
            f"{PREFIX}HOST: {settings.host} is not loopback; without API keys ({PREFIX}API_KEYS_FILE) "
            f"or tokens ({PREFIX}JWKS_FILE) the service listens on loopback alone"
        )
    if settings.redis_url and not redis_url.parse(settings.redis_url).is_local:
        wrong.extend(_weak_secret(settings.cache_secret))
    tokens = {"jwks_file", "jwt_issuer", "jwt_audience"}
    given = {field for field in tokens if getattr(settings, field)}
    if given and given < tokens:
        missing = " and ".join(PREFIX + field.upper() for field in sorted(tokens - given))
        wrong.append(f"{PREFIX}{min(given).upper()}: tokens also need {missing}")
    return wrong


def _weak_secret(secret: str) -> list[str]:
    """What is wrong with the secret of a Redis beyond this machine: none, or a line that could be guessed."""
    if not secret:
        told = "a Redis that is not on loopback, a cluster or sentinels need a secret to sign answers with"
    elif any(len(line.strip().encode()) < SECRET_BYTES for line in secret.splitlines()):
        told = f"each line of the secret of a Redis beyond loopback has {SECRET_BYTES} bytes or more"
    else:
        return []
    return [f"{PREFIX}CACHE_SECRET: {told}"]


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        return False
    return True
