"""“Something’s wrong”: the emergency text first, then a few questions. A link is enough: help has no door before it.

What is told here is written at once, page by page, so that nothing is lost when somebody stops half way. It can't be read
back: a link alone shows nobody's health.
"""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from bookings.models import Appointment
from bookings.states import State
from clinic.errors import DomainError
from consultations.forms.adverse import MoreForm, SignsForm
from consultations.models import AdverseEvent, EventAct, Source
from consultations.selectors.adverse import local_day, open_event_of
from consultations.selectors.enquiries import photos_of
from consultations.services import adverse
from consultations.views import enquiries
from consultations.views.visitor import own_page, url_of

TOLD = "told_wrong"
MOST_PHOTOS = 12


@sensitive_post_parameters()
@own_page("event.own")
@require_http_methods(["GET", "HEAD", "POST"])
def wrong(request: HttpRequest, appointment: Appointment) -> HttpResponse:
    visit = told_about(appointment)
    if visit is None:
        return redirect(url_of("manage", appointment))
    form, problem = SignsForm(request.POST if request.method == "POST" else None), None
    if form.is_bound and form.is_valid():
        try:
            event = _report(request, visit, signs=form.signs)
            request.session[TOLD] = {str(appointment.pk): str(event.pk)}
            return redirect(url_of("wrong_more", appointment))
        except DomainError as refusal:
            problem = refusal
    return _page(request, "booking/wrong.html", appointment, form=form, problem=problem)


@sensitive_post_parameters()
@own_page("event.own")
@require_http_methods(["GET", "HEAD", "POST"])
def more(request: HttpRequest, appointment: Appointment) -> HttpResponse:
    """Where, since when, in words, with photos. What arrived whole is kept also when a photo is refused."""
    event, visit = _told(request, appointment), told_about(appointment)
    if event is None or visit is None:
        return redirect(url_of("wrong", appointment))
    areas = list(visit.areas.all())
    form, problem = MoreForm(request.POST if request.method == "POST" else None, areas=areas), None
    if form.is_bound and form.is_valid():
        try:
            kept, said = enquiries.keep_photos(request, event, most=MOST_PHOTOS)
            told = {name: value for name, value in form.cleaned_data.items() if value}
            if told or kept:
                words = told.pop("words", "")
                _report(request, visit, words=words, more=told | {"photos": kept}, act=EventAct.MORE)
            for sentence in said:
                messages.error(request, sentence)
            return redirect(url_of("wrong_more" if said else "wrong_sent", appointment))
        except DomainError as refusal:
            problem = refusal
    return _page(request, "booking/wrong_more.html", appointment, event=event, form=form, problem=problem)


@own_page("event.own")
@require_safe
def sent(request: HttpRequest, appointment: Appointment) -> HttpResponse:
    event = _told(request, appointment)
    if event is None:
        return redirect(url_of("wrong", appointment))
    return _page(request, "booking/wrong_sent.html", appointment, event=event)


def told_about(appointment: Appointment) -> Appointment | None:
    """The treatment that a link leads to telling of: its own, once begun, else the latest before it."""
    if can_tell(appointment):
        return appointment
    return adverse.last_treated_visit(appointment.patient_id, now=timezone.now()) if appointment.patient_id else None


def can_tell(appointment: Appointment) -> bool:
    """From the moment the treatment has begun."""
    return appointment.state in (State.IN_TREATMENT, State.DONE) and appointment.patient_id is not None


def _report(request: HttpRequest, visit: Appointment, **told: Any) -> AdverseEvent:
    return adverse.report(visit.patient, appointment=visit, source=Source.PAGE, actor=request.actor, **told)


def _told(request: HttpRequest, appointment: Appointment) -> AdverseEvent | None:
    """The event this browser has just told us of, while it is open."""
    event = open_event_of(appointment.patient_id) if appointment.patient_id else None
    mine = request.session.get(TOLD, {}).get(str(appointment.pk))
    return event if event and str(event.pk) == mine else None


def _page(
    request: HttpRequest,
    template: str,
    appointment: Appointment,
    *,
    event: AdverseEvent | None = None,
    form: Any = None,
    problem: DomainError | None = None,
) -> HttpResponse:
    context = {
        "appointment": appointment,
        "event": event,
        "photos_url": url_of("photos_sent", appointment) if event and photos_of(event.ref) else "",
        "form": form,
        "problem": problem,
        "has_errors": bool(problem),
        "due": local_day(event.due_at, event) if event else None,
        "due_today": bool(event) and local_day(event.due_at, event).date() == local_day(timezone.now(), event).date(),
        "clinic_phone": appointment.location.phone or settings.CLINIC_PHONE,
        "back_url": url_of("manage", appointment),
    }
    status = problem.status if problem else 422 if form is not None and form.errors else 200
    return render(request, template, context, status=status)
