"""Tokens: who is authenticated by a signature, and everything that only looks like one."""

import base64
import hmac
import json
import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm
from litestar import Litestar
from litestar.routes import HTTPRoute
from litestar.testing import TestClient

from rackrate.api.auth.reloading import FileError, ReloadingFile
from rackrate.api.auth.tokens import Tokens, read_keys
from rackrate.api.cache.memory import MemoryResults
from rackrate.app import create_app
from rackrate.settings import Settings

Client = TestClient[Litestar]
ISSUER, AUDIENCE = "https://login.example", "rackrate"
KEYS: dict[str, Any] = {
    "RS256": rsa.generate_private_key(public_exponent=65537, key_size=2048),
    "ES256": ec.generate_private_key(ec.SECP256R1()),
    "EdDSA": ed25519.Ed25519PrivateKey.generate(),
}
WRITERS: dict[str, Any] = {"RS256": RSAAlgorithm, "ES256": ECAlgorithm, "EdDSA": OKPAlgorithm}


def public(algorithm: str, key: Any = None) -> dict[str, Any]:
    written = WRITERS[algorithm].to_jwk((key or KEYS[algorithm]).public_key(), as_dict=True)
    return dict(written) | {"kid": algorithm, "alg": algorithm, "use": "sig"}


def claims(**changed: Any) -> dict[str, Any]:
    now = int(time.time())
    good = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "desk-7",
        "scope": "price read",
        "nbf": now - 5,
        "exp": now + 60,
    }
    return {name: value for name, value in (good | changed).items() if value is not None}


def token(
    algorithm: str = "ES256", headers: dict[str, Any] | None = None, key: Any = None, **changed: Any
) -> str:
    head = {"kid": algorithm} | (headers or {})
    return jwt.encode(claims(**changed), key or KEYS[algorithm], algorithm, headers=head)


@pytest.fixture
def jwks(tmp_path: Path) -> Path:
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps({"keys": [public(algorithm) for algorithm in KEYS]}))
    return path


@pytest.fixture
def guarded(open_client: Callable[..., Client], jwks: Path) -> Client:
    return open_client(jwks_file=str(jwks), jwt_issuer=ISSUER, jwt_audience=AUDIENCE)


def ask(client: Client, sent: str) -> int:
    return client.get("/v1/rulesets", headers={"Authorization": f"Bearer {sent}"}).status_code


@pytest.mark.parametrize("algorithm", KEYS)
def test_a_token_signed_by_a_key_of_the_set_comes_in(guarded: Client, algorithm: str) -> None:
    assert ask(guarded, token(algorithm)) == 200
    assert ask(guarded, token(algorithm, scope=None, scp=["read"])) == 200
    assert ask(guarded, token(algorithm, scope=None, roles=["read"])) == 200
    assert ask(guarded, token(algorithm, scope=None, scp="openid", roles=["read"])) == 200
    assert ask(guarded, token(algorithm, nbf=None)) == 200


def test_a_token_does_what_its_scopes_allow_and_no_more(guarded: Client, hyperscale: bytes) -> None:
    headers = {"Authorization": f"Bearer {token(scope='read admin')}", "Content-Type": "application/json"}
    assert guarded.get("/v1/rulesets", headers=headers).status_code == 200
    assert guarded.post("/v1/underwritings", content=hyperscale, headers=headers).status_code == 403


def test_subjects_are_clients_apart(guarded: Client, hyperscale: bytes) -> None:
    ours, theirs = (
        {"Authorization": f"Bearer {token(sub=sub)}", "Content-Type": "application/json"}
        for sub in ("a", "b")
    )
    first = guarded.post("/v1/underwritings", content=hyperscale, headers=ours)
    assert guarded.get(first.headers["location"], headers=ours).content == first.content
    assert guarded.get(first.headers["location"], headers=theirs).status_code == 404


def unsigned(head: dict[str, Any]) -> str:
    parts = [json.dumps(part).encode() for part in (head, claims())]
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts) + "."


def confused() -> str:
    """HMAC under the public key's own text: what a service that believes the token's `alg` would accept."""
    secret = KEYS["RS256"].public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    signed = unsigned({"alg": "HS256", "kid": "RS256"})[:-1]
    signature = hmac.digest(secret, signed.encode(), "sha256")
    return f"{signed}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"


