"""Clients beside each other: one that takes too much, and what is said of any; run by `make drills`."""

import asyncio
import hashlib
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import redis
from tests.drills.figures import Figures
from tests.drills.load.crowd import Outcome, ask, in_turn, percentile
from tests.drills.processes.test_processes import port_of

Start = Callable[..., Any]
NAMES = ("loud", "calm")
LIMIT, TIMES = 60, 20


def keys_file(folder: Path) -> tuple[str, dict[str, str]]:
    """A keys file for two clients, and their keys."""
    keys = {name: f"rr_{name}1_{name * 12}" for name in NAMES}
    entry = '[[key]]\nclient = "{0}"\nid = "{0}1"\nsha256 = "{1}"\nscopes = ["price", "read"]\n'
    path = folder / "keys.toml"
    digests = {name: hashlib.sha256(key.encode()).hexdigest() for name, key in keys.items()}
    path.write_text("".join(entry.format(*pair) for pair in digests.items()))
    return str(path), keys


def test_a_client_past_its_limit_is_refused_and_the_others_do_not_feel_it(
    start_service: Start, deals: Start, figures: Figures, examples: Path, tmp_path: Path
) -> None:
    path, keys = keys_file(tmp_path)
    service = start_service(workers="1", api_keys_file=path, rate_per_minute=str(LIMIT))
    port, calm = port_of(service), deals(LIMIT - 5)
    document = json.loads((examples / "colocation-multi-tenant.json").read_bytes())

    def loud(i: int) -> bytes:
        document["name"] = f"loud {i}"
        return json.dumps(document).encode()

    async def story(noise: bool) -> tuple[list[Outcome], list[Outcome]]:
        """Half of what the calm one may send, alone or beside the loud one's twentyfold."""
        mine = [calm.pop() for _ in range(25)]
        noisy = [asyncio.create_task(shout()) for _ in range(4)] if noise else []
        quiet = []
        for body in mine:
            quiet.append(await ask(port, body, key=keys["calm"]))
            await asyncio.sleep(0.05)
        return quiet, [one for each in await asyncio.gather(*noisy) for one in each]

    async def shout() -> list[Outcome]:
        return [await ask(port, loud(i), key=keys["loud"]) for i in range(LIMIT * TIMES // 4)]

    while time.time() % 60 > 30:  # a limit is by the minute: begin where one is young
        time.sleep(0.5)
    asyncio.run(in_turn(port, [b"{}"], 1))
    alone, _ = asyncio.run(story(False))
    beside, noise = asyncio.run(story(True))
    figures.hold(
        "a client past its limit", "others' requests failed", sum(o.status != 200 for o in beside), 0
    )
    share = percentile(beside, 0.9) / max(percentile(alone, 0.9), 20)
    figures.hold("a client past its limit", "others' p90, of theirs alone", share, 3)
    refused = sum(one.status == 429 and "retry-after" in one.headers for one in noise) / len(noise)
    figures.reach("a client past its limit", "its requests refused with 429", refused, 0.9)
    assert {one.status for one in noise} <= {200, 429, 503}


def test_nothing_secret_and_nothing_of_a_deal_is_ever_logged_or_answered(
    start_redis: Start, start_service: Start, figures: Figures, examples: Path, tmp_path: Path
) -> None:
    """Every secret and every name has the canary in it; the log is kept at its most talkative."""
    canary = "CaNaRy7"
    server = start_redis()
    with redis.Redis(port=server.port) as operator:
        operator.config_set("requirepass", f"{canary}redis")
    key = f"rr_canary_{canary}key"
    digest = hashlib.sha256(key.encode()).hexdigest()
    entry = f'[[key]]\nclient = "{canary}"\nid = "canary"\nsha256 = "{digest}"\nscopes = ["price", "read"]\n'
    (tmp_path / "keys.toml").write_text(entry)
    url = f"redis://:{canary}redis@127.0.0.1:{server.port}/0"
    settings = {"cache_secret": f"{canary}seal", "api_keys_file": str(tmp_path / "keys.toml")}
    service = start_service(redis_url=url, log_level="debug", workers="2", **settings)
    deal = json.loads((examples / "gpu-compute-loan.json").read_bytes()) | {"name": f"{canary} Oak"}
    good = {"Content-Type": "application/json", "Authorization": f"Bearer {key}"}
    bad = good | {"Authorization": f"Bearer {key}x", "X-Request-Id": f"{canary} with spaces"}
    told: list[httpx.Response] = []
    for i in range(100):
        deal["debt"]["rate"] = 0.05 + i * 1e-6
        told.append(service.http.post("/v1/underwritings", json=deal, headers=good))
        told.append(service.http.post("/v1/underwritings", json=deal, headers=bad))
        told.append(service.http.post("/v1/underwritings", json=deal | {"currency": canary}, headers=good))
        told.append(service.http.post(f"/v1/{canary}?x={canary}", content=canary.encode(), headers=good))
        told.append(
            service.http.get(f"/v1/underwritings/{canary}", headers=good | {"Idempotency-Key": canary})
        )
        told.append(service.http.post("/v1/underwritings", content=canary.encode() * 9, headers=good))
    server.stop()
    told += [service.http.post("/v1/underwritings", json=deal, headers=good) for _ in range(5)]
    metrics = service.http.get("/metrics").text
    service.stop()
    log = service.log.read_text()
    name = f"secrets and names in {len(log.splitlines())} lines of log"
    figures.reach(name, "requests", len(told), 600)
    figures.hold(name, "found in the log", log.count(canary), 0)
    figures.hold(name, "found in the metrics", metrics.count(canary), 0)
    secrets = [f"{canary}redis", f"{canary}seal", f"{canary}key"]
    said = [answer.text + str(answer.headers) for answer in told]
    figures.hold(
        name, "answers with a secret", sum(any(secret in text for secret in secrets) for text in said), 0
    )
    figures.hold(name, "answers of 5xx", sum(answer.status_code >= 500 for answer in told), 0)
