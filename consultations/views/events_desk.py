"""A worry that reaches us by phone: the desk ticks what the caller names, and practitioners are paged.

The desk writes and does not read: afterwards it sees whom we paged, by when we call and who sees to it.
"""

import uuid
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from bookings.models import Appointment
from bookings.selectors import desk
from bookings.views.pages import page
from clinic.errors import DomainError
from clinic.people.access import may, requires
from clinic.people.models import Patient
from clinic.ui.refusals import take_over
from clinic.zone import write_in
from consultations.adverse_words import standing_words
from consultations.forms.adverse import CallForm
from consultations.models import Source
from consultations.selectors.adverse_standing import standing_of
from consultations.services import adverse
from consultations.views.wrong import can_tell


@sensitive_post_parameters()
@requires("event.report")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, patient_id: uuid.UUID) -> HttpResponse:
    """`?visit=` is the visit from which the desk came; without one it is the last treatment."""
    patient = desk.get_patient(patient_id, actor=request.actor)
    visit = _visit(request, patient)
    form = CallForm(request.POST if request.method == "POST" else None, patient=patient)
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        about = visit if visit and can_tell(visit) else None
        try:
            adverse.report(
                patient,
                appointment=about or adverse.last_treated_visit(patient.pk, now=timezone.now()),
                source=Source.DESK,
                signs=form.signs,
                words=said["words"],
                more={"phone": said["phone"], "heard": "phone"},
                key=said["key"],
                actor=request.actor,
            )
            return redirect(_url("events:reported", patient, visit))
        except DomainError as refusal:
            take_over(form, refusal)
    standing = standing_of(patient.pk)
    context = _context(request, patient, visit) | {
        "form": form,
        "standing": standing,
        "standing_words": standing_words(standing) if standing else "",
    }
    return page(request, "events/report.html", context, status=422 if form.errors else 200)


@requires("event.report")
@never_cache
@require_safe
def reported(request: HttpRequest, patient_id: uuid.UUID) -> HttpResponse:
    """How the open event stands. Once it is closed this leads to the patient."""
    patient = desk.get_patient(patient_id, actor=request.actor)
    standing = standing_of(patient.pk)
    if standing is None:
        return redirect("desk:patient", patient.pk)
    visit, now = _visit(request, patient), timezone.now()
    write_in(standing.zone)
    due = timezone.localtime(standing.due_at)
    context = _context(request, patient, visit) | {
        "standing": standing,
        "due": due,
        "due_today": due.date() == timezone.localtime(now).date(),
        "late": standing.due_at < now,
        "may_read": may(request.actor, "event.read"),
        "more_url": _url("events:report", patient, visit),
    }
    return page(request, "events/reported.html", context)


def _visit(request: HttpRequest, patient: Patient) -> Appointment | None:
    try:
        wanted = uuid.UUID(request.GET.get("visit", ""))
    except ValueError:
        return None
    return desk.visits(request.actor).filter(patient=patient, pk=wanted).first()


def _url(name: str, patient: Patient, visit: Appointment | None) -> str:
    return reverse(name, args=[patient.pk]) + (f"?visit={visit.pk}" if visit else "")


def _context(request: HttpRequest, patient: Patient, visit: Appointment | None) -> dict[str, Any]:
    where = visit.location.phone if visit else ""
    return {
        "patient": patient,
        "visit": visit,
        "clinic_phone": where or settings.CLINIC_PHONE,
        "other_language": patient.language if patient.language != get_language() else "",
        "back_url": reverse("desk:appointment", args=[visit.pk])
        if visit
        else reverse("desk:patient", args=[patient.pk]),
    }
