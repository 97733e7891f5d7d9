"""The waiting list as the desk and the sweep read it: who is in line, which times fit whom, and why others don't."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from bookings.book import Book
from bookings.links import waiting_id_of
from bookings.models import Location, WaitingEntry, WaitingOffer
from bookings.reasons import Reason
from bookings.selectors.books import current_book, plan_for
from bookings.selectors.free_times import free_starts, why_not
from bookings.states import ON_THE_LIST, Answer, Waiting
from bookings.waiting import Wanted, days_to_look_at, misses, part_of_day, suits
from clinic.errors import DomainError, NotFound
from treatments.selectors import VisitPlan


@dataclass(frozen=True)
class Fit:
    """Somebody in line, with the starts that suit them."""

    entry: WaitingEntry
    starts: list[datetime]


def in_line(location: Location | None = None) -> QuerySet[WaitingEntry]:
    """Everybody on the list, longest waiting first, with treatment, person, place, wish and offers. Three queries."""
    rows = (
        WaitingEntry.objects.filter(state__in=ON_THE_LIST)
        .select_related("modality", "patient", "location", "practitioner__practitioner")
        .defer("modality__content", "modality__summary")
        .prefetch_related("areas", "offers")
        .order_by("since", "pk")
    )
    return rows.filter(location=location) if location else rows


def get_entry(identifier: UUID) -> WaitingEntry:
    """Somebody on the list; NotFound for anybody else."""
    found = in_line().filter(pk=identifier).first()
    if found is None:
        raise NotFound
    return found


def entry_by_token(token: str, *, now: datetime | None = None) -> WaitingEntry:
    """The entry a waiting link opens, whatever became of it. NotFound, in the same words, for any other token."""
    identifier = waiting_id_of(token, now=now)
    rows = WaitingEntry.objects.select_related("modality", "location", "patient").prefetch_related("areas", "offers")
    found = rows.filter(pk=identifier).first() if identifier else None
    if found is None:
        raise NotFound(_("We can't find that booking."))
    return found


def open_offer(entry: WaitingEntry) -> WaitingOffer | None:
    """The time that is kept for them now. No query where the offers were loaded."""
    return next((one for one in entry.offers.all() if one.answer == Answer.OPEN), None)


def local(entry: WaitingEntry, moment: datetime) -> datetime:
    return moment.astimezone(ZoneInfo(entry.location.timezone))


def wanted_of(entry: WaitingEntry) -> Wanted:
    """What they asked for. A half-day of which a time was offered and not taken is not offered again."""
    past = [local(entry, one.start) for one in entry.offers.all() if one.answer not in (Answer.OPEN, Answer.WITHDRAWN)]
    return Wanted(
        first=entry.first_day,
        last=entry.last_day,
        parts=frozenset(entry.parts),
        weekdays=frozenset(entry.weekdays),
        not_again=frozenset((start.date(), part_of_day(start)) for start in past),
    )


def wish_of(entry: WaitingEntry) -> dict[str, Any]:
    """The same wish as the engine takes it."""
    return {
        "gender": entry.gender or None,
        "practitioner": entry.practitioner.slug if entry.practitioner else None,
        "location": entry.location.slug,
        "clearance": entry.clearance,
        "bookable_from": entry.bookable_from,
    }


def visit_of(entry: WaitingEntry, book: Book | None = None) -> VisitPlan | None:
    """The visit they wait for; None when it is no longer offered."""
    try:
        areas = [area.slug for area in entry.areas.all()]
        wanted = {"consult": entry.consult, "video": entry.by_video}
        return plan_for(book, modality=entry.modality.slug, areas=areas, **wanted)
    except DomainError:
        return None


def free_for(
    entry: WaitingEntry, *, first: date, last: date, now: datetime, book: Book | None = None, suiting: bool = True
) -> list[datetime]:
    """Free starts for this person on these local days, in order; with `suiting` only those they asked for.

    The person's own visits, and where no answers stand behind the wish their last verdict, are asked for only where
    something is free: one or two queries then.
    """
    if (plan := visit_of(entry, book)) is None:
        return []
    asked = {"plan": plan, "first": first, "last": last, "now": now, "book": book} | wish_of(entry)
    wanted = wanted_of(entry)
    if not any(not suiting or suits(wanted, start) for start in free_starts(**asked).starts):
        return []
    found = free_starts(**asked, patient_id=entry.patient_id).starts
    return [start for start in found if not suiting or suits(wanted, start)]


def best_offers(entry: WaitingEntry, *, now: datetime | None = None, book: Book | None = None) -> list[datetime]:
    """Every free start that is what they asked for, the earliest first."""
    now = now or timezone.now()
    days = days_of(entry, now=now)
    return free_for(entry, first=days[0], last=days[1], now=now, book=book) if days else []


def best_offer(entry: WaitingEntry, *, now: datetime | None = None, book: Book | None = None) -> datetime | None:
    return next(iter(best_offers(entry, now=now, book=book)), None)


def days_of(entry: WaitingEntry, *, now: datetime) -> tuple[date, date] | None:
    """Their days that can still be booked."""
    today = local(entry, now).date()
    horizon = today + timedelta(days=entry.location.horizon_days)
    return days_to_look_at(wanted_of(entry), today=today, horizon=horizon)


def who_fits(*, start: datetime, end: datetime, location: Location, now: datetime | None = None) -> list[Fit]:
    """Who could come in [start, end), longest waiting first, each with the starts that suit and touch that time."""
    now = now or timezone.now()
    rows = in_line(location).filter(state=Waiting.WAITING)
    return fitting(rows, start=start, end=end, now=now)


def fitting(rows: Iterable[WaitingEntry], *, start: datetime, end: datetime, now: datetime) -> list[Fit]:
    book, found = current_book(), []
    for entry in rows:
        if (plan := visit_of(entry, book)) is None:
            continue
        lasts = timedelta(minutes=plan.room_minutes)
        first, last = local(entry, start - lasts).date(), local(entry, end).date()
        free = free_for(entry, first=first, last=last, now=now, book=book)
        if starts := [one for one in free if one < end and one + lasts > start]:
            found.append(Fit(entry, starts))
    return found


def reasons_against(entry: WaitingEntry, start: datetime, *, now: datetime | None = None) -> list[Reason]:
    """Why a start is not for this person: what they asked for, and what the engine says. Empty when it is."""
    plan = visit_of(entry)
    if plan is None:
        return [Reason("nobody_offers", _("Nobody offers this treatment there."))]
    own = [Reason(code, not_wished(code)) for code in misses(wanted_of(entry), local(entry, start))]
    return own + why_not(plan=plan, start=start, patient_id=entry.patient_id, now=now, **wish_of(entry))


def not_wished(code: str) -> str:
    return {
        "days": _("Not one of the days they asked for."),
        "weekday": _("Not one of their weekdays."),
        "part": _("Not their part of the day."),
        "again": _("A time of that half-day was offered before."),
    }[code]
