"""Post a deal by openapi-python-client's, for a summary and for all; print two figures of each."""

import json
import sys
from pathlib import Path

from rackrate_attrs import Client
from rackrate_attrs.api.underwritings import underwrite_deal
from rackrate_attrs.models import Deal, UnderwriteDealFieldsItem, Underwriting

url, file = sys.argv[1:]
document = json.loads(Path(file).read_text())
deal = Deal.from_dict(document)
assert deal.to_dict() == document
with Client(base_url=url, raise_on_unexpected_status=True) as client:
    for fields in ({"fields": [UnderwriteDealFieldsItem.SUMMARY]}, {}):
        answer = underwrite_deal.sync(client=client, body=deal, **fields)
        assert isinstance(answer, Underwriting), answer
        print(json.dumps([answer.summary.principal, answer.summary.dscr.closing]))
