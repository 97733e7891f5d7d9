"""Moving a session of a course asks about the later ones first, when they would come too close or too far."""

import datetime as dt
import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from bookings.course_forms import as_value, from_values
from bookings.models import Appointment
from bookings.selectors.course_moves import Broken, followers_of, later_sessions_broken
from bookings.selectors.courses import Chosen
from bookings.services.course_moves import move_with_followers
from bookings.services.moves import move
from bookings.views import words
from bookings.views.pages import page
from bookings.views.panel import panel_context

WITH, ALONE = "with", "alone"


def asks_first(request: HttpRequest, visit: Appointment, start: dt.datetime, practitioner: str) -> HttpResponse | None:
    """The question, unless it has been answered, nothing later is touched, or a practitioner gave a reason."""
    if visit.course_id is None or request.POST.get("along") or request.POST.get("interval_reason"):
        return None
    broken = later_sessions_broken(visit, start)
    if not broken:
        return None
    at = start.astimezone(words.zone_of(visit))
    context = panel_context(visit, request=request, now=timezone.now()) | {
        "start": start.isoformat(),
        "new_day": words.long_day(at.date()),
        "new_time": f"{at:%H:%M}",
        "chosen_practitioner": practitioner,
        "rows": [_row(one) for one in broken],
        "can_all": all(one.start for one in broken),
        "can_alone": not any(one.hard for one in broken),
    }
    template = "desk/_move_along.html" if request.htmx else "desk/move_along.html"
    return page(request, template, context, status=409)


def move_as_answered(request: HttpRequest, visit: Appointment, **asked: Any) -> Appointment:
    """With the later ones where that was pressed, else as any other visit."""
    if request.POST.get("along") != WITH or visit.course_id is None:
        return move(visit, **asked)
    for alone in ("interval_reason", "video"):
        asked.pop(alone, None)
    return move_with_followers(visit, followers=_followers(request), **asked)


def not_in_the_way(visit: Appointment) -> dict[str, frozenset[uuid.UUID]]:
    """The later sessions keep no free time away from the list: they can be moved along."""
    return {"without": frozenset(one.pk for one in followers_of(visit))} if visit.course_id else {}


def _followers(request: HttpRequest) -> list[tuple[uuid.UUID, Chosen]]:
    found = []
    for value in request.POST.getlist("follower"):
        pk, _sep, rest = value.partition(" ")
        try:
            found += [(uuid.UUID(pk), chosen) for chosen in from_values([rest])]
        except ValueError:
            continue
    return found


def _row(broken: Broken) -> dict[str, Any]:
    visit, was = broken.visit, words.local(broken.visit, broken.visit.start)
    row = {
        "session": visit.session,
        "was": f"{words.short_day(was.date())} {was:%H:%M}",
        "days": broken.days,
        "too_close": broken.hard,
    }
    if broken.start:
        at = broken.start.astimezone(words.zone_of(visit))
        row["becomes"] = f"{words.short_day(at.date())} {at:%H:%M}"
        row["value"] = f"{visit.pk} {as_value(Chosen(broken.start, broken.practitioner))}"
    return row
