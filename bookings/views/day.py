"""The day: a grid of practitioners, a list, the numbers, and the sheet on paper."""

import datetime as dt
import hashlib
import uuid
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from bookings.models import Appointment, Resource
from bookings.selectors import desk
from bookings.states import State
from bookings.ticks import TICK, Frame, busy_bits, closes_at, dates_bits, hours_bits, opens_at
from bookings.views import grid, words
from bookings.views.pages import page, shared
from bookings.views.panel import panel_context
from clinic.errors import DomainError
from clinic.people.access import requires
from clinic.ui.statuses import STATUSES

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
    context = board_context(facts, now=now, **asked) | {"cancelled": cancelled, "here": _address(facts, cancelled)}
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
    rows = [_row(visit, facts, timezone.now()) for visit in facts.appointments if visit.state != State.HELD]
    context = {"facts": facts, "rows": rows, "title": words.long_day(date), "year": date.year}
    return page(request, "desk/sheet.html", context)


@requires("diary.read")
def week(request: HttpRequest, practitioner: str, date: dt.date) -> HttpResponse:
    """Seven days of one practitioner, as lists side by side."""
    now = timezone.now()
    people = desk.practitioners(actor=request.actor)
    resource = next((one for one in people if one.slug == practitioner), None)
    if resource is None:
        raise DomainError("not_found", _("There is no such diary."), status=404)
    here, _everywhere = desk.pick_location()
    monday = date - dt.timedelta(days=date.weekday())
    found = desk.load_week(first=monday, resource=resource, actor=request.actor, zone=here.timezone, now=now)
    zone = ZoneInfo(here.timezone)
    context = {
        "title": words.practitioner(resource),
        "people": [
            {"name": words.practitioner(one), "url": _week_url(one, monday), "here": one == resource} for one in people
        ],
        "range": _("%(first)s to %(last)s")
        % {"first": words.short_day(monday), "last": words.short_day(monday + dt.timedelta(days=6))},
        "previous": _week_url(resource, monday - dt.timedelta(days=7)),
        "next": _week_url(resource, monday + dt.timedelta(days=7)),
        "this": _week_url(resource, now.astimezone(zone).date()),
        "days": [
            {
                "title": words.short_day(day),
                "url": reverse("desk:day", args=[day]),
                "today": day == now.astimezone(zone).date(),
                "rows": [_line(visit, zone, now) for visit in visits],
            }
            for day, visits in found.items()
        ],
    }
    return page(request, "desk/week.html", context)


def board_context(facts: desk.DayFacts, *, now: dt.datetime, view: str, density: str, columns: str) -> dict[str, Any]:
    frame = _frame(facts)
    tick = int(now.timestamp() - frame.origin) // TICK
    now_tick = tick if 0 <= tick < frame.length else None
    people = [diary for diary in facts.diaries if diary.resource.kind == Resource.Kind.PRACTITIONER]
    context = {
        "facts": facts,
        "view": view,
        "density": density,
        "columns": columns,
        "title": words.long_day(facts.day),
        "numbers": _numbers(facts.appointments),
        "closure": facts.closure,
        "nobody": not people,
    }
    if view == "list":
        context["rows"] = [_row(visit, facts, now) for visit in facts.appointments]
    else:
        context |= {
            "grid": [_column(diary, number, facts, frame, now) for number, diary in enumerate(facts.diaries, 1)],
            "hours": _hours(frame, facts),
            "now_tick": now_tick,
            "now_word": words.clock(now, facts.zone),
        }
    context["version"] = _version(facts, view, columns, now_tick, now)
    return context


def _numbers(visits: Sequence[Appointment]) -> dict[str, int]:
    return {
        "booked": sum(visit.state not in (State.HELD, State.CANCELLED) for visit in visits),
        "arrived": sum(visit.state in desk.HERE for visit in visits),
        "waiting": sum(visit.state == State.ARRIVED for visit in visits),
        "review": sum(visit.state == State.PENDING_REVIEW for visit in visits),
    }


def _version(facts: desk.DayFacts, view: str, columns: str, now_tick: int | None, now: dt.datetime) -> str:
    """Changes with anything the board shows; minutes waited count as a change."""
    waiting = any(visit.state == State.ARRIVED for visit in facts.appointments)
    seen = [view, columns, now_tick, int(now.timestamp()) // 60 if waiting else 0, bool(facts.closure)]
    for visit in facts.appointments:
        seen += [
            visit.pk,
            visit.state,
            visit.clearance,
            visit.version,
            visit.start,
            visit.practitioner_id,
            visit.room_id,
        ]
        seen += [visit.device_id, visit.patient_id, visit.patient and visit.patient.name, visit.hold_expires_at]
    for diary in facts.diaries:
        seen += [diary.resource.pk, *((gone.starts_at, gone.ends_at) for gone in diary.absences)]
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:16]


def _frame(facts: desk.DayFacts) -> Frame:
    zone = facts.location.timezone
    spans = [] if facts.closure else _open_spans(facts.opening, zone, facts.day)
    default = (opens_at(zone, facts.day, 9 * 60), closes_at(zone, facts.day, 18 * 60))
    return grid.window(spans, [_phases(visit) for visit in facts.appointments], default=default)


