"""WhatsApp and SMS through Twilio's client. Creating a message is not idempotent there and has no idempotency key."""

import json
import logging
import os
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.urls import reverse
from twilio.base.exceptions import TwilioException
from twilio.rest import Client

from clinic.messaging.channels import sms, whatsapp
from clinic.messaging.channels.courier import Courier, NotSent, Unread
from clinic.messaging.channels.types import Envelope, Found, Outcome, Result
from clinic.messaging.config import option

log = logging.getLogger(__name__)

OPTED_OUT, BAD_CREDENTIALS = "21610", "20003"
# Refusals with these codes are of one message, whatever the HTTP status: a country not served, a number, a template.
OF_THE_MESSAGE = ("21", "30", "63")


def client() -> Client:
    """One per process: its connections are reused, and a forked worker makes its own."""
    return _client(os.getpid(), settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN, settings.TWILIO_BASE_URL)


@lru_cache(maxsize=2)
def _client(_process: int, account: str, token: str, base_url: str) -> Client:
    courier = Courier(connect=option("connect_timeout"), read=option("read_timeout"), base_url=base_url)
    return Client(account, token, http_client=courier)


def post(envelope: Envelope) -> Outcome:
    channel = whatsapp if envelope.channel == "whatsapp" else sms
    fields = channel.fields(envelope)
    if fields is None:
        return Outcome(result=Result.FAILED, error_code="no_template")
    callback = settings.PUBLIC_URL + reverse("messaging:status", args=[envelope.attempt_id])
    try:
        made = client().messages.create(status_callback=callback, **fields)
    except NotSent:
        return Outcome(result=Result.RETRY, error_code="connect")
    except Unread as problem:
        return Outcome(result=Result.UNKNOWN, http_status=problem.status, error_code="unread")
    except TwilioException as problem:
        return refusal(getattr(problem, "status", None), str(getattr(problem, "code", "") or ""))
    except json.JSONDecodeError:
        return Outcome(result=Result.UNKNOWN, http_status=201, error_code="unreadable")
    except Exception as problem:  # whatever it was, it may have happened after the POST
        log.error("sending failed in an unforeseen way: %s", type(problem).__name__)
        return Outcome(result=Result.UNKNOWN, error_code="unforeseen")
    if not made.sid:
        return Outcome(result=Result.UNKNOWN, http_status=201, error_code="unreadable")
    return Outcome(
        result=Result.ACCEPTED, http_status=201, provider_id=made.sid, provider_status=str(made.status or "accepted"),
        error_code=str(made.error_code or ""),
    )  # fmt: skip


def refusal(status: int | None, code: str) -> Outcome:
    """What an HTTP status and an error code mean for the message. Pure: by class, and a short list of codes."""
    if status is None or status >= 500 or status == 408 or status < 400:
        result = Result.UNKNOWN
    elif status == 429:
        result = Result.RETRY
    elif status in {401, 403, 404} and not code.startswith(OF_THE_MESSAGE) or code == BAD_CREDENTIALS:
        result = Result.PAUSED  # the account is closed, suspended or gone: the next message would fare no better
    elif code == OPTED_OUT:
        result = Result.SUPPRESSED
    else:
        result = Result.FAILED
    return Outcome(result=result, http_status=status, error_code=code[:10])


def find(channel: str, to: str) -> list[Found] | None:
    """Newest first. Not filtered by date sent: a message that is still queued there has none."""
    number = f"whatsapp:{to}" if channel == "whatsapp" else to
    try:
        return [_found(one) for one in client().messages.list(to=number, limit=100, page_size=100)]
    except Exception as problem:
        log.warning("looking up messages failed: %s", type(problem).__name__)
        return None


def fetch(provider_id: str) -> Found | None:
    try:
        return _found(client().messages(provider_id).fetch())
    except Exception as problem:
        log.warning("asking after a message failed: %s", type(problem).__name__)
        return None


def _found(one: Any) -> Found:
    return Found(
        provider_id=one.sid, status=str(one.status or ""), body=one.body or "", created_at=one.date_created,
        error_code=str(one.error_code or ""),
    )  # fmt: skip
