"""What every staff page says unasked: how many messages wait, that something urgent is unread, that nothing goes out,
that a visit is near and nobody has decided about its form."""

from dataclasses import dataclass, field
from typing import Any

from django import template
from django.utils import timezone

from bookings import notices
from bookings.selectors import inbox
from bookings.selectors.unreviewed import near_and_unreviewed
from clinic.messaging.selectors import seen_standing_still
from clinic.messaging.standing import NAMES, seen_paused
from clinic.people.access import STAFF, actor_of, may

register = template.Library()
ITS_OWN_PAGES = {"desk:messages", "desk:thread"}
CHANNEL_PAGES = {"desk:channels", "desk:channel_open"}


@dataclass(frozen=True)
class Attention:
    waiting: int = 0
    urgent: int = 0
    still: bool = False
    unreviewed: int = 0
    paused: tuple[str, ...] = ()
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def banner(self) -> bool:
        late = any(one.late for one in self.more.values())
        return bool(self.urgent or self.still or self.paused or self.unreviewed or late)


@register.simple_tag(takes_context=True)
def attention(context: template.Context) -> Attention:
    """Once for a page: three queries, and every 15 seconds a few more."""
    request = context.get("request")
    actor = actor_of(request) if request else None
    if actor is None or actor.kind not in STAFF:
        return Attention()
    still = seen_standing_still()
    match = getattr(request, "resolver_match", None)
    here = match.view_name if match is not None else ""
    paused = () if here in CHANNEL_PAGES else tuple(str(NAMES[one]) for one in seen_paused())
    unreviewed = near_and_unreviewed(now=timezone.now()).count() if may(actor, "diary.write") else 0
    if not may(actor, "message.thread"):
        return Attention(still=still, unreviewed=unreviewed, paused=paused)
    counts = inbox.count(actor)
    shown_below = here in ITS_OWN_PAGES
    urgent = 0 if shown_below else counts.urgent
    return Attention(counts.waiting, urgent, still, unreviewed, paused, notices.counted())