def _open_spans(rows: Sequence, zone: str, day: dt.date) -> list[tuple[int, int]]:
    return [
        (opens_at(zone, day, opens), closes_at(zone, day, closes if closes > opens else closes + 1440))
        for weekday, opens, closes, first, last in rows
        if weekday == day.weekday() and (first is None or first <= day) and (last is None or day <= last)
    ]


def _phases(visit: Appointment) -> grid.Phases:
    return grid.Phases(
        *(int(at.timestamp()) for at in (visit.start, visit.treatment_start, visit.treatment_end, visit.end))
    )


def _column(diary: desk.Diary, number: int, facts: desk.DayFacts, frame: Frame, now: dt.datetime) -> dict[str, Any]:
    zone, resource = facts.location.timezone, diary.resource
    held = [
        visit for visit in facts.appointments if resource.pk in (visit.practitioner_id, visit.room_id, visit.device_id)
    ]
    there = hours_bits(frame, zone, facts.opening)
    if diary.hours is not None:
        there &= hours_bits(frame, zone, diary.hours)
    if facts.closure:
        there &= ~dates_bits(frame, zone, facts.day, facts.day)
    gone = busy_bits(frame, tuple(int(at.timestamp()) for one in diary.absences for at in (one.starts_at, one.ends_at)))
    shown = [_phases(visit) for visit in held]
    if resource.kind == Resource.Kind.DEVICE:
        shown = [
            grid.Phases(one.treatment_start, one.treatment_start, one.treatment_end, one.treatment_end) for one in shown
        ]
    taken = 0
    for one in shown:
        taken |= frame.taken(one.start, one.end)
    free = there & ~gone & ~taken
    past = frame.taken(frame.origin, int(now.timestamp()))
    is_person = resource.kind == Resource.Kind.PRACTITIONER
    hours = _open_spans(diary.hours or (), zone, facts.day) if is_person else []
    return {
        "id": f"c{number}",
        "kind": resource.kind,
        "name": words.practitioner(resource) if is_person else resource.name,
        "hours": _span_words(hours, facts) if is_person else "",
        "away": ", ".join(one.get_kind_display() for one in diary.absences),
        "closed": grid.runs(frame.everything & ~(there & ~gone), frame.length),
        "gaps": [{"span": span, **_gap(span, frame, facts, resource)} for span in grid.pieces(free & ~past, frame)]
        if is_person
        else [],
        "blocks": [
            {"visit": visit, "place": place, **_line(visit, facts.zone, now)}
            for visit, place in zip(held, grid.places(shown, frame), strict=True)
        ],
    }


def _span_words(spans: list[tuple[int, int]], facts: desk.DayFacts) -> str:
    if not spans:
        return _("not working today")
    first, last = (dt.datetime.fromtimestamp(at, facts.zone) for at in (spans[0][0], spans[-1][1]))
    return f"{first:%H:%M}–{last:%H:%M}"


def _gap(span: grid.Span, frame: Frame, facts: desk.DayFacts, resource: Resource) -> dict[str, str]:
    first, after = (dt.datetime.fromtimestamp(frame.origin + tick * TICK, facts.zone) for tick in span)
    words_ = _("Free %(from)s to %(to)s: new appointment") % {"from": f"{first:%H:%M}", "to": f"{after:%H:%M}"}
    query = f"?practitioner={resource.slug}&date={first:%Y-%m-%d}&time={first:%H:%M}&location={facts.location.slug}"
    return {"url": reverse("desk:new") + query, "label": words_, "time": f"{first:%H:%M}"}


def _line(visit: Appointment, zone: Any, now: dt.datetime) -> dict[str, Any]:
    """One visit as a block or a row says it."""
    return {
        "visit": visit,
        "url": reverse("desk:appointment", args=[visit.pk]),
        "who": words.who(visit),
        "what": words.treatment(visit),
        "standing": words.standing(visit, now),
        "word": STATUSES[visit.state].word,
        "time": words.clock(visit.start, zone),
        "until": words.clock(visit.treatment_end, zone),
    }


def _row(visit: Appointment, facts: desk.DayFacts, now: dt.datetime) -> dict[str, Any]:
    return _line(visit, facts.zone, now) | {"with": words.practitioner(visit.practitioner), "room": visit.room.name}


def _hours(frame: Frame, facts: desk.DayFacts) -> list[dict[str, Any]]:
    starts = range(0, frame.length, grid.HOUR)
    return [
        {
            "first": tick,
            "after": min(tick + grid.HOUR, frame.length),
            "word": f"{dt.datetime.fromtimestamp(frame.origin + tick * TICK, facts.zone):%H:%M}",
        }
        for tick in starts
    ]


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
        "here_plain": _address(facts, False),
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
    return _week_url(first, facts.day) if first else ""


def _week_url(resource: Resource, day: dt.date) -> str:
    return reverse("desk:week", args=[resource.slug, day])


def _open_panel(request: HttpRequest, now: dt.datetime) -> dict[str, Any]:
    """`?open=<id>` shows a visit beside the day without any script."""
    try:
        wanted = uuid.UUID(request.GET.get("open", ""))
    except ValueError:
        return {}
    return panel_context(desk.get_visit(wanted, actor=request.actor), request=request, now=now) | shared(request)
