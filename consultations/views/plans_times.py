"""Choosing the times of a whole course: three proposals, any single session changed, all booked at once or none."""

import datetime as dt
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.dates import WEEKDAYS
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bookings.course_forms import as_value, from_values
from bookings.models import Practitioner
from bookings.selectors.courses import Chosen, CoursePlan, other_times, plan_series, visits_of
from clinic.dates import clock, comma, say
from clinic.errors import DomainError
from consultations.forms.plans import WhenForm
from consultations.models import Plan
from consultations.selectors import plans as selectors
from consultations.services import plans as services
from consultations.views.onward import onward
from consultations.views.plans_own import plan_page, url_of
from consultations.views.times import zone_words
from consultations.views.visitor import open_here
from treatments.money import money

DAYS_SHOWN = 21


@require_http_methods(["GET", "HEAD", "POST"])
def _times(request: HttpRequest, plan: Plan) -> HttpResponse:
    """GET looks for times and lets sessions be changed; everything chosen is in the address. POST books."""
    if selectors.state_of(plan) != selectors.ACCEPTED:
        return redirect(url_of("own", plan))
    problem = None
    given = request.POST if request.method == "POST" else request.GET
    chosen = from_values(given.getlist("session"))
    if request.method == "POST":
        try:
            return _booked(request, plan, chosen)
        except DomainError as refusal:
            problem, chosen = refusal, []
    version = selectors.current_version(plan)
    sessions = selectors.sessions_of(version)
    try:
        visits, gaps = selectors.series_of(version)
    except DomainError:
        return redirect(url_of("own", plan))
    today = selectors.today_at(plan.location)
    held = selectors.standings(plan.patient, {one.modality for one in sessions}, today=today)
    wish = {
        "visits": visits,
        "gaps": gaps,
        "not_before": selectors.first_days(held, today=today),
        "location": plan.location.slug,
        "patient_id": plan.patient_id,
        "course": True,
    }
    context = {
        "plan": plan,
        "count": len(sessions),
        "problem": problem,
        "has_errors": bool(problem),
        "stopped": services.stopped() if any(one.declined for one in held.values()) else None,
        "first_days": [
            {"name": visit.modality.name, "day": say(wish["not_before"][visit.modality.slug], "j F Y")}
            for visit in {one.modality.slug: one for one in visits}.values()
            if visit.modality.slug in wish["not_before"]
        ],
        "total": money(version.total, version.currency),
        "zone": zone_words(plan.location.timezone, dt.datetime.now(dt.UTC)),
        "own_url": url_of("own", plan),
        "clinic_phone": plan.location.phone or settings.CLINIC_PHONE,
    }
    if context["stopped"]:
        pass
    elif len(chosen) == len(sessions):
        context |= _review(request, plan, chosen, visits, wish)
    else:
        context |= _proposals(given, plan, visits, wish, today)
    template = "plans/chosen.html" if "rows" in context else "plans/times.html"
    return render(request, template, context, status=problem.status if problem else 200)


times = plan_page(_times)


def _booked(request: HttpRequest, plan: Plan, chosen: list[Chosen]) -> HttpResponse:
    course = services.book(plan, starts=chosen, language=get_language(), actor=request.actor)
    rows = visits_of(course)
    for row in rows:
        open_here(request, row)
    messages.success(request, _("All your visits are reserved. One thing is left: your health form for the first one."))
    return redirect(onward(rows[0]))


