"""Choosing a time, and keeping it."""

from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from bookings.models import Appointment
from bookings.states import ANSWERS_COUNT
from clinic.dates import say
from clinic.errors import DomainError
from clinic.people.access import requires
from consultations.screening import Verdict
from consultations.services.holding import clearance_of, take_time
from consultations.services.sharing import Sharing
from consultations.views.suitability import past_the_questions
from consultations.views.times import asked_day, asked_start, nearest, time_page
from consultations.views.trip import Trip
from consultations.views.visitor import caller, own_hold, private, remember_hold, url_of


@requires("availability.read")
@require_safe
def times(request: HttpRequest, slug: str) -> HttpResponse:
    passed = past_the_questions(request, slug)
    if isinstance(passed, HttpResponse):
        return passed
    trip, _answers, verdict = passed
    return private(_page(request, trip, verdict))


@requires("booking.hold")
@require_POST
def hold(request: HttpRequest, slug: str) -> HttpResponse:
    """Keeps the time that was picked, if the answers in the browser allow it; an earlier hold of this browser ends."""
    passed = past_the_questions(request, slug)
    if isinstance(passed, HttpResponse):
        return passed
    trip, answers, verdict = passed
    start = asked_start(request.POST.get("start", ""))
    if start is None:
        problem = DomainError("start_missing", _("Choose one of the times."), status=422)
        return private(_page(request, trip, verdict, problem))
    try:
        appointment = take_time(
            plan=trip.plan,
            start=start,
            verdict=verdict,
            answers=answers,
            sharing=Sharing(trip.wish, trip.areas) if trip.share else None,
            practitioner=trip.who,
            gender=trip.gender or None,
            location=trip.location.slug,
            language=get_language(),
            instead_of=own_hold(request),
            caller=caller(request),
            actor=request.actor,
        )
    except DomainError as refusal:
        return private(_page(request, trip, verdict, refusal))
    remember_hold(request, appointment)
    return private(redirect(url_of("details", appointment)))


def _page(request: HttpRequest, trip: Trip, verdict: Verdict, problem: DomainError | None = None) -> HttpResponse:
    mine = own_hold(request)
    fits = mine is not None and mine.modality.slug == trip.slug and bool(mine.talk_end) == bool(trip.plan.talk)
    fits = fits and mine.by_video == trip.plan.video
    shown = time_page(
        plan=trip.plan,
        location=trip.location,
        day=asked_day(request),
        reach=verdict.bookable_from,
        url_for=lambda day: trip.url("time", query={"day": day.isoformat()}),
        practitioner=trip.who,
        gender=trip.gender or None,
        mine=mine.start if fits else None,
        bookable_from=verdict.bookable_from,
        clearance=clearance_of(verdict),
        cleared_until=trip.today + ANSWERS_COUNT,
        ignore=mine.pk if mine else None,
    )
    context = shown | {
        "trip": trip,
        "verdict": verdict,
        "answers_url": trip.url("suitability"),
        "back_url": trip.url("choices"),
        "waiting_url": trip.url("waiting"),
        "hold_url": trip.url("hold", query={"day": request.GET["day"]} if request.GET.get("day") else None),
        "anyone_url": trip.url("time", query={"practitioner": "", "gender": ""}) if trip.who or trip.gender else "",
        "kept": _kept(mine) if mine else None,
        "problem": problem,
        "has_errors": bool(problem),
        "nearest": nearest(problem.extra.get("nearest", []), trip.location) if problem else [],
    }
    return render(request, "book/time.html", context, status=problem.status if problem else 200)


def _kept(mine: Appointment) -> dict[str, Any]:
    zone = ZoneInfo(mine.location.timezone)
    return {
        "when": say(mine.start.astimezone(zone), "l j F, H:i"),
        "until": mine.hold_expires_at.astimezone(zone),
        "url": url_of("details", mine),
    }
