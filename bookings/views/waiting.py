"""The waiting list at the desk: who waits for what, offers by hand, and who fits a time that was freed."""

import datetime as dt
import uuid
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bookings.models import Appointment, Location, WaitingEntry
from bookings.selectors import desk
from bookings.selectors import waiting as reading
from bookings.services import offers
from bookings.services import waiting as listing
from bookings.states import Waiting
from bookings.views import words
from bookings.views.pages import leave_toast, page
from bookings.views.times import as_times
from bookings.views.wishes import standing, wish_words
from bookings.waiting import is_paused, misses
from clinic.errors import DomainError
from clinic.people.access import may, requires

SHOWN, BEYOND = 12, dt.timedelta(days=7)


@requires("waiting.manage")
@never_cache
@require_safe
def waiting(request: HttpRequest) -> HttpResponse:
    """Longest waiting first. With `start` and `end`, only who fits that time, each with a button for it."""
    return _list(request)


def _list(request: HttpRequest, *, problem: str = "", status: int = 200) -> HttpResponse:
    here, everywhere = desk.pick_location(request.GET.get("location", ""))
    start, end = _instant(request.GET.get("start")), _instant(request.GET.get("end"))
    freed = None
    if start and end and start < end:
        fits = reading.who_fits(start=start, end=end, location=here)
        rows = [_row(fit.entry, number, starts=fit.starts) for number, fit in enumerate(fits, 1)]
        zone = ZoneInfo(here.timezone)
        first, last = start.astimezone(zone), end.astimezone(zone)
        freed = {"day": words.long_day(first.date()), "time": f"{first:%H:%M}", "until": f"{last:%H:%M}"}
    else:
        rows = [_row(entry, number) for number, entry in enumerate(reading.in_line(here), 1)]
    context = {
        "rows": rows,
        "freed": freed,
        "place": here,
        "places": everywhere,
        "problem": problem,
        "zone": here.timezone,
    }
    return page(request, "desk/waiting.html", context, status=status)


def _row(entry: WaitingEntry, number: int, *, starts: list[dt.datetime] | None = None) -> dict[str, Any]:
    tone, icon, word = standing(entry)
    given = reading.open_offer(entry)
    return {
        "entry": entry,
        "number": number,
        "wish": wish_words(entry),
        "since": words.short_day(reading.local(entry, entry.since).date()),
        "tone": tone,
        "icon": icon,
        "word": word,
        "paused": is_paused(entry.unanswered) and entry.state == Waiting.WAITING,
        "offer": _offer_words(entry, given) if given else "",
        "starts": as_times([reading.local(entry, one) for one in (starts or [])[:3]], with_day=True),
    }


def _offer_words(entry: WaitingEntry, given: Any) -> str:
    start, until = reading.local(entry, given.start), reading.local(entry, given.until)
    told = {"day": words.short_day(start.date()), "time": f"{start:%H:%M}", "until": f"{until:%H:%M}"}
    return _("%(day)s, %(time)s, kept until %(until)s") % told