def _proposals(given: Any, plan: Plan, visits: list, wish: dict[str, Any], today: dt.date) -> dict[str, Any]:
    tomorrow = today + dt.timedelta(days=1)
    form = WhenForm(given if "find" in given else None, initial={"first": tomorrow})
    asked = form.cleaned_data if form.is_bound and form.is_valid() else {}
    if form.is_bound and form.errors:
        return {"form": form, "plans": [], "has_errors": True, "asked": True}
    earliest = max(asked.get("first") or tomorrow, today)
    prefer = Practitioner.objects.filter(user_id=plan.author_id).values_list("resource__slug", flat=True).first()
    only = {"weekdays": asked.get("weekdays", ()), "parts": asked.get("parts", ())}
    found = plan_series(**wish, earliest=earliest, prefer=prefer, **only)
    relaxed = any(only.values()) and (not found.plans or bool(found.problem))
    if relaxed:
        found = plan_series(**wish, earliest=earliest, prefer=prefer)
    return {
        "form": form,
        "asked": form.is_bound,
        "relaxed": relaxed,
        "plans": [_card(number, one, visits, plan) for number, one in enumerate(found.plans, 1)],
        "late": bool(found.problem) and bool(found.plans),
    }


def _card(number: int, one: CoursePlan, visits: list, plan: Plan) -> dict[str, Any]:
    first, last = one.sessions[0].start, one.sessions[-1].start
    return {
        "number": number,
        "title": _title(one),
        "until": say(last, "j F Y"),
        "sessions": _sessions(one.sessions, visits),
        "url": f"{url_of('times', plan)}?{_query(one.sessions)}",
        "first": first,
    }


def _title(one: CoursePlan) -> str:
    """ "Tuesdays at 10:00" where it is so, else when it begins."""
    days = {session.start.weekday() for session in one.sessions}
    clocks = {clock(session.start) for session in one.sessions}
    if len(days) == 1 and len(clocks) == 1:
        return f"{WEEKDAYS[days.pop()]}{comma()}{clocks.pop()}"
    return _("From %(day)s") % {"day": say(one.sessions[0].start, "D j M")}


def _sessions(starts: Any, visits: list) -> list[dict[str, Any]]:
    return [
        {
            "number": number,
            "value": as_value(one),
            "day": say(one.start, "D j M Y"),
            "time": clock(one.start),
            "with": one.name,
            "what": visit.modality.name,
        }
        for number, (one, visit) in enumerate(zip(starts, visits, strict=True), 1)
    ]


def _query(starts: Any, **more: Any) -> str:
    return urlencode([("session", as_value(one)) for one in starts] + list(more.items()))


def _review(
    request: HttpRequest, plan: Plan, chosen: list[Chosen], visits: list, wish: dict[str, Any]
) -> dict[str, Any]:
    """What was chosen, and for one session where else it could be."""
    slugs = {one.practitioner for one in chosen if one.practitioner}
    names = {
        row.resource.slug: str(row)
        for row in Practitioner.objects.filter(resource__slug__in=slugs).select_related("resource")
    }
    zone = ZoneInfo(plan.location.timezone)
    chosen = [
        Chosen(one.start.astimezone(zone), one.practitioner, names.get(one.practitioner or "", "")) for one in chosen
    ]
    here = url_of("times", plan)
    rows = _sessions(chosen, visits)
    for row in rows:
        row["change_url"] = f"{here}?{_query(chosen, swap=row['number'])}#others"
    context = {"rows": rows, "others_url": here, "kept_url": f"{here}?{_query(chosen)}", "swap": 0}
    swap = request.GET.get("swap", "")
    if swap.isascii() and swap.isdigit() and 1 <= int(swap) <= len(chosen):
        number = int(swap)
        found = other_times(**wish, starts=chosen, session=number)
        context |= {
            "swap": number,
            "days": [_day(day, ones, number, chosen, here) for day, ones in list(found.items())[:DAYS_SHOWN]],
        }
    return context


def _day(day: dt.date, ones: list[Chosen], number: int, chosen: list[Chosen], here: str) -> dict[str, Any]:
    times = []
    for one in ones:
        instead = [*chosen[: number - 1], one, *chosen[number:]]
        label = _("%(time)s, %(day)s") % {"time": clock(one.start), "day": say(one.start, "l j F")}
        times.append({"text": clock(one.start), "label": label, "url": f"{here}?{_query(instead)}"})
    return {"day": say(day, "l j F"), "times": times}
