"""Moving a visit by form: a day, then one press on a free time. The same engine as everywhere; refusals say why."""

import datetime as dt
import uuid
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from bookings.forms import MoveForm
from bookings.models import Appointment
from bookings.selectors import desk, free_starts, nearest_starts, why_not, wishes_of
from bookings.services.moves import plan_for_move
from bookings.video import may_be_by_video
from bookings.views import words
from bookings.views.move_along import WITH, asks_first, move_as_answered, not_in_the_way
from bookings.views.pages import page
from bookings.views.panel import changed, panel_context
from bookings.views.times import as_times, by_part_of_day, may_come_near
from bookings.views.waiting import freed_by
from clinic.dates import clock
from clinic.errors import DomainError
from clinic.people.access import Actor, may, requires

VIDEO, CLINIC = "video", "clinic"


@requires("diary.write")
def move(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    visit = desk.get_visit(pk, actor=request.actor)
    people = desk.practitioners(actor=request.actor)
    given = request.POST if request.method == "POST" else request.GET
    form = MoveForm(
        _filled(given, visit, way=request.GET.get("way", "")),
        zone=words.zone_of(visit),
        people=people,
        with_video=visit.by_video or may_be_by_video(visit),
    )
    refusal, status = "", 200
    if not form.is_valid():
        status = 422 if request.method == "POST" else 200
    elif request.method == "POST" and (start := form.wanted or _instant(request.GET.get("start"))):
        before = {"start": visit.start.isoformat(), "practitioner": visit.practitioner.slug}
        before |= {"way": VIDEO if visit.by_video else CLINIC}
        if question := asks_first(request, visit, start, form.cleaned_data["practitioner"]):
            return question
        try:
            moved = move_as_answered(
                request,
                visit,
                start=start,
                practitioner=form.cleaned_data["practitioner"] or None,
                video=form.cleaned_data.get("video"),
                interval_reason=form.cleaned_data["interval_reason"] if may(request.actor, "interval.override") else "",
                actor=request.actor,
                staff=True,
            )
        except DomainError as error:
            refusal, status = str(error), error.status
        else:
            alone = request.POST.get("along") != WITH  # several at once are not taken back by moving one
            back = reverse("desk:move", args=[visit.pk]) + "?" + urlencode(before) if alone else ""
            said = _moved(visit, moved or visit, start)
            return changed(request, visit, said, undo_url=back, link=freed_by(request, visit))
    context = panel_context(visit, request=request, now=timezone.now())
    context |= {"form": form, "refusal": refusal} | _choices(visit, form, actor=request.actor)
    form.prepare_to_draw()
    return page(request, "desk/_move.html" if request.htmx else "desk/move.html", context, status=status)


def _filled(given: Any, visit: Appointment, *, way: str) -> dict[str, str]:
    """The visit's own day, practitioner and way where nothing else was asked; `way` is what an undo goes back to."""
    by_video = way == VIDEO if way in (VIDEO, CLINIC) else visit.by_video
    start = words.local(visit, visit.start)
    slug = given.get("practitioner", visit.practitioner.slug if visit.practitioner else "")
    return {
        "date": given.get("date") or f"{start:%Y-%m-%d}",
        "practitioner": slug,
        "time": given.get("time", ""),
        "video": given.get("video", "") if "ways" in given else "on" if by_video else "",
        "start": given.get("start", ""),
        "interval_reason": given.get("interval_reason", ""),
    }


def _instant(raw: str | None) -> dt.datetime | None:
    try:
        at = dt.datetime.fromisoformat(raw or "")
    except ValueError:
        return None
    return at if at.tzinfo else None


def _same(one: dt.datetime, other: dt.datetime) -> bool:
    """By the instant: two zones never call an hour that comes twice equal."""
    return one.timestamp() == other.timestamp()


def _moved(visit: Appointment, moved: Appointment, start: dt.datetime) -> str:
    at = start.astimezone(words.zone_of(visit))
    return _("%(name)s moved to %(day)s at %(time)s.") % {
        "name": words.who(visit),
        "day": words.short_day(at.date()),
        "time": clock(at),
    }


def _choices(visit: Appointment, form: MoveForm, *, actor: Actor) -> dict[str, Any]:
    """Free times of the asked day; for a typed time that isn't free, why not and what is nearest."""
    if {"date", "practitioner"} & set(form.errors):
        return {"groups": [], "nearest": [], "reasons": []}
    day, start = form.cleaned_data["date"], form.wanted
    named = form.cleaned_data["practitioner"] or None
    plan = plan_for_move(visit, form.cleaned_data.get("video"))
    wish = wishes_of(visit) | {"plan": plan, "practitioner": named, "staff": True}
    wish |= not_in_the_way(visit)
    found = free_starts(first=day, last=day, **wish).days.get(day, [])
    other_way = plan.video != visit.by_video
    ahead = [one for one in found if one >= timezone.now()]
    groups = by_part_of_day([one for one in ahead if other_way or not _same(one, visit.start)])
    reasons = why_not(start=start, **wish) if start else []
    around = start or visit.start.astimezone(words.zone_of(visit)).replace(year=day.year, month=day.month, day=day.day)
    nearest = [] if groups and not reasons else nearest_starts(start=around, **wish)
    return {
        "groups": groups,
        "reasons": [one.sentence for one in reasons],
        "near": may_come_near(reasons, actor),
        "wanted": start.isoformat() if start else "",
        "nearest": as_times([one for one in nearest if not _same(one, visit.start)], with_day=True),
        "day_title": words.long_day(day),
        "previous_day": day - dt.timedelta(days=1),
        "next_day": day + dt.timedelta(days=1),
    }
