"""Reading: threads, what waits for a person, and how the outbox is doing."""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, Case, ExpressionWrapper, IntegerField, Min, Q, QuerySet, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.messaging import caps, limits
from clinic.messaging.channels.types import Result
from clinic.messaging.kinds import FREE_TEXT, HEALTH
from clinic.messaging.models import Channel, ChannelState, Healing, Heartbeat, Message, Reply
from clinic.messaging.replies.red_flags import ORDER
from clinic.messaging.states import IN_DOUBT, State

STANDING_STILL = dt.timedelta(minutes=2)
TRIED_OFTEN = 4  # in vain, over more than two minutes
KEPT = 15  # seconds for which pages remember whether messages stand still

# Red flags, and answers to what was asked about health and did go out: for practitioners, not for the desk.
ABOUT_HEALTH = ~Q(urgency="") | Q(about__kind__in=sorted(HEALTH), about__accepted_at__isnull=False)


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
    id: uuid.UUID | None = None
    urgency: str = ""
    private: bool = False
    unread: bool = False


def thread(patient_id: uuid.UUID, *, ref: str | None = None, limit: int = 200) -> list[Bubble]:
    """What was said with this person, oldest first: sent, waiting and received. Cancelled messages are left out."""
    sent = Message.objects.filter(patient_id=patient_id).exclude(state__in=[State.CANCELLED, State.EXPIRED])
    heard = with_privacy(Reply.objects.filter(patient_id=patient_id))
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
            one.pk,
            private=one.kind == FREE_TEXT,
        )
        for one in sent.order_by("-due_at")[:limit]
    ]
    bubbles += [
        Bubble(
            "in",
            one.words,
            one.received_at,
            _("unread") if one.unread else _("read"),
            str(one.get_channel_display()),
            False,
            one.choice,
            one.pk,
            urgency=one.urgency,
            private=one.private,
            unread=one.unread,
        )
        for one in heard.order_by("-received_at")[:limit]
    ]
    return sorted(bubbles, key=lambda one: (one.at, one.way))[-limit:]


def with_privacy(replies: QuerySet[Reply]) -> QuerySet[Reply]:
    """Each with `private`: whether it speaks of health."""
    return replies.annotate(private=ExpressionWrapper(ABOUT_HEALTH, output_field=BooleanField()))


def unread_replies() -> QuerySet[Reply]:
    """Urgent ones first, then the one waiting longest; each with `private`."""
    return (
        with_privacy(Reply.objects.filter(unread=True)).select_related("patient").order_by(by_urgency(), "received_at")
    )


def by_urgency() -> Case:
    """Orders rows by their `urgency`, the most urgent first, those without any last."""
    rank = [When(urgency=word, then=Value(number)) for number, word in enumerate(ORDER)]
    return Case(*rank, default=Value(len(ORDER)), output_field=IntegerField())


def unread_count() -> int:
    return Reply.objects.filter(unread=True).count()


def for_a_person() -> QuerySet[Message]:
    """Messages that nobody could be sent, or whose fate only a person can decide, oldest first."""
    return Message.objects.filter(state=State.NEEDS_PERSON).select_related("patient").order_by("created_at")


def standing_still(*, now: dt.datetime | None = None) -> bool:
    """Whether what is due does not go out, or the sweep has gone quiet. What waits its sender's turn does not stand still.
    Four queries at most.
    """
    now = now or timezone.now()
    if any(now - at > STANDING_STILL * 2 for at in Heartbeat.objects.values_list("at", flat=True)):
        return True
    if _refused(now).exists():
        return True
    late = _due(now).filter(due_at__lt=now - STANDING_STILL)
    return late.exists() and late.exclude(channel__in=caps.at_full_pace(now=now)).exists()


def seen_standing_still() -> bool:
    """The same for pages: asked of the database every 15 seconds and process."""
    return limits.remembered("standing_still", standing_still, fresh=None, seconds=KEPT)


def _due(now: dt.datetime) -> QuerySet[Message]:
    return Message.objects.filter(state=State.PENDING, due_at__lte=now).exclude(channel=Channel.DESK)


def _refused(now: dt.datetime) -> QuerySet[Message]:
    """Put off again and again because nobody takes it: by its due time it is never late."""
    tried = Message.objects.filter(state=State.PENDING, error_class=Result.RETRY, attempts__gte=TRIED_OFTEN)
    return tried.filter(due_at__gt=now)


def status_report(*, now: dt.datetime | None = None) -> dict[str, Any]:
    """Numbers for the status page and the desk's banner. No names, no addresses."""
    now = now or timezone.now()
    due = _due(now)
    oldest = due.order_by("due_at").values_list("due_at", flat=True).first()
    ticks = dict(Heartbeat.objects.values_list("component", "at"))
    refused = _refused(now)
    since = refused.order_by().aggregate(since=Min("tries__started_at"))["since"]
    late = max((int((now - one).total_seconds()) for one in (oldest, since) if one), default=0)
    return {
        "oldest_due_seconds": late,
        "due": due.count() + refused.count(),
        "in_doubt": Message.objects.filter(state__in=IN_DOUBT).count(),
        "needs_person": Message.objects.filter(state=State.NEEDS_PERSON).count(),
        "unread": unread_count(),
        "paused": {row.channel: row.reason for row in ChannelState.objects.filter(channel__in=limits.paused(now=now))},
        "ticks": {component: at.isoformat() for component, at in sorted(ticks.items())},
        "healed": {
            row.component: {"at": row.at.isoformat(), "looked_at": row.looked_at, "kinds": row.kinds}
            for row in Healing.objects.order_by("component")
        },
        "standing_still": standing_still(now=now),
    }
