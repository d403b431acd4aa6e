"""Post a deal of datamodel-code-generator's models, for a summary and for all; print two figures of each."""

import json
import sys
from pathlib import Path

import httpx
from rackrate_pydantic import Deal, Underwriting

url, file = sys.argv[1:]
deal = Deal.model_validate_json(Path(file).read_bytes())
body = deal.model_dump_json(exclude_unset=True)
for query in ({"fields": "summary"}, {}):
    reply = httpx.post(
        f"{url}/v1/underwritings", params=query, content=body, headers={"Content-Type": "application/json"}
    )
    summary = Underwriting.model_validate_json(reply.raise_for_status().content).summary
    assert summary is not None
    print(json.dumps([summary.principal, summary.dscr.closing]))
