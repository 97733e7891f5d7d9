"""Check-in: one panel with identity, form, consent and clearance, and the question whether anything changed."""

import uuid

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from bookings import arrivals
from bookings.forms import CheckInForm
from bookings.models import Appointment
from bookings.selectors import desk
from bookings.services import lifecycle
from bookings.services.phone import send_form_link
from bookings.states import CLEARED
from bookings.views import words
from bookings.views.pages import page
from bookings.views.panel import changed, panel_context
from clinic.audit.services import record
from clinic.errors import DomainError
from clinic.people.access import Actor, may, requires


@requires("diary.write")
def check_in(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A pending or declined clearance, or a change in somebody's health, stops it and says what to do."""
    visit = desk.get_visit(pk, actor=request.actor)
    form = CheckInForm(request.POST if request.method == "POST" else None)
    if request.method != "POST":
        return _show(request, visit, form)
    if visit.clearance not in CLEARED:
        return _show(request, visit, form, stop=_stop_uncleared(visit), status=409)
    if not form.is_valid():
        return _show(request, visit, form, status=422)
    if form.cleaned_data["changed"] == "yes":
        return _stop(request, visit, form)
    try:
        with transaction.atomic():
            _hear(visit, changed=False, actor=request.actor)
            lifecycle.check_in(visit, actor=request.actor)
    except DomainError as refusal:
        return _show(request, visit, form, stop=str(refusal), status=refusal.status)
    undo = reverse("desk:step", args=[visit.pk, "step-back"])
    return changed(request, visit, _("%(name)s has arrived.") % {"name": words.who(visit)}, undo_url=undo)


def _stop(request: HttpRequest, visit: Appointment, form: CheckInForm) -> HttpResponse:
    """The visit waits for a practitioner, and the patient gets the link to say what changed."""
    try:
        with transaction.atomic():
            record("appointment.check_in_stopped", subject=visit.ref, actor=request.actor, detail={"why": "changed"})
            _hear(visit, changed=True, actor=request.actor)
            send_form_link(visit, actor=request.actor)
    except DomainError as refusal:
        return _show(request, visit, form, stop=str(refusal), status=refusal.status)
    visit = desk.get_visit(visit.pk, actor=request.actor)
    return _show(request, visit, form, stop=_stop_changed(visit), status=409)


def _hear(visit: Appointment, *, changed: bool, actor: Actor) -> None:
    for hear in arrivals.heard:
        hear(visit, changed=changed, actor=actor, now=timezone.now())


def _stop_uncleared(visit: Appointment) -> str:
    clear = words.clearance(visit)
    return _("%(name)s can't be checked in yet. %(todo)s") % {"name": words.who(visit), "todo": clear.todo}


def _stop_changed(visit: Appointment) -> str:
    return _(
        "Not checked in. %(name)s has just got a link to say what changed. %(doctor)s reads it and decides; "
        "then check in again. What it is stays between the two of them."
    ) % {"doctor": words.practitioner(visit.practitioner), "name": words.who(visit)}


def _show(
    request: HttpRequest, visit: Appointment, form: CheckInForm, *, stop: str = "", status: int = 200
) -> HttpResponse:
    if not stop and visit.clearance not in CLEARED:
        stop = _stop_uncleared(visit)
    context = panel_context(visit, request=request, now=timezone.now()) | {
        "form": form,
        "stop": stop,
        "may_check_in": visit.clearance in CLEARED,
        "born": words.birthday(visit.patient) if may(request.actor, "patient.contact") else "",
    }
    return page(request, "desk/_check_in.html" if request.htmx else "desk/check_in.html", context, status=status)
