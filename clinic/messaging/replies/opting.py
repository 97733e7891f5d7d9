"""STOP, START and HELP: what somebody wants of us, written down as their decision."""

import datetime as dt

from django.conf import settings

from clinic.messaging import consent
from clinic.messaging.kinds import CARE, MARKETING
from clinic.messaging.models import Reply
from clinic.messaging.replies.hearing import Answer
from clinic.messaging.replies.saying import close, say
from clinic.people.models import Patient


def stop(reply: Reply, *, ambiguous: bool, now: dt.datetime) -> Reply:
    silent = consent.heard_stop(reply.address_index, channel=reply.channel, now=now)
    _decide(reply, silent, granted=False, now=now)
    reply.choice, reply.unread = "stop", ambiguous
    reply.save(update_fields=["choice", "unread"])
    return reply


def start(reply: Reply, *, answered: bool, now: dt.datetime) -> Reply:
    """`answered`: the provider has said it to them already."""
    opened = consent.heard_start(reply.address_index, channel=reply.channel, now=now)
    _decide(reply, opened, granted=True, now=now)
    if not answered:
        return close(reply, choice="start", answer=Answer("resumed", {}), now=now)
    reply.choice, reply.unread, reply.read_at = "start", False, now
    reply.save(update_fields=["choice", "unread", "read_at"])
    return reply


def help_(reply: Reply, *, answered: bool, now: dt.datetime) -> Reply:
    """Who we are and how to reach us, once a day. It may be a cry for help: a person reads it in any case."""
    if not answered:
        facts = {"emergency": settings.EMERGENCY_NUMBER}
        say(reply, Answer("help", facts), now, key=f"help:{reply.address_index}:{now:%Y%m%d}")
    return reply


def _decide(reply: Reply, ways: list[str], *, granted: bool, now: dt.datetime) -> None:
    """Everybody with this number has decided. A STOP takes back marketing altogether, which START does not bring back."""
    for patient in Patient.objects.filter(phone_index=reply.address_index):
        decided = [(channel, CARE) for channel in ways]
        if not granted:
            given = consent.decisions(patient.pk)
            decided += [key for key, yes in given.items() if key[1] == MARKETING and yes]
        for channel, purpose in decided:
            consent.record_consent(
                patient.pk, channel=channel, purpose=purpose, granted=granted, source="keyword", now=now
            )
