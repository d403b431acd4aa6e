"""Settings: what the environment may say, and how it is told what it may not."""

from pathlib import Path

import pytest
from tests.redis_urls import UNREADABLE

from rackrate.settings import SettingsError, read


def test_defaults_are_those_of_the_contract() -> None:
    settings = read({"PATH": "/bin", "RACKRATE_REDIS_URL": ""})
    assert (settings.host, settings.port, settings.cache_ttl_s) == ("127.0.0.1", 8000, 900)
    assert (settings.max_body_bytes, settings.redis_url, settings.log_level) == (2097152, "", "info")


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({"RACKRATE_PROT": "1"}, "RACKRATE_PROT: no such setting; did you mean RACKRATE_PORT?"),
        ({"RACKRATE_port": "1"}, "RACKRATE_port: no such setting; did you mean RACKRATE_PORT?"),
        ({"RACKRATE_PORT_FILE": "/x"}, "RACKRATE_PORT_FILE: no such setting"),
        ({"RACKRATE_PORT": "80a"}, "RACKRATE_PORT: '80a' is not a whole number from 1 to 65535"),
        ({"RACKRATE_PORT": "70000"}, "RACKRATE_PORT: '70000' is not a whole number"),
        ({"RACKRATE_PORT": "nan"}, "RACKRATE_PORT: 'nan' is not a whole"),
        ({"RACKRATE_CACHE_TTL_S": "0"}, "RACKRATE_CACHE_TTL_S: '0' is not a whole number from 1 to 86400"),
        (
            {"RACKRATE_LOG_LEVEL": "loud"},
            "RACKRATE_LOG_LEVEL: 'loud' is not one of debug, error, info, warning",
        ),
        ({"RACKRATE_REDIS_URL": "http://x"}, "RACKRATE_REDIS_URL: "),
        (
            {"RACKRATE_REDIS_URL": "redis://cache:6379/0"},
            "RACKRATE_CACHE_SECRET: a Redis that is not on loopback",
        ),
        ({"RACKRATE_REDIS_URL": "redis+cluster://127.0.0.1:1,b:2"}, "RACKRATE_CACHE_SECRET: "),
        ({"RACKRATE_REDIS_URL": "redis+cluster://127.0.0.1:1"}, "RACKRATE_CACHE_SECRET: "),
        ({"RACKRATE_REDIS_URL": "redis+sentinel://127.0.0.1:1/master"}, "RACKRATE_CACHE_SECRET: "),
        *(
            (
                {"RACKRATE_REDIS_URL": "redis://cache:6379/0", "RACKRATE_CACHE_SECRET": secret},
                "RACKRATE_CACHE_SECRET: each line of the secret",
            )
            for secret in (" ", "\n", "15 bytes, no 16", 20 * " ", 16 * "a" + "\n\n", 16 * "a" + "\nshort")
        ),
        ({"rackrate_port": "9000"}, "rackrate_port: no such setting; did you mean RACKRATE_PORT?"),
        ({"RACKRATE_HOST": "0.0.0.0"}, "RACKRATE_HOST: 0.0.0.0 is not loopback"),
        ({"RACKRATE_HOST": "::"}, "RACKRATE_HOST: :: is not loopback"),
        ({"RACKRATE_JWKS_FILE": "/x"}, "RACKRATE_JWKS_FILE: tokens also need"),
        (
            {"RACKRATE_CACHE_SECRET_FILE": "/nowhere"},
            "RACKRATE_CACHE_SECRET_FILE: cannot read the file it names",
        ),
    ],
)
def test_a_bad_variable_is_refused_by_name(environ: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read(environ)
    assert str(refused.value).startswith(named)


def test_every_bad_variable_is_named_at_once() -> None:
    with pytest.raises(SettingsError) as refused:
        read({"RACKRATE_PROT": "1", "RACKRATE_WORKERS": "-1", "RACKRATE_TTL": "5"})
    assert [line.split(":")[0] for line in str(refused.value).splitlines()] == [
        "RACKRATE_PROT",
        "RACKRATE_TTL",
        "RACKRATE_WORKERS",
    ]


def test_a_secret_comes_from_a_file_but_not_from_two_places(tmp_path: Path) -> None:
    secret = tmp_path / "url"
    secret.write_text("redis://:pass@cache:6379/0\n")
    environ = {"RACKRATE_REDIS_URL_FILE": str(secret), "RACKRATE_CACHE_SECRET": "sixteen bytes it is"}
    assert read(environ).redis_url == "redis://:pass@cache:6379/0"
    with pytest.raises(SettingsError, match="give one of them"):
        read({"RACKRATE_REDIS_URL_FILE": str(secret), "RACKRATE_REDIS_URL": "redis://x"})


def test_workers_are_one_per_core_only_where_they_share_a_cache() -> None:
    assert read({}).processes == 1
    assert read({"RACKRATE_REDIS_URL": "redis://localhost"}).processes >= 1
    assert read({"RACKRATE_WORKERS": "3"}).processes == 3


def test_keys_allow_listening_to_others() -> None:
    assert read({"RACKRATE_HOST": "0.0.0.0", "RACKRATE_API_KEYS_FILE": "/keys"}).host == "0.0.0.0"


@pytest.mark.parametrize(
    "variable", ["RACKRATE_REDIS_URL", "RACKRATE_REDIS_URL_FILE", "RACKRATE_CACHE_SECRET_FILE"]
)
def test_a_secret_that_is_not_understood_is_named_and_never_shown(variable: str, tmp_path: Path) -> None:
    """Also where a URL is given for the name of a file."""
    for i, url in enumerate(UNREADABLE):
        (tmp_path / str(i)).write_text(url)
        value = str(tmp_path / str(i)) if variable == "RACKRATE_REDIS_URL_FILE" else url
        for given in (url, value):
            with pytest.raises(SettingsError) as refused:
                read({variable: given})
            assert str(refused.value).startswith(f"{variable}: ")
            assert "CaNaRy" not in str(refused.value)
