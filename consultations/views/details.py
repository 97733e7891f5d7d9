"""Who the held time is for."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from bookings.models import Appointment
from bookings.selectors import plan_of
from bookings.services.holds import extend_hold
from bookings.states import State
from clinic.dates import clock, say
from clinic.errors import DomainError
from consultations.answers_cookie import details_cookie
from consultations.forms.booking import DetailsForm
from consultations.services.holding import reserve_held
from consultations.views.onward import onward
from consultations.views.times import nearest
from consultations.views.visitor import is_open_here, open_here, own_page, remember_hold, url_of

KEPT = ("name", "phone", "email")


@sensitive_post_parameters()
@own_page("booking.own")
@require_http_methods(["GET", "HEAD", "POST"])
def details(request: HttpRequest, appointment: Appointment) -> HttpResponse:
    """Name, mobile, email. A hold that ran out meanwhile is tried again; if its time is gone, others are offered here,
    with everything typed still in place."""
    if appointment.state not in (State.HELD, State.LAPSED) or appointment.patient_id:
        return redirect(onward(appointment))
    if request.method != "POST":
        form = DetailsForm(initial=details_cookie.read(request))
        return _page(request, appointment, form)
    form = DetailsForm(request.POST)
    if not form.is_valid():
        return _page(request, appointment, form, status=422)
    try:
        reserved = reserve_held(
            appointment,
            start=form.cleaned_data["start"],
            name=form.cleaned_data["name"],
            phone=form.cleaned_data["phone"],
            email=form.cleaned_data["email"],
            language=get_language(),
            consents={name: form.cleaned_data[name] for name in ("whatsapp", "marketing")},
            source="booking page",
            actor=request.actor,
        )
    except DomainError as refusal:
        for name, sentences in refusal.fields.items():
            if name in KEPT:
                form.add_error(name, [str(one) for one in sentences])
        return _page(request, appointment, form, problem=refusal, status=refusal.status)
    if is_open_here(request, appointment):
        open_here(request, reserved)
    response = redirect(onward(reserved))
    details_cookie.clear(response)
    return response


@own_page("booking.own")
@require_POST
def extend(request: HttpRequest, appointment: Appointment) -> HttpResponse:
    """“Keep my time”: ten more minutes."""
    try:
        remember_if_own(request, extend_hold(appointment, actor=request.actor))
    except DomainError as refusal:
        return _page(
            request, appointment, DetailsForm(initial=details_cookie.read(request)), problem=refusal, status=409
        )
    return redirect(url_of("details", appointment))


def remember_if_own(request: HttpRequest, appointment: Appointment) -> None:
    if is_open_here(request, appointment):
        remember_hold(request, appointment)


def _page(
    request: HttpRequest,
    appointment: Appointment,
    form: DetailsForm,
    *,
    problem: DomainError | None = None,
    status: int = 200,
) -> HttpResponse:
    zone = ZoneInfo(appointment.location.timezone)
    start = appointment.start.astimezone(zone)
    choices = nearest(problem.extra.get("nearest", []), appointment.location) if problem else []
    context: dict[str, Any] = {
        "appointment": appointment,
        "form": form,
        "plan": plan_of(appointment) if is_open_here(request, appointment) else None,
        "day": say(start, "l j F"),
        "time": clock(start),
        "hold": hold_bar(appointment),
        "is_over": appointment.state == State.LAPSED,
        "problem": problem if problem and not form.errors else None,
        "nearest": choices,
        "has_errors": bool(problem),
        "times_url": times_url(appointment),
    }
    response = render(request, "booking/details.html", context, status=status)
    if form.is_bound:
        details_cookie.write(response, {name: str(form.data.get(name, ""))[:200] for name in KEPT})
    return response


def hold_bar(appointment: Appointment) -> dict[str, Any] | None:
    """“Kept until 14:32”, while it is a hold."""
    if appointment.state != State.HELD or appointment.hold_expires_at is None:
        return None
    zone = ZoneInfo(appointment.location.timezone)
    return {
        "expires": appointment.hold_expires_at.astimezone(zone),
        "extend_url": url_of("extend", appointment),
        "is_over": appointment.hold_expires_at <= dt.datetime.now(dt.UTC),
    }


def times_url(appointment: Appointment, *, day: dt.date | None = None) -> str:
    """Back to the times of the same visit."""
    areas = ",".join(area.slug for area in appointment.areas.all())
    query = f"areas={areas}&location={appointment.location.slug}" + (f"&day={day.isoformat()}" if day else "")
    return f"{reverse('book:time', args=[appointment.modality.slug])}?{query}"
