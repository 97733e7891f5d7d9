"""The day: a grid of practitioners, a list, the numbers, and the sheet on paper."""

import datetime as dt
import uuid
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from bookings.models import Resource
from bookings.selectors import desk
from bookings.states import State
from bookings.views import words
from bookings.views.board import board_context, row
from bookings.views.pages import page, shared
from bookings.views.panel import panel_context
from bookings.views.week import week_url
from clinic.people.access import requires

CHOICES = {"view": ("grid", "list"), "density": ("compact", "comfortable"), "columns": ("people", "all")}
COOKIE_AGE = 365 * 86400


@requires("diary.read")
def day(request: HttpRequest, date: dt.date | None = None) -> HttpResponse:
    """One day at one location. `?part=board&v=…` answers 204 while nothing has changed since version `v`."""
    now = timezone.now()
    asked = {name: _choice(request, name) for name in CHOICES}
    cancelled = request.GET.get("cancelled") == "1"
    location = request.GET.get("location", "")
    if date is None:
        here, _everywhere = desk.pick_location(location)
        date = now.astimezone(ZoneInfo(here.timezone)).date()
    facts = desk.load_day(
        day=date,
        actor=request.actor,
        location=location,
        everything=asked["columns"] == "all" and asked["view"] == "grid",
        cancelled=cancelled,
        now=now,
    )
    context = board_context(facts, now=now, **asked) | {"cancelled": cancelled, "board_url": _address(facts, cancelled)}
    if request.GET.get("part") == "board":
        if request.GET.get("v") == context["version"]:
            return HttpResponse(status=204)
        return page(request, "desk/_board_live.html", context)
    context |= _toolbar(facts, now) | _open_panel(request, now)
    response = page(request, "desk/day.html", context)
    for name in CHOICES:
        if request.GET.get(name) == asked[name]:
            response.set_cookie(f"desk_{name}", asked[name], max_age=COOKIE_AGE, httponly=True, samesite="Lax")
    return response


@requires("diary.read")
def sheet(request: HttpRequest, date: dt.date) -> HttpResponse:
    """The day on A4: times, names, rooms. Nothing about health, nothing that isn't certain to be needed."""
    facts = desk.load_day(day=date, actor=request.actor, location=request.GET.get("location", ""))
    rows = [row(visit, facts, timezone.now()) for visit in facts.appointments if visit.state != State.HELD]
    context = {"facts": facts, "rows": rows, "title": words.long_day(date)}
    return page(request, "desk/sheet.html", context)


def _choice(request: HttpRequest, name: str) -> str:
    """From the address, else as chosen last, else: a list on a phone, practitioners on a compact grid elsewhere."""
    known = CHOICES[name]
    for value in (request.GET.get(name), request.COOKIES.get(f"desk_{name}")):
        if value in known:
            return value
    return "list" if name == "view" and "Mobi" in request.headers.get("User-Agent", "") else known[0]


def _address(facts: desk.DayFacts, cancelled: bool) -> str:
    asked = [f"location={facts.location.slug}"] if len(facts.locations) > 1 else []
    asked += ["cancelled=1"] if cancelled else []
    return reverse("desk:day", args=[facts.day]) + "?" + "&".join(asked)


def _toolbar(facts: desk.DayFacts, now: dt.datetime) -> dict[str, Any]:
    query = f"?location={facts.location.slug}" if len(facts.locations) > 1 else ""
    today = now.astimezone(facts.zone).date()
    step = dt.timedelta(days=1)
    new = f"?date={max(facts.day, today):%Y-%m-%d}&location={facts.location.slug}"
    return {
        "board_plain_url": _address(facts, False),
        "is_today": facts.day == today,
        "today_url": reverse("desk:day") + query,
        "previous_url": reverse("desk:day", args=[facts.day - step]) + query,
        "next_url": reverse("desk:day", args=[facts.day + step]) + query,
        "sheet_url": reverse("desk:sheet", args=[facts.day]) + query,
        "new_url": reverse("desk:new") + new,
        "location_urls": [
            {"place": place, "url": reverse("desk:day", args=[facts.day]) + f"?location={place.slug}"}
            for place in facts.locations
        ],
        "week_url": _week_link(facts),
    }


def _week_link(facts: desk.DayFacts) -> str:
    first = next((one.resource for one in facts.diaries if one.resource.kind == Resource.Kind.PRACTITIONER), None)
    return week_url(first, facts.day) if first else ""


def _open_panel(request: HttpRequest, now: dt.datetime) -> dict[str, Any]:
    """`?open=<id>` shows a visit beside the day without any script."""
    try:
        wanted = uuid.UUID(request.GET.get("open", ""))
    except ValueError:
        return {}
    return panel_context(desk.get_visit(wanted, actor=request.actor), request=request, now=now) | shared(request)
