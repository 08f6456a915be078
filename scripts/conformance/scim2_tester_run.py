"""Runs scim2-tester and prints what it found as JSON: scim2_tester_run.py BASE_URL TYPE..., the token in SCIM_TOKEN."""

import json
import os
import sys
from collections import Counter

from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import check_server

base_url, *types = sys.argv[1:]
http = Client(base_url=base_url, headers={"Authorization": "Bearer " + os.environ["SCIM_TOKEN"]}, timeout=30)
client = SyncSCIMClient(http)
client.discover()
results = check_server(client, resource_types=types)


def attribute_of(result):
    data = result.data if isinstance(result.data, dict) else {}
    return str(data.get("urn", ""))


print(
    json.dumps(
        {
            "counts": Counter(result.status.name.lower() for result in results),
            "errors": [
                {"title": result.title or "", "reason": (result.reason or "")[:600], "attribute": attribute_of(result)}
                for result in results
                if result.status.name in ("ERROR", "CRITICAL")
            ],
        }
    )
)
