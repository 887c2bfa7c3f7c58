"""Sends webhooks as WhatsApp sends them, for tests and benchmarks."""

import hmac
import json
import time
import urllib.request
from hashlib import sha256


def signature(body: bytes, secret: str) -> str:
    """Return the header ``X-Hub-Signature-256`` with which WhatsApp signs ``body``."""
    return f"sha256={hmac.new(secret.encode(), body, sha256).hexdigest()}"


def send_message(address: str, number: int, secret: str) -> None:
    """Send the customer's message ``number``, of the present second, to the server at ``address``.

    Raises ``HTTPError`` where the server does not take it.
    """
    message = {
        "id": f"wamid.{number}",
        "from": "5511987654321",
        "timestamp": str(int(time.time())),
        "type": "text",
        "text": {"body": "Bom dia"},
    }
    value = {
        "metadata": {"display_phone_number": "551133334444", "phone_number_id": "71"},
        "contacts": [{"wa_id": "5511987654321", "profile": {"name": "Ana"}}],
        "messages": [message],
    }
    entry = {"id": "9", "changes": [{"field": "messages", "value": value}]}
    body = json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()
    headers = {"X-Hub-Signature-256": signature(body, secret)}
    request = urllib.request.Request(f"{address}/webhooks/whatsapp", body, headers)
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 200
