"""One visit as the desk sees it, and the steps that one press takes: start, finish, no-show, one step back."""

import datetime as dt
import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST

from bookings import panels
from bookings.links import AFTERCARE
from bookings.models import Appointment
from bookings.selectors import desk
from bookings.services import lifecycle
from bookings.services.phone import send_form_link
from bookings.states import CLEARED, State
from bookings.views import words
from bookings.views.call import call_of
from bookings.views.pages import Link, leave_toast, page, with_toast
from bookings.views.thread import thread_of
from bookings.views.waiting import freed_by
from clinic.dates import clock
from clinic.errors import DomainError, NotFound
from clinic.people.access import may, requires

AT_THE_DOOR = (State.RESERVED, State.PENDING_REVIEW, State.CONFIRMED)


@requires("diary.read")
def appointment(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    return show(request, desk.get_visit(pk, actor=request.actor))


def show(request: HttpRequest, visit: Appointment, *, problem: str = "", status: int = 200) -> HttpResponse:
    """The page of a visit, or only its panel when htmx asks."""
    context = panel_context(visit, request=request, now=timezone.now()) | {"problem": problem}
    template = "desk/_panel.html" if request.htmx else "desk/appointment.html"
    return page(request, template, context, status=status)


def changed(
    request: HttpRequest, visit: Appointment, text: object, *, undo_url: str = "", link: Link = None
) -> HttpResponse:
    """After a change: the panel as it is now with a toast, or the visit's page with the toast on it."""
    if not request.htmx:
        leave_toast(request, text, undo_url=undo_url, link=link)
        return redirect("desk:appointment", visit.pk)
    panel = show(request, desk.get_visit(visit.pk, actor=request.actor))
    response = with_toast(panel, request, text, undo_url=undo_url, link=link)
    response["HX-Trigger"] = "desk:changed" if request.htmx.target else "desk:undone"
    return response


STEPS = {
    "start": (lifecycle.start_treatment, gettext_noop("Treatment started for %(name)s."), True),
    "finish": (lifecycle.finish, gettext_noop("%(name)s is done. Aftercare goes out by itself."), True),
    "no-show": (lifecycle.mark_no_show, gettext_noop("%(name)s marked as not here."), True),
    "step-back": (lifecycle.step_back, gettext_noop("Taken back. %(name)s is where they were before."), False),
}


@require_POST
def _step(request: HttpRequest, pk: uuid.UUID, step: str) -> HttpResponse:
    visit = desk.get_visit(pk, actor=request.actor)
    if step not in STEPS:
        raise NotFound
    service, sentence, reversible = STEPS[step]
    try:
        service(visit, actor=request.actor)
    except DomainError as refusal:
        return show(request, visit, problem=str(refusal), status=refusal.status)
    undo = reverse("desk:step", args=[visit.pk, "step-back"]) if reversible else ""
    return changed(request, visit, _(sentence) % {"name": words.who(visit)}, undo_url=undo)


step = requires("diary.write")(_step)


@require_POST
def _send_form(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    visit = desk.get_visit(pk, actor=request.actor)
    try:
        send_form_link(visit, actor=request.actor)
    except DomainError as refusal:
        return show(request, visit, problem=str(refusal), status=refusal.status)
    return changed(request, visit, _("%(name)s gets the form link again.") % {"name": words.who(visit)})


send_form = requires("diary.write")(_send_form)


def panel_context(visit: Appointment, *, request: HttpRequest, now: dt.datetime) -> dict[str, Any]:
    start, end = words.local(visit, visit.start), words.local(visit, visit.treatment_end)
    return {
        "visit": visit,
        "who": words.who(visit),
        "what": words.treatment(visit),
        "with": words.practitioner(visit.practitioner),
        "day": words.long_day(start.date()),
        "day_url": reverse("desk:day", args=[start.date()]),
        "time": clock(start),
        "until": clock(end),
        "treatment_time": clock(words.local(visit, visit.treatment_start))
        if visit.treatment_start > visit.start
        else "",
        "talk": visit.talk_end is not None,
        "room": words.room(visit),
        "call": call_of(visit, now) if may(request.actor, "video.host") else None,
        "near": visit.interval_reason if may(request.actor, "interval.override") else "",
        "standing": words.standing(visit, now),
        "clearance": words.clearance(visit),
        "lines": panels.lines(visit, actor=request.actor),
        "thread": thread_of(visit, actor=request.actor) if may(request.actor, "message.thread") else [],
        "actions": _actions(visit, now),
        "freed": freed_by(request, visit) if visit.state == State.CANCELLED else None,
        "zone": visit.location.timezone,
    }


def _actions(visit: Appointment, now: dt.datetime) -> dict[str, bool | str]:
    """What may be pressed in this state. `main` is the one primary button."""
    begun = visit.start <= now
    today = words.local(visit, visit.start).date() == words.local(visit, now).date()
    return {
        "main": {State.ARRIVED: "start", State.IN_TREATMENT: "finish"}.get(State(visit.state), "")
        or ("check_in" if visit.state in AT_THE_DOOR and (today or begun) else ""),
        "no_show": visit.state == State.CONFIRMED and begun,
        "move": visit.is_ahead and visit.state != State.HELD,
        "cancel": visit.is_ahead,
        "send_form": visit.is_ahead and visit.patient_id is not None and visit.state != State.HELD,
        "step_back": visit.state in (State.ARRIVED, State.IN_TREATMENT, State.DONE, State.NO_SHOW),
        "worry": visit.patient_id is not None
        and visit.state in (State.IN_TREATMENT, State.DONE)
        and now < visit.end + AFTERCARE,
        "uncleared": visit.clearance not in CLEARED,
    }
