"""``/webhooks/whatsapp``: WhatsApp tells here what happens to messages.

``GET`` is Meta's question whose address this is, ``POST`` an event. The signature of each event is
its sign-in, so the gate lets both pass.
"""

import logging
from http import HTTPStatus
from typing import Final

from flask import Blueprint, Response, abort, request
from werkzeug.exceptions import RequestEntityTooLarge

from app.access.gate import open_to_everyone
from app.webhook_metrics import WebhookMetrics
from sources.webhooks.forwarding import SIGNATURE_HEADER
from sources.webhooks.receiver import MOST_BODY_BYTES, NotAnObject, Receiver, WrongSignature

log = logging.getLogger(__name__)

WEBHOOKS: Final = "/webhooks/whatsapp"
_LONGEST_CHALLENGE: Final = 200


def blueprint(receiver: Receiver, metrics: WebhookMetrics) -> Blueprint:
    """Return the two routes of ``receiver``, which count in ``metrics``.

    ``GET`` answers with the challenge where the token is ours, else 403. ``POST`` answers 200 when
    the event is on the disk, whatever it says; 401 to a wrong signature, 413 to a body that is too
    large, 400 to what is no object of JSON, and 503 where it cannot be written: WhatsApp then sends
    it again.
    """
    routes = Blueprint("webhooks", __name__)

    @routes.get(WEBHOOKS)
    @open_to_everyone
    def verify() -> Response:
        if request.args.get("hub.mode") != "subscribe" or not receiver.knows(
            request.args.get("hub.verify_token", "")
        ):
            abort(HTTPStatus.FORBIDDEN)
        return _text(request.args.get("hub.challenge", "")[:_LONGEST_CHALLENGE])

    @routes.post(WEBHOOKS)
    @open_to_everyone  # the signature is checked on the body
    def take() -> Response:
        with metrics.timed():
            reason, status = _take(receiver)
        if reason is not None:
            metrics.refused(reason)
            abort(status)
        metrics.received()
        return _text("")

    return routes


def _take(receiver: Receiver) -> tuple[str | None, HTTPStatus]:
    """Let ``receiver`` keep the body; return why it was refused, or None, and the status."""
    request.max_content_length = MOST_BODY_BYTES
    try:
        receiver.take(request.get_data(cache=False), request.headers.get(SIGNATURE_HEADER, ""))
    except RequestEntityTooLarge:
        return "size", HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    except WrongSignature:
        return "signature", HTTPStatus.UNAUTHORIZED
    except NotAnObject:
        return "json", HTTPStatus.BAD_REQUEST
    except OSError:
        log.exception("webhook cannot be written", extra={"event": "webhook_not_written"})
        return "disk", HTTPStatus.SERVICE_UNAVAILABLE
    return None, HTTPStatus.OK


def _text(text: str) -> Response:
    return Response(text, content_type="text/plain; charset=utf-8")
