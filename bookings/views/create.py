"""Quick create: patient, treatment and areas, practitioner, time. Best times first; nothing typed is lost."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from bookings.forms import BookForm
from bookings.models import Location
from bookings.selectors import desk, free_starts, nearest_starts, why_not
from bookings.services.phone import book_by_phone
from bookings.views import words
from bookings.views.pages import leave_toast, page
from bookings.views.times import as_times, by_part_of_day, may_come_near
from clinic.dates import clock
from clinic.errors import DomainError
from clinic.people.access import Actor, may, requires
from clinic.people.models import Patient
from clinic.people.selectors import search_patients
from treatments.selectors import VisitPlan, list_modalities, visit_plan

SEARCH_DAYS = 28


@requires("diary.write")
def new(request: HttpRequest) -> HttpResponse:
    """GET shows the form, filled from the gap that was clicked. POST shows times, until `intent` says to book.

    `book` stops at somebody who may be known already; `book_new` says they are not.
    """
    intent = request.POST.get("intent")
    booking = intent in ("book", "book_new")
    here, everywhere = desk.pick_location((request.POST or request.GET).get("location", ""))
    zone = ZoneInfo(here.timezone)
    today = timezone.now().astimezone(zone).date()
    form = BookForm(
        _data(request, today=today, here=here),
        catalogue=list_modalities(),
        locations=everywhere,
        people=desk.practitioners(actor=request.actor),
        zone=zone,
        booking=booking,
    )
    form.is_valid()
    patient, wanted = _patient(form, request), form.wanted  # a refusal takes the time from the form's clean data
    plan = _plan(form)
    twins: list[Patient] = []
    if booking and form.is_valid() and plan:
        person = form.cleaned_data
        if not patient and intent != "book_new":
            twins = desk.possible_duplicates(name=person["name"], phone=person["phone"])
        if not twins:
            try:
                return _book(request, form, plan=plan, patient=patient, here=here)
            except DomainError as refusal:
                _say(form, refusal)
    context = {
        "form": form,
        "patient": patient,
        "twins": _rows(twins),
        "candidates": _rows(_candidates(request)) if not patient else [],
        "find": request.POST.get("q", ""),
        "plan": plan,
        "has_errors": booking and bool(form.errors),
        "zone": here.timezone,
        "booking_page": True,
        "several": len(everywhere) > 1,
    } | _times(form, plan, wanted, patient=patient, here=here, today=today, actor=request.actor)
    form.prepare_to_draw()
    status = 409 if twins else 422 if booking else 200
    return page(request, "desk/new.html", context, status=status)


def _data(request: HttpRequest, *, today: dt.date, here: Location) -> dict[str, Any]:
    """What was posted, or what the link that led here says. A pressed patient or "change" button comes with it."""
    if request.method == "POST":
        data = request.POST.copy()
        if "clear_patient" in data:
            data["patient"] = ""
    else:
        data = request.GET.copy()
        data.setdefault("language", "tr" if here.region == "TR" else "en")
    data.setdefault("location", here.slug)
    if not data.get("date"):
        data["date"] = f"{today:%Y-%m-%d}"
    return data


def _patient(form: BookForm, request: HttpRequest) -> Patient | None:
    wanted = form.cleaned_data.get("patient")
    return Patient.objects.filter(pk=wanted).first() if wanted else None


def _candidates(request: HttpRequest) -> list[Patient]:
    return search_patients(request.POST.get("q", ""), limit=8) if request.method == "POST" else []


def _rows(patients: list[Patient]) -> list[dict[str, Any]]:
    coming = desk.next_visits([one.pk for one in patients]) if patients else {}
    return [{"patient": one, "next": words.next_visit(coming.get(one.pk))} for one in patients]


def _plan(form: BookForm) -> VisitPlan | None:
    """The visit once treatment and areas are known; a combination we don't offer is said at its field."""
    slug, areas = form.cleaned_data.get("treatment"), form.cleaned_data.get("areas") or []
    if not form.modality or not slug:
        return None
    offered = [offer.area.slug for offer in form.modality.offers.all()]
    if len(offered) == 1 and not areas:
        areas = offered
        form.data["areas"] = offered[0]
        form.cleaned_data["areas"] = areas
        form.errors.pop("areas", None)
    if not form.booking:
        areas = [slug for slug in areas if slug in offered]
    if not areas:
        return None
    try:
        how = {name: form.cleaned_data.get(name, False) for name in ("consult", "video")}
        return visit_plan(modality=slug, areas=areas, **how)
    except DomainError as refusal:
        _say(form, refusal)
        return None


def _say(form: BookForm, refusal: DomainError) -> None:
    """A refusal at its field, or above the form."""
    for name, sentences in (refusal.fields or {None: [refusal.message]}).items():
        for sentence in sentences:
            form.add_error(name if name in form.fields else None, str(sentence))


def _times(
    form: BookForm,
    plan: VisitPlan | None,
    wanted: dt.datetime | None,
    *,
    patient: Patient | None,
    here: Location,
    today: dt.date,
    actor: Actor,
) -> dict[str, Any]:
    """Three best times: nearest to what was asked for, else the earliest half days. Then those of the chosen day."""
    day = form.cleaned_data.get("date") or today
    if plan is None:
        return {"best": [], "groups": [], "reasons": [], "day": day, "not_before": ""}
    wish = form.wish | {
        "plan": plan,
        "location": here.slug,
        "patient_id": patient.pk if patient else None,
        "staff": True,
    }
    now = timezone.now()
    found = free_starts(first=max(day, today), last=max(day, today) + dt.timedelta(days=SEARCH_DAYS), **wish)
    best = nearest_starts(start=wanted, **wish) if wanted else _spread([one for one in found.starts if one >= now])
    reasons = why_not(start=wanted, **wish) if wanted else []
    near = may_come_near(reasons, actor)
    chosen = wanted.isoformat() if wanted and (near or not reasons) else ""
    return {
        "near": near,
        "best": as_times([wanted, *best] if near else best, with_day=True),
        "groups": by_part_of_day([one for one in found.days.get(day, []) if one >= now]),
        "reasons": [one.sentence for one in reasons],
        "not_before": words.not_before(patient, plan, today) if not reasons else "",
        "chosen": chosen,
        "day": day,
        "day_title": words.long_day(day),
        "next_free": next((one for one, starts in found.days.items() if starts), None),
    }


def _spread(starts: list[dt.datetime], count: int = 3) -> list[dt.datetime]:
    """The earliest of each half day, so that three proposals are three choices."""
    halves: dict[tuple[dt.date, bool], dt.datetime] = {}
    for start in starts:
        halves.setdefault((start.date(), start.hour < 13), start)
    return list(halves.values())[:count]


def _book(
    request: HttpRequest, form: BookForm, *, plan: VisitPlan, patient: Patient | None, here: Location
) -> HttpResponse:
    person = form.cleaned_data
    visit = book_by_phone(
        plan=plan,
        start=form.wanted,
        **form.wish,
        interval_reason=person["interval_reason"] if may(request.actor, "interval.override") else "",
        location=here.slug,
        patient=patient,
        person={name: person[name] for name in ("name", "phone", "email", "language")},
        actor=request.actor,
    )
    start = words.local(visit, visit.start)
    leave_toast(
        request,
        _("%(name)s is booked for %(day)s at %(time)s. The form link is on its way.")
        % {"name": visit.patient.name, "day": words.short_day(start.date()), "time": clock(start)},
    )
    return redirect(reverse("desk:day", args=[start.date()]) + f"?open={visit.pk}&location={here.slug}")
