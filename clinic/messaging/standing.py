"""How each channel stands, what waits there, and how much of the day's allowance is used. Reading only."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, Min
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic.messaging import limits, spend
from clinic.messaging.claiming import HELD
from clinic.messaging.config import option
from clinic.messaging.models import Channel, ChannelState, Message
from clinic.messaging.states import State

NAMES = {Channel.WHATSAPP: _("WhatsApp"), Channel.SMS: _("Text messages"), Channel.EMAIL: _("Email")}


@dataclass(frozen=True)
class Standing:
    """`until` is when it opens by itself; a refused account is only tried then. `oldest` is since when the oldest due
    message waits.
    """

    channel: str
    reason: str = ""
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    waiting: int = 0
    oldest: dt.datetime | None = None

    @property
    def paused(self) -> bool:
        return bool(self.reason)


@dataclass(frozen=True)
class Use:
    """Of the allowance since midnight UTC, or since somebody opened the breaker."""

    used: float
    limit: float
    earlier: float = 0

    @property
    def high(self) -> float:
        return self.limit * 0.8


def channels(*, now: dt.datetime | None = None) -> list[Standing]:
    """WhatsApp, text messages and email, in that order. Two queries."""
    now = now or timezone.now()
    due = Message.objects.filter(state=State.PENDING, due_at__lte=now)
    waiting = {
        row["channel"]: row for row in due.order_by().values("channel").annotate(n=Count("pk"), oldest=Min("due_at"))
    }
    states = {row.channel: row for row in ChannelState.objects.exclude(reason="")}
    return [_standing(channel, states.get(channel), waiting.get(channel, {}), now) for channel in NAMES]


def _standing(channel: str, state: ChannelState | None, waiting: dict, now: dt.datetime) -> Standing:
    count = {"waiting": waiting.get("n", 0), "oldest": waiting.get("oldest")}
    resting = state is not None and state.paused_until is not None and state.paused_until > now
    if state is None or not (resting or state.reason == limits.CREDENTIALS):
        return Standing(channel, **count)
    return Standing(channel, state.reason, state.since, state.paused_until, **count)


def messages_today(*, now: dt.datetime | None = None) -> Use:
    """Segments of text messages, and WhatsApp messages."""
    today = spend.today(now or timezone.now())
    return Use(today.segments - today.segments_before, option("daily_messages"), today.segments_before)


def cost_today(*, now: dt.datetime | None = None) -> Use:
    """In whole units of the account's currency."""
    today = spend.today(now or timezone.now())
    unit = 100 * spend.HUNDREDTHS
    earlier = today.hundredths_before / unit
    return Use(today.hundredths / unit - earlier, option("daily_cents") / 100, earlier)


def held_back(*, now: dt.datetime | None = None) -> dict[str, int]:
    """How many messages wait because a cap is used up, by the cap's name."""
    rows = Message.objects.filter(state=State.PENDING, error_class=HELD, due_at__gt=now or timezone.now())
    return dict(rows.order_by().values_list("error_code").annotate(n=Count("pk")))


def seen_paused() -> tuple[str, ...]:
    """Channels that stand still, for pages: asked of the database every 15 seconds and process."""
    return limits.remembered("seen_paused", lambda: limits.paused(now=None), fresh=None, seconds=15)
