"""The waiting list for somebody who finds no time that suits, and the page its messages lead to."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from bookings.callers import caller_of
from bookings.models import WaitingEntry
from bookings.selectors.waiting import entry_by_token, local, open_offer
from bookings.services import offers, waiting
from bookings.services.limits import refuse_guessing, refuse_joining
from bookings.states import Answer, Source, Waiting
from bookings.views.wishes import wish_words
from bookings.waiting import PARTS
from clinic.dates import say
from clinic.errors import DomainError, NotFound
from clinic.messaging.consent import record_consent
from clinic.people.access import Actor, requires
from clinic.people.services import upsert_patient
from clinic.zone import write_in
from consultations.forms.waiting import JoinForm
from consultations.screening import Verdict
from consultations.services.holding import clearance_of
from consultations.views.onward import onward
from consultations.views.suitability import past_the_questions
from consultations.views.times import zone_words
from consultations.views.trip import Trip, practitioners_for, trip_of
from consultations.views.visitor import caller, private

USUAL_DAYS = 28


@sensitive_post_parameters()
@requires("waiting.join")
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, slug: str) -> HttpResponse:
    """Only after the suitability questions, and never after a decline: who is turned away leaves nothing here."""
    passed = past_the_questions(request, slug)
    if isinstance(passed, HttpResponse):
        return passed
    trip, _answers, verdict = passed
    people = list(practitioners_for(trip.plan.modality))
    form = JoinForm(request.POST if request.method == "POST" else None, people=people, initial=_usual(trip, verdict))
    problem = None
    if form.is_bound and form.is_valid():
        try:
            refuse_joining(caller(request), phone=form.cleaned_data["phone"])
            _join(request, trip, verdict, form)
            return private(redirect(trip.url("joined")))
        except DomainError as refusal:
            problem = refusal if not _say(form, refusal) else None
    context = {
        "trip": trip,
        "form": form,
        "problem": problem,
        "has_errors": bool(problem),
        "back_url": trip.url("time"),
        "several": len(form.fields["who"].choices) > 2,
    }
    status = problem.status if problem else 422 if form.errors else 200
    return private(render(request, "book/waiting.html", context, status=status))


@requires("waiting.join")
@require_safe
def joined(request: HttpRequest, slug: str) -> HttpResponse:
    """The same for everybody: it does not tell who was on the list before."""
    trip = trip_of(request, slug)
    if trip is None:
        return redirect("book:choices", slug=slug)
    return private(render(request, "book/joined.html", {"trip": trip, "back_url": trip.url("time")}))


def _usual(trip: Trip, verdict: Verdict) -> dict[str, Any]:
    first = max(trip.today + dt.timedelta(days=1), verdict.bookable_from or trip.today)
    last = first + dt.timedelta(days=USUAL_DAYS)
    who = trip.who or (f"a-{trip.gender}" if trip.gender else "anyone")
    return {"first": first, "last": last, "parts": list(PARTS), "who": who}


@transaction.atomic
def _join(request: HttpRequest, trip: Trip, verdict: Verdict, form: JoinForm) -> None:
    person = {name: form.cleaned_data[name] for name in ("name", "phone")}
    patient = upsert_patient(**person, language=get_language())
    if form.cleaned_data["whatsapp"]:
        record_consent(patient.pk, channel="whatsapp", purpose="care", granted=True, source="waiting list")
    waiting.join(
        plan=trip.plan,
        location=trip.location,
        patient=patient,
        clearance=clearance_of(verdict),
        bookable_from=verdict.bookable_from or trip.today,  # their new answers decide, whatever was said before
        language=get_language(),
        source=Source.ONLINE,
        actor=request.actor,
        **form.wish(),
    )


def _say(form: JoinForm, refusal: DomainError) -> bool:
    """Puts a refusal at its fields; False when it has none of this form."""
    said = False
    for name, sentences in refusal.fields.items():
        if name in form.fields:
            form.add_error(name, [str(one) for one in sentences])
            said = True
    return said


@requires("waiting.own")
@require_http_methods(["GET", "HEAD", "POST"])
def own(request: HttpRequest, token: str) -> HttpResponse:
    """Behind the link of an entry: the time that is kept now, and the ways to answer. Looking changes nothing."""
    try:
        entry = entry_by_token(token)
    except NotFound:
        refuse_guessing(caller_of(request))
        raise
    write_in(entry.location.timezone)
    actor = Actor("patient", patient_id=str(entry.patient_id)) if entry.patient_id else request.actor
    problem = None
    if request.method == "POST":
        try:
            return private(redirect(_answer(request, entry, token, actor)))
        except DomainError as refusal:
            problem = refusal
            entry = entry_by_token(token)
    context = _page(entry) | {"problem": problem, "has_errors": bool(problem)}
    return private(render(request, "waiting/own.html", context, status=problem.status if problem else 200))


def _answer(request: HttpRequest, entry: WaitingEntry, token: str, actor: Actor) -> str:
    """Where the answer leads. Each may be pressed twice."""
    given, said = request.POST.get("offer", ""), request.POST.get("answer", "")
    number = int(given) if given.isascii() and given.isdigit() else 0
    if said == "take":
        return onward(offers.accept(entry, offer_id=number, actor=actor))
    if said == "decline":
        offers.decline(entry, offer_id=number, actor=actor)
        messages.success(request, _("Thank you for telling us. You stay on the list."))
        return reverse("waiting:own", args=[token])
    if said == "leave":
        waiting.leave(entry, actor=actor)
        return reverse("waiting:left")
    raise DomainError("answer_missing", _("Press one of the buttons."), status=422)


def _page(entry: WaitingEntry) -> dict[str, Any]:
    given = open_offer(entry)
    taken = next((one for one in entry.offers.all() if one.answer == Answer.TAKEN), None)
    now = dt.datetime.now(dt.UTC)
    over = bool(given) and given.until <= now
    return {
        "entry": entry,
        "kind": "booked" if taken else "offer" if given and not over else "waiting",
        "offer": _offered(entry, given) if given else None,
        "over": over,
        "wish": wish_words(entry),
        "booking_url": onward(taken.appointment) if taken else "",
        "zone": zone_words(entry.location.timezone, now),
        "on_the_list": entry.state in (Waiting.WAITING, Waiting.OFFERED),
    }


def _offered(entry: WaitingEntry, given: Any) -> dict[str, Any]:
    start, visit = local(entry, given.start), given.appointment
    return {
        "id": given.pk,
        "day": say(start, "l j F Y"),
        "time": date_format(start, "H:i"),
        "until": date_format(local(entry, given.until), "H:i"),
        "practitioner": visit.practitioner.practitioner,
        "place": entry.location,
    }


@requires("page.read")
@require_safe
def left(request: HttpRequest) -> HttpResponse:
    return private(render(request, "waiting/left.html"))
