"""Drive a running service with the shipped deals: `make load`.

Three requests in four change the debt's rate first, so that the engine works and not the cache alone.
With API keys, put one into the file named by $LOAD_KEY_FILE.
"""

import json
import os
import random
from pathlib import Path

from locust import FastHttpUser, between, task

EXAMPLES = Path(__file__).parents[1] / "service/rackrate/deal/examples"
DEALS = [json.loads(path.read_text()) for path in sorted(EXAMPLES.glob("*.json"))]
KEY_FILE = os.environ.get("LOAD_KEY_FILE")
HEADERS = {"Authorization": f"Bearer {Path(KEY_FILE).read_text().strip()}"} if KEY_FILE else {}


class Lender(FastHttpUser):
    host = "http://127.0.0.1:8000"
    wait_time = between(0.0, 0.01)

    @task(3)
    def underwrite_a_new_deal(self) -> None:
        deal = dict(random.choice(DEALS))
        rate = deal["debt"]["rate"]
        changed = rate + random.random() / 1000 if isinstance(rate, float) else rate
        deal["debt"] = deal["debt"] | {"rate": changed}
        deal["name"] = f"{deal['name']} {random.random()}"
        self.client.post("/v1/underwritings", json=deal, headers=HEADERS, name="new deal")

    @task(1)
    def underwrite_a_known_deal_and_read_it_again(self) -> None:
        deal = random.choice(DEALS)
        answer = self.client.post("/v1/underwritings", json=deal, headers=HEADERS, name="known deal")
        if answer.status_code == 200:
            summary = f"{answer.headers['location']}?fields=summary"
            self.client.get(summary, headers=HEADERS, name="read again")
