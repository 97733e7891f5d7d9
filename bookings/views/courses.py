"""Planning a course for a patient, and the course once it is booked."""

import datetime as dt
import uuid
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _

from bookings.course_forms import CourseForm, as_value, from_values
from bookings.models import Location, Resource
from bookings.selectors import courses, desk, with_resources
from bookings.services.courses import book_course
from bookings.views import words
from bookings.views.pages import leave_toast, page
from clinic.dates import comma
from clinic.errors import DomainError
from clinic.people.access import requires
from clinic.people.models import Patient
from treatments.courses import family
from treatments.selectors import VisitPlan, list_modalities, visit_plan


@requires("diary.write")
def new(request: HttpRequest) -> HttpResponse:
    """GET asks and shows the best plans; POST books the one whose button was pressed, every visit or none."""
    given = (request.POST if request.method == "POST" else request.GET).copy()
    here, everywhere = desk.pick_location(given.get("location", ""))
    people = desk.practitioners(actor=request.actor)
    form = CourseForm(
        _filled(given, here),
        catalogue=[one for one in list_modalities() if one.sessions_max > 1 and family(one.slug) != "talk"],
        locations=everywhere,
        people=people,
    )
    asked = request.method == "POST" or "sessions" in request.GET
    patient = _patient(form["patient"].value(), request)
    refusal, status, proposals = "", 200, None
    plan = _plan(form) if asked and form.is_valid() else None
    if request.method == "POST" and plan and patient:
        try:
            return _book(request, plan, patient, here)
        except DomainError as error:
            refusal, status = str(error), error.status
    if plan:
        proposals = _proposals(form, plan, patient, here, people)
    if request.method == "POST" and status == 200:
        status = 422
    context = {
        "form": form,
        "patient": patient,
        "refusal": refusal,
        "has_errors": asked and bool(form.errors),
        "asked": asked,
        "proposals": proposals,
        "not_before": words.not_before(patient, plan, timezone.now().astimezone(ZoneInfo(here.timezone)).date()),
        "plans": [_shown(one) for one in proposals.plans] if proposals else [],
        "visits": form.cleaned_data.get("sessions") if plan else 0,
        "hidden": _hidden(form) if plan else [],
        "several": len(everywhere) > 1,
        "booking_page": True,
        "zone": here.timezone,
    }
    if not asked:
        form.errors.clear()
    return page(request, "desk/course_new.html", context, status=status)


@requires("diary.read")
def course(request: HttpRequest, course_id: uuid.UUID) -> HttpResponse:
    """Its sessions in order, with their states."""
    found = courses.get_course(course_id)
    if found.patient_id not in desk.treated_by(request.actor, [found.patient_id]):
        raise courses.unknown_course()
    visits = with_resources(courses.visits_of(found))
    rows = [_visit(one) for one in visits]
    context = {
        "course": found,
        "rows": rows,
        "what": found.modality.name if found.is_mixed or not visits else words.treatment(visits[0]),
        "price": sum(one.price for one in visits),
        "currency": visits[0].currency if visits else "",
    }
    return page(request, "desk/course.html", context)


def _filled(given: Any, here: Location) -> Any:
    given.setdefault("location", here.slug)
    if not given.get("date"):
        given["date"] = f"{timezone.now().astimezone(ZoneInfo(here.timezone)).date():%Y-%m-%d}"
    return given


def _patient(value: str | None, request: HttpRequest) -> Patient | None:
    try:
        wanted = uuid.UUID(str(value))
    except ValueError:
        return None
    return desk.get_patient(wanted, actor=request.actor)


def _plan(form: CourseForm) -> VisitPlan | None:
    try:
        return visit_plan(modality=form.cleaned_data["treatment"], areas=form.cleaned_data["areas"])
    except DomainError as refusal:
        form.add_error("areas", str(refusal))
        return None


def _proposals(
    form: CourseForm, plan: VisitPlan, patient: Patient | None, here: Location, people: list[Resource]
) -> courses.CourseProposals | None:
    """The one asked for is preferred; somebody who books in their own diary only gets nobody else's."""
    asked = form.cleaned_data
    try:
        return courses.plan_course(
            plan=plan,
            sessions=asked["sessions"],
            earliest=asked["date"],
            prefer=asked["practitioner"] or None,
            weekday=asked["weekday"],
            minute=form.minute,
            location=here.slug,
            practitioner=people[0].slug if len(people) == 1 else None,
            patient_id=patient.pk if patient else None,
            staff=True,
        )
    except DomainError as refusal:
        form.add_error("sessions", str(refusal))
        return None


def _book(request: HttpRequest, plan: VisitPlan, patient: Patient, here: Location) -> HttpResponse:
    starts = from_values(request.POST.getlist("session"))
    booked = book_course(plan=plan, patient=patient, starts=starts, location=here.slug, actor=request.actor)
    text = _("%(count)s visits are booked for %(name)s. The form link for the first one is on its way.")
    leave_toast(request, text % {"count": len(starts), "name": patient.name})
    return redirect("desk:course", booked.pk)


def _shown(plan: courses.CoursePlan) -> dict[str, Any]:
    first = plan.sessions[0]
    return {
        "title": _rhythm(plan),
        "ends": words.long_day(plan.sessions[-1].start.date()),
        "sessions": [
            {
                "number": number,
                "value": as_value(one),
                "day": words.short_day(one.start.date()),
                "year": one.start.year if one.start.year != first.start.year else "",
                "time": f"{one.start:%H:%M}",
                "with": one.name,
            }
            for number, one in enumerate(plan.sessions, 1)
        ],
        "reasons": [one.sentence for one in plan.reasons],
    }


def _rhythm(plan: courses.CoursePlan) -> str:
    """ "Tuesdays at 10:00" where it is so, else when it begins."""
    days = {one.start.weekday() for one in plan.sessions}
    times = {f"{one.start:%H:%M}" for one in plan.sessions}
    start: dt.datetime = plan.sessions[0].start
    if len(days) == 1 and len(times) == 1:
        return f"{WEEKDAYS[start.weekday()]}{comma()}{times.pop()}"
    return _("From %(day)s") % {"day": words.short_day(start.date())}


def _hidden(form: CourseForm) -> list[tuple[str, str]]:
    """What was asked, to go along with the plan that is pressed."""
    pairs = []
    for name in form.fields:
        value = form[name].value()
        pairs += [(name, one) for one in (value if isinstance(value, list) else [value]) if one not in (None, "")]
    return pairs


def _visit(visit: Any) -> dict[str, Any]:
    start = words.local(visit, visit.start)
    return {
        "visit": visit,
        "day": words.long_day(start.date()),
        "year": start.year,
        "time": f"{start:%H:%M}",
        "with": words.practitioner(visit.practitioner),
        "what": words.treatment(visit),
    }
