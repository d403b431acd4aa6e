"""Admission control: a full service refuses before it parses."""

from collections import Counter

from tests.api.compute.test_short_queue import Client


def test_a_full_service_says_so_before_it_parses_and_answers_its_probes(client: Client) -> None:
    dispatcher = client.app.state["dispatcher"]
    dispatcher.short._queued, dispatcher.long.limit._under_way = set(range(1000)), Counter(somebody=1000)
    for path in ("/v1/underwritings", "/v1/sensitivities"):
        answer = client.post(path, content=b"not even JSON")
        assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
        assert answer.json()["type"] == "urn:rackrate:problem:busy"
        assert int(answer.headers["retry-after"]) >= 1
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert client.get("/health/live").status_code == 200
    assert client.get("/v1/rulesets").status_code == 200
    dispatcher.long.limit._under_way.clear()
    assert client.post("/v1/comparisons", json={}).status_code == 422