NOW = int(time.time())
BAD: dict[str, Callable[[], str]] = {
    "nothing": lambda: "",
    "garbage": lambda: "a.b.c",
    "deep": lambda: base64.urlsafe_b64encode(b"[" * 4000).decode().rstrip("=") + ".e30.",
    "huge": lambda: "x" * 100_000,
    "unsigned": lambda: unsigned({"alg": "none", "kid": "ES256"}),
    "unsigned, oddly": lambda: unsigned({"alg": "nOnE", "kid": "ES256"}),
    "public key as secret": confused,
    "another algorithm of the key": lambda: jwt.encode(
        claims(), KEYS["RS256"], "PS256", headers={"kid": "RS256"}
    ),
    "another key": lambda: token(key=ec.generate_private_key(ec.SECP256R1())),
    "another kid": lambda: token(headers={"kid": "RS256"}),
    "unknown kid": lambda: token(headers={"kid": "x"}),
    "kid that is a list": lambda: unsigned({"alg": "ES256", "kid": ["ES256"]}),
    "critical extension": lambda: token(headers={"crit": ["b64"], "b64": True}),
    "a key of its own": lambda: token(
        key=ec.generate_private_key(ec.SECP256R1()), headers={"jku": "https://evil.example/"}
    ),
    "expired": lambda: token(exp=NOW - 3600),
    "not yet": lambda: token(nbf=NOW + 3600),
    "no expiry": lambda: token(exp=None),
    "beginning that is text": lambda: token(nbf="tomorrow"),
    "no audience": lambda: token(aud=None),
    "no issuer": lambda: token(iss=None),
    "nobody": lambda: token(sub=None),
    "empty subject": lambda: token(sub=""),
    "subject that is no text of Unicode": lambda: token(sub="desk\ud800"),
    "another audience": lambda: token(aud="else"),
    "another issuer": lambda: token(iss="https://evil.example"),
    "expiry that is text": lambda: token(exp="tomorrow"),
    "expiry without end": lambda: token(exp=float("inf")),
    "scopes that are numbers": lambda: token(scope=[1, 2]),
    "tail cut off": lambda: token()[:-4],
    "claims swapped": lambda: ".".join(
        [token().split(".")[0], token(sub="root").split(".")[1], token().split(".")[2]]
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_what_only_looks_like_a_token_stays_out(guarded: Client, name: str) -> None:
    assert ask(guarded, BAD[name]()) == 401


WHY = {
    "expired": "is expired",
    "not yet": "is not yet valid",
    "another audience": "is for another audience",
    "another issuer": "is of another issuer",
    "no expiry": "is without the claim exp",
    "nobody": "is without the claim sub",
    "empty subject": "is malformed: its sub is not text of 1 to 200 printable characters",
    "another key": "is not signed by the key that it names",
    "unknown kid": "is signed by a key that is not in the set",
    "garbage": "is malformed",
    "huge": "is longer than 8192 characters",
}


@pytest.mark.parametrize("name", WHY)
def test_a_refusal_says_why_as_rfc_6750_has_it(guarded: Client, name: str) -> None:
    answer = guarded.get("/v1/rulesets", headers={"Authorization": f"Bearer {BAD[name]()}"})
    challenge = answer.headers["www-authenticate"]
    assert challenge.startswith('Bearer realm="rackrate", error="invalid_token", error_description="The')
    assert WHY[name] in challenge
    assert WHY[name] in answer.json()["detail"]


def test_no_credentials_are_challenged_without_an_error_and_a_missing_scope_is_named(
    guarded: Client, hyperscale: bytes
) -> None:
    assert guarded.get("/v1/rulesets").headers["www-authenticate"] == 'Bearer realm="rackrate"'
    headers = {"Authorization": f"Bearer {token(scope='read')}", "Content-Type": "application/json"}
    answer = guarded.post("/v1/underwritings", content=hyperscale, headers=headers)
    assert answer.headers["www-authenticate"] == (
        'Bearer realm="rackrate", error="insufficient_scope", scope="price"'
    )


SAID: dict[str, tuple[Callable[[], str], str]] = {
    "expired": (
        lambda: token(exp=NOW - 3600, jti="t-17"),
        "token 't-17' signed by 'ES256' is expired",
    ),
    "as Azure names it": (
        lambda: token(aud="else", uti="u-5"),
        "token 'u-5' signed by 'ES256' is for another audience",
    ),
    "a key that is not there": (
        lambda: token(headers={"kid": "k" * 3000}, jti="t-17"),
        f"token 't-17' signed by {'k' * 200!r} is signed by a key that is not in the set",
    ),
    "another algorithm": (
        lambda: jwt.encode(claims(jti="t-17"), KEYS["RS256"], "PS256", headers={"kid": "RS256"}),
        "token 't-17' signed by 'RS256' is of another algorithm than its key, or with a critical extension",
    ),
    "scopes that are numbers": (
        lambda: token(scope=[1], jti="t-17"),
        "token 't-17' signed by 'ES256' is malformed: its scopes are not text",
    ),
    "neither id nor key": (lambda: f"a.b.{'s' * 40}", "token without an id that names no key is malformed"),
    "a scope that is missing": (
        lambda: token(scope="price", jti="t-17"),
        "token 't-17' signed by 'ES256' lacks the scope read",
    ),
}


@pytest.mark.parametrize("name", SAID)
def test_the_log_names_the_token_and_its_key_and_nothing_of_its_secret(
    guarded: Client, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    make, said = SAID[name]
    sent = make()
    with caplog.at_level("WARNING", "rackrate.clients"):
        assert ask(guarded, sent) in (401, 403)
    assert [record.getMessage() for record in caplog.records] == [f"refused: {said}"]
    assert sent.rsplit(".", 1)[1] not in caplog.text


GUARDED = [
    (method, path.path_format.replace("{id_}", "x").replace("{name}", "x"))
    for path in create_app(Settings(), MemoryResults(1)).routes
    if isinstance(path, HTTPRoute)
    for handler in path.route_handlers
    if "scope" in handler.opt
    for method in sorted(handler.http_methods - {"OPTIONS"})
]


def test_no_route_lets_in_what_stays_out_and_all_are_quick_to_say_so(guarded: Client) -> None:
    """Sixty bad credentials on every guarded route; the median tells what refusing costs of a processor."""
    schemes = [
        "Basic {}",
        "{}",
        "bearer",
        "Token {}",
        "Bearer  {}",
        "Bearer {} {}",
        "Bearer\t{}",
        "Digest {}",
    ]
    good = token()
    found = [f"Bearer {make()}" for make in BAD.values()]
    found += [scheme.format(good, good) for scheme in schemes]
    found += [f"Bearer {good[:i]}{'A' if good[i] != 'A' else 'B'}{good[i + 1 :]}" for i in (5, 40, 90, 140)]
    found += [f"Bearer {kind}{good}{kind}" for kind in ("'", '"', "<", ".", "=", "%", ",")]
    found += [
        f"Bearer rr_{tail}" for tail in ("", "_", "x_y", good, "../x_y", "x" * 200, "é_é", "__", "a_b_c")
    ]
    found += [f"Bearer {good.upper()}", f"Bearer {good.lower()}", f"Bearer {good[::-1]}"]
    assert len(found) >= 60
    assert len(GUARDED) >= 10
    took = []
    for method, path in GUARDED:
        for credentials in found:
            start = time.process_time()
            answer = guarded.request(method, path, headers={"Authorization": credentials.encode()})
            took.append(time.process_time() - start)
            assert answer.status_code == 401, (method, path, credentials)
    assert statistics.median(took) < 0.02


def test_a_key_set_is_read_again_and_a_bad_one_is_not_taken_over(jwks: Path) -> None:
    now = [0.0]
    fresh = ReloadingFile(str(jwks), read_keys, clock=lambda: now[0])
    assert set(fresh.value) == set(KEYS)
    jwks.write_text("{")
    now[0] = 2.0
    assert set(fresh.value) == set(KEYS)
    jwks.write_text(json.dumps({"keys": [public("ES256")]}))
    os.utime(jwks, ns=(1, 1))
    assert set(fresh.value) == set(KEYS)
    now[0] = 4.0
    assert set(fresh.value) == {"ES256"}


SMALL = rsa.generate_private_key(public_exponent=65537, key_size=1024)
SETS: dict[str, Any] = {
    "nothing": {},
    "no keys": {"keys": []},
    "twice": {"keys": [public("ES256"), public("ES256")]},
    "without a kid": {"keys": [{k: v for k, v in public("ES256").items() if k != "kid"}]},
    "symmetric": {"keys": [{"kty": "oct", "k": "c2VjcmV0", "alg": "HS256", "kid": "x"}]},
    "private": {"keys": [{**WRITERS["ES256"].to_jwk(KEYS["ES256"], as_dict=True), "kid": "x"}]},
    "short": {"keys": [public("RS256", SMALL)]},
    "another algorithm": {"keys": [public("RS256") | {"alg": "RS512"}]},
}


@pytest.mark.parametrize("name", SETS)
def test_a_key_set_that_should_not_be_trusted_stops_the_service(tmp_path: Path, name: str) -> None:
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps(SETS[name]))
    with pytest.raises(FileError, match=r"jwks\.json"):
        Tokens(str(path), ISSUER, AUDIENCE)
