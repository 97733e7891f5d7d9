"""Reading: threads, what waits for a person, and how the outbox is doing."""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.messaging import limits, registry
from clinic.messaging.models import Channel, ChannelState, Heartbeat, Message, Reply
from clinic.messaging.states import IN_DOUBT, State

STANDING_STILL = dt.timedelta(minutes=2)
SECOND_CHANNELS = {State.FAILED, State.UNDELIVERED}


@dataclass(frozen=True)
class Bubble:
    """One line of a thread, in the terms of `parts/_bubbles.html`."""

    way: str
    text: str
    at: dt.datetime
    stand: str
    channel: str
    failed: bool
    kind: str = ""
    title: str = ""
    id: uuid.UUID | None = None


def thread(patient_id: uuid.UUID, *, ref: str | None = None, limit: int = 200) -> list[Bubble]:
    """What was said with this person, oldest first: sent, waiting and received. Cancelled messages are left out."""
    sent = Message.objects.filter(patient_id=patient_id).exclude(state__in=[State.CANCELLED, State.EXPIRED])
    heard = Reply.objects.filter(patient_id=patient_id)
    if ref:
        sent, heard = sent.filter(ref=ref), heard.filter(about__ref=ref)
    bubbles = [
        Bubble(
            "out",
            one.body,
            one.accepted_at or one.due_at,
            str(one.get_state_display()),
            str(one.get_channel_display()),
            one.state in {State.FAILED, State.UNDELIVERED, State.NEEDS_PERSON},
            one.kind,
            registry.title(one.ref),
            one.pk,
        )
        for one in sent.order_by("-due_at")[:limit]
    ]
    bubbles += [
        Bubble(
            "in",
            one.body,
            one.received_at,
            _("unread") if one.unread else _("read"),
            str(one.get_channel_display()),
            False,
            one.choice,
            "",
            one.pk,
        )
        for one in heard.order_by("-received_at")[:limit]
    ]
    return sorted(bubbles, key=lambda one: (one.at, one.way))[-limit:]


def unread_replies(*, limit: int = 100) -> list[Reply]:
    """Urgent ones first, then the one waiting longest."""
    order = {"emergency": 0, "same_day": 1, "soon": 2, "": 3}
    found = Reply.objects.filter(unread=True).select_related("patient", "about").order_by("received_at")[:limit]
    return sorted(found, key=lambda one: (order[one.urgency], one.received_at))


def unread_count() -> int:
    return Reply.objects.filter(unread=True).count()


def for_a_person(*, limit: int = 100) -> list[Message]:
    """Messages that nobody could be sent, or whose fate only a person can decide, oldest first."""
    return list(
        Message.objects.filter(state=State.NEEDS_PERSON).select_related("patient").order_by("created_at")[:limit]
    )


def status_report(*, now: dt.datetime | None = None) -> dict[str, Any]:
    """Numbers for the status page and the desk's banner. No names, no addresses."""
    now = now or timezone.now()
    due = Message.objects.filter(state=State.PENDING, due_at__lte=now).exclude(channel=Channel.DESK)
    oldest = due.order_by("due_at").values_list("due_at", flat=True).first()
    ticks = dict(Heartbeat.objects.values_list("component", "at"))
    late = int((now - oldest).total_seconds()) if oldest else 0
    still = late > STANDING_STILL.total_seconds() or any(now - at > STANDING_STILL * 2 for at in ticks.values())
    return {
        "oldest_due_seconds": late,
        "due": due.count(),
        "in_doubt": Message.objects.filter(state__in=IN_DOUBT).count(),
        "needs_person": Message.objects.filter(state=State.NEEDS_PERSON).count(),
        "unread": unread_count(),
        "paused": {row.channel: row.reason for row in ChannelState.objects.filter(channel__in=limits.paused(now=now))},
        "ticks": {component: at.isoformat() for component, at in sorted(ticks.items())},
        "standing_still": still,
    }
