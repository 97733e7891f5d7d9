"""The practitioner's way into a visit by video. The desk has none."""

import datetime as dt
import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from bookings import video
from bookings.models import Appointment
from bookings.selectors import desk
from bookings.views import words
from clinic.audit.services import record
from clinic.dates import clock
from clinic.people.access import Actor, requires


def call_of(visit: Appointment, now: dt.datetime, *, url: str = "") -> dict[str, Any] | None:
    """For `parts/_call.html`: whether the door is open, and from when. None where there is no call."""
    door = video.door(visit, now=now)
    if not door:
        return None
    opens = clock(words.local(visit, video.opens_at(visit)))
    return {"door": door, "opens": opens, "url": url or reverse("desk:video", args=[visit.pk])}


def enter(visit: Appointment, *, actor: Actor) -> HttpResponse:
    """Into the room. That somebody went is written down first; where it is stands only in this answer, and the video
    server does not learn from which page they came."""
    record("video.join", subject=visit.ref, actor=actor)
    response = HttpResponseRedirect(video.room_url(visit))
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "no-store, private"
    return response


@requires("video.host")
@require_safe
def host(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Of a visit in their own diary, while the door is open; else back to the visit, which says from when."""
    visit = desk.get_visit(pk, actor=request.actor)
    if video.door(visit, now=timezone.now()) != video.OPEN:
        return redirect("desk:appointment", visit.pk)
    return enter(visit, actor=request.actor)