@requires("waiting.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def offer(request: HttpRequest, entry_id: uuid.UUID) -> HttpResponse:
    """The times that fit, those that are free but not what they asked for, and why a typed time is not for them."""
    entry = reading.get_entry(entry_id)
    problem, status = "", 200
    if request.method == "POST":
        start = _instant(request.POST.get("start"))
        try:
            if start is None:
                raise DomainError("start_missing", _("Choose one of the times."), status=422)
            given = offers.offer(entry, start=start, by_hand=True, actor=request.actor)
        except DomainError as refusal:
            problem, status = str(refusal), refusal.status
            entry = reading.get_entry(entry_id)
        else:
            said = {"name": entry.patient.name, "what": _offer_words(entry, given)}
            leave_toast(request, _("%(name)s is asked: %(what)s.") % said)
            return redirect(f"{reverse('desk:waiting')}?{urlencode({'location': entry.location.slug})}")
    context = {"row": _row(entry, 0), "entry": entry, "problem": problem} | _choices(request, entry)
    return page(request, "desk/waiting_offer.html", context, status=status)


def _choices(request: HttpRequest, entry: WaitingEntry) -> dict[str, Any]:
    now = timezone.now()
    if entry.state == Waiting.OFFERED:
        return {"best": [], "others": []}
    best = reading.best_offers(entry, now=now)
    asked = _asked(request, entry)
    return {
        "best": as_times(_spread(best), with_day=True),
        "others": _others(entry, set(best), now),
        "asked": as_times([asked], with_day=True)[0] if asked else None,
        "reasons": [one.sentence for one in reading.reasons_against(entry, asked, now=now)] if asked else [],
        "date": request.GET.get("date", ""),
        "time": request.GET.get("time", ""),
    }


def _spread(starts: list[dt.datetime]) -> list[dt.datetime]:
    """The earliest of each half-day: a list of choices, not of quarters of an hour."""
    halves: dict[tuple[dt.date, bool], dt.datetime] = {}
    for start in starts:
        halves.setdefault((start.date(), start.hour < 13), start)
    return list(halves.values())[:SHOWN]


def _others(entry: WaitingEntry, best: set[dt.datetime], now: dt.datetime) -> list[dict[str, Any]]:
    """Free times around their days that they did not ask for, each with what is different."""
    today = reading.local(entry, now).date()
    first, last = max(entry.first_day, today), min(entry.last_day, today + dt.timedelta(days=60)) + BEYOND
    found = reading.free_for(entry, first=first, last=last, now=now, suiting=False) if first <= last else []
    wanted = reading.wanted_of(entry)
    shown = _spread([one for one in found if one not in best])[:6]
    told = [" ".join(reading.not_wished(code) for code in misses(wanted, one)) for one in shown]
    return [time | {"why": why} for time, why in zip(as_times(shown, with_day=True), told, strict=True)]


def _asked(request: HttpRequest, entry: WaitingEntry) -> dt.datetime | None:
    try:
        day, clock = dt.date.fromisoformat(request.GET["date"]), dt.time.fromisoformat(request.GET["time"])
    except (KeyError, ValueError):
        return None
    return dt.datetime.combine(day, clock.replace(tzinfo=None), ZoneInfo(entry.location.timezone))


@requires("waiting.manage")
@require_POST
def resume(request: HttpRequest, entry_id: uuid.UUID) -> HttpResponse:
    entry = reading.get_entry(entry_id)
    listing.resume(entry, actor=request.actor)
    leave_toast(request, _("%(name)s is offered free times again.") % {"name": entry.patient.name})
    return redirect("desk:waiting")


@requires("waiting.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: HttpRequest, entry_id: uuid.UUID) -> HttpResponse:
    """Asked first: what the list knew of somebody who never came can't be brought back."""
    entry = reading.get_entry(entry_id)
    if request.method == "POST":
        name = entry.patient.name
        listing.leave(entry, actor=request.actor)
        leave_toast(request, _("%(name)s is no longer on the waiting list.") % {"name": name})
        return redirect("desk:waiting")
    return page(request, "desk/waiting_remove.html", {"row": _row(entry, 0), "entry": entry})


@requires("waiting.manage")
@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    """Whether freed times of a location go out by themselves."""
    here, _everywhere = desk.pick_location(request.POST.get("location", ""))
    on = request.POST.get("on") == "1"
    listing.switch_offers(here, on=on, actor=request.actor)
    leave_toast(request, _("Freed times are offered by themselves.") if on else _("You offer freed times by hand now."))
    return redirect(f"{reverse('desk:waiting')}?{urlencode({'location': here.slug})}")


def freed_link(
    request: HttpRequest, *, start: dt.datetime, end: dt.datetime, location: Location
) -> dict[str, str] | None:
    """ "2 people on the waiting list fit", for a time that a visit has just left; None when nobody does."""
    if not may(request.actor, "waiting.manage") or start <= timezone.now():
        return None
    fits = reading.who_fits(start=start, end=end, location=location)
    if not fits:
        return None
    label = ngettext("%(n)s person on the waiting list fits", "%(n)s people on the waiting list fit", len(fits))
    query = urlencode({"location": location.slug, "start": start.isoformat(), "end": end.isoformat()})
    return {"label": label % {"n": len(fits)}, "url": f"{reverse('desk:waiting')}?{query}"}


def freed_by(request: HttpRequest, visit: Appointment) -> dict[str, str] | None:
    return freed_link(request, start=visit.start, end=visit.end, location=visit.location)


def _instant(raw: str | None) -> dt.datetime | None:
    try:
        moment = dt.datetime.fromisoformat(raw or "")
    except ValueError:
        return None
    return moment if moment.tzinfo else None
