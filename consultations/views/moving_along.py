"""A patient moves a session of their course: the later ones are offered to go along, all or none, by one tap."""

import datetime as dt
import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from bookings.course_forms import as_value, from_values
from bookings.models import Appointment
from bookings.selectors.course_moves import Broken, followers_of, later_sessions_broken
from bookings.selectors.courses import Chosen
from bookings.services import moves
from bookings.services.course_moves import move_with_followers
from clinic.dates import clock, say
from consultations.selectors.plans import local_start
from consultations.views.visitor import url_of

WITH, ALONE = "with", "alone"


def asks_first(request: HttpRequest, appointment: Appointment, start: dt.datetime) -> HttpResponse | None:
    """The question about the later sessions, unless it was answered or none of them is touched."""
    if appointment.course_id is None or request.POST.get("along"):
        return None
    broken = later_sessions_broken(appointment, start, staff=False)
    if not broken:
        return None
    at = start.astimezone(local_start(appointment).tzinfo)
    context = {
        "appointment": appointment,
        "start": start.isoformat(),
        "new_day": say(at, "l j F"),
        "new_time": clock(at),
        "rows": [_row(one) for one in broken],
        "can_all": all(one.start for one in broken),
        "can_alone": not any(one.hard for one in broken),
        "back_url": url_of("move", appointment),
    }
    return render(request, "booking/move_along.html", context, status=409)


def move_as_answered(
    request: HttpRequest, appointment: Appointment, *, start: dt.datetime, video: bool | None = None
) -> Appointment:
    """With the later ones where that was pressed, else as any other visit."""
    if appointment.course_id is None or request.POST.get("along") != WITH:
        return moves.move(appointment, start=start, video=video, actor=request.actor)
    return move_with_followers(appointment, start=start, followers=_followers(request), actor=request.actor)


def not_in_the_way(appointment: Appointment) -> dict[str, frozenset[uuid.UUID]]:
    """The later sessions keep no free time away from the list: they can be moved along."""
    return {"without": frozenset(one.pk for one in followers_of(appointment))} if appointment.course_id else {}


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
    was = local_start(broken.visit)
    row = {"session": broken.visit.session, "was": _moment(was), "days": broken.days, "too_close": broken.hard}
    if broken.start:
        at = broken.start.astimezone(was.tzinfo)
        row["becomes"] = _moment(at)
        row["value"] = f"{broken.visit.pk} {as_value(Chosen(broken.start, broken.practitioner))}"
    return row


def _moment(at: dt.datetime) -> str:
    return f"{say(at, 'D j M')} {clock(at)}"
