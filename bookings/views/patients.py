"""Finding a patient, and a patient's page: contact, visits, what was written. Nothing about health."""

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from bookings.models import Appointment
from bookings.selectors import desk
from bookings.selectors.courses import courses_of
from bookings.states import State
from bookings.views import words
from bookings.views.pages import page
from bookings.views.thread import stops_of, thread_with
from clinic.dates import clock
from clinic.people.access import requires
from clinic.people.selectors import LEAST, search_patients


@requires("patient.search")
def search(request: HttpRequest) -> HttpResponse:
    """`?q=`: at most 20 patients, each with their next visit. The same address fills the drop-down under the field."""
    query = request.GET.get("q", "").strip()
    found = search_patients(query)
    coming = desk.next_visits([one.pk for one in found]) if found else {}
    mine = desk.treated_by(request.actor, [one.pk for one in found]) if found else set()
    context = {
        "query": query,
        "rows": [
            {"patient": one, "next": words.next_visit(coming.get(one.pk)), "open": one.pk in mine} for one in found
        ],
        "too_short": 0 < len(query) < LEAST,
        "least": LEAST,
        "pick": request.GET.get("pick") == "1",
    }
    return page(request, "desk/_found.html" if request.htmx else "desk/search.html", context)


@requires("patient.search")
def patient(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    person = desk.get_patient(pk, actor=request.actor)
    now = timezone.now()
    rows = [
        _visit(one)
        for one in desk.visits(request.actor).filter(patient=person).exclude(state=State.LAPSED).order_by("start")
    ]
    context = {
        "patient": person,
        "coming": [row for row in rows if row["visit"].end > now and row["visit"].state != State.CANCELLED],
        "past": [row for row in reversed(rows) if row["visit"].end <= now or row["visit"].state == State.CANCELLED],
        "thread": thread_with(person, zone=timezone.get_current_timezone_name(), actor=request.actor),
        "stops": stops_of(person, zone=timezone.get_current_timezone_name()),
        "courses": courses_of(person),
        "course_url": reverse("desk:course_new") + f"?patient={person.pk}",
        "again_url": reverse("desk:new") + f"?patient={person.pk}",
    }
    return page(request, "desk/patient.html", context)


def _visit(visit: Appointment) -> dict[str, Any]:
    start = words.local(visit, visit.start)
    return {
        "visit": visit,
        "day": words.long_day(start.date()),
        "year": start.year,
        "time": clock(start),
        "what": words.treatment(visit),
        "with": words.practitioner(visit.practitioner),
        "url": reverse("desk:appointment", args=[visit.pk]),
    }
