"""The day's board: its columns, blocks and rows, ready to be drawn."""

import datetime as dt
import hashlib
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from django.urls import reverse
from django.utils.translation import gettext as _

from bookings.models import Appointment, Resource
from bookings.selectors import desk
from bookings.states import State
from bookings.ticks import TICK, Frame, busy_bits, closes_at, dates_bits, hours_bits, opens_at
from bookings.views import grid, words
from clinic.dates import clock, comes_twice, comma
from clinic.ui.statuses import STATUSES


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
        context["rows"] = [row(visit, facts, now) for visit in facts.appointments]
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
    needed = (
        visit.start if visit.talk_end else visit.treatment_start
    )  # from the talk on, not only once the cream worked
    return grid.Phases(*(int(at.timestamp()) for at in (visit.start, needed, visit.treatment_end, visit.end)))


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
        treated = [(int(one.treatment_start.timestamp()), int(one.treatment_end.timestamp())) for one in held]
        shown = [grid.Phases(start, start, end, end) for start, end in treated]
    taken = 0
    for one in shown:
        taken |= frame.taken(one.start, one.end)
    free = there & ~gone & ~taken
    past = frame.taken(frame.origin, int(now.timestamp()))
    step = facts.location.step_minutes * 60 // TICK
    is_person = resource.kind == Resource.Kind.PRACTITIONER
    hours = _open_spans(diary.hours or (), zone, facts.day) if is_person else []
    return {
        "id": f"c{number}",
        "kind": resource.kind,
        "name": words.practitioner(resource) if is_person else resource.name,
        "hours": _span_words(hours, facts) if is_person else "",
        "away": comma().join(one.get_kind_display() for one in diary.absences),
        "closed": grid.runs(frame.everything & ~(there & ~gone), frame.length),
        "gaps": [
            {"span": span, **_gap(span, frame, facts, resource)} for span in grid.pieces(free & ~past, frame, step=step)
        ]
        if is_person
        else [],
        "blocks": [
            {"visit": visit, "place": place, **line(visit, facts.zone, now)}
            for visit, place in zip(held, grid.places(shown, frame), strict=True)
        ],
    }


def _span_words(spans: list[tuple[int, int]], facts: desk.DayFacts) -> str:
    if not spans:
        return _("not working today")
    first, last = (dt.datetime.fromtimestamp(at, facts.zone) for at in (spans[0][0], spans[-1][1]))
    return f"{clock(first)}–{clock(last)}"


def _gap(span: grid.Span, frame: Frame, facts: desk.DayFacts, resource: Resource) -> dict[str, str]:
    first, after = (dt.datetime.fromtimestamp(frame.origin + tick * TICK, facts.zone) for tick in span)
    words_ = _("Free %(from)s to %(to)s: new appointment") % {"from": clock(first), "to": clock(after)}
    query = f"?practitioner={resource.slug}&date={first:%Y-%m-%d}&time={first:%H:%M}&location={facts.location.slug}"
    if comes_twice(first):
        query += f"&start={quote(first.isoformat())}"
    return {"url": reverse("desk:new") + query, "label": words_, "time": clock(first)}


def line(visit: Appointment, zone: Any, now: dt.datetime) -> dict[str, Any]:
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


def row(visit: Appointment, facts: desk.DayFacts, now: dt.datetime) -> dict[str, Any]:
    return line(visit, facts.zone, now) | {"with": words.practitioner(visit.practitioner), "room": words.room(visit)}


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
