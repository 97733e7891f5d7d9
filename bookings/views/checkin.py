"""Check-in: one panel with identity, form, consent and clearance, and the question whether anything changed."""

import uuid

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from bookings.forms import CheckInForm
from bookings.models import Appointment
from bookings.selectors import desk
from bookings.services import lifecycle
from bookings.states import CLEARED
from bookings.views import words
from bookings.views.pages import page
from bookings.views.panel import changed, panel_context
from clinic.audit.services import record
from clinic.errors import DomainError
from clinic.people.access import may, requires


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
        record("appointment.check_in_stopped", subject=visit.ref, actor=request.actor, detail={"why": "changed"})
        return _show(request, visit, form, stop=_stop_changed(visit), status=409)
    try:
        lifecycle.check_in(visit, actor=request.actor)
    except DomainError as refusal:
        return _show(request, visit, form, stop=str(refusal), status=refusal.status)
    undo = reverse("desk:step", args=[visit.pk, "step-back"])
    return changed(request, visit, _("%(name)s has arrived.") % {"name": words.who(visit)}, undo_url=undo)


def _stop_uncleared(visit: Appointment) -> str:
    clear = words.clearance(visit)
    return _("%(name)s can't be checked in yet. %(todo)s") % {"name": words.who(visit), "todo": clear.todo}


def _stop_changed(visit: Appointment) -> str:
    return _(
        "Not checked in. Something changed since the form, so %(doctor)s has to speak with %(name)s first. "
        "Send the form link again if they want to write it down."
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
