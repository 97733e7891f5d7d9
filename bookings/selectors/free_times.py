"""Free times, nearest times, and why a time isn't one: loaded here, decided in `bookings.availability`."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from operator import itemgetter
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import timezone

from bookings import bars
from bookings.availability import Bar, Board, Need, board
from bookings.book import Book, Rules
from bookings.models import Allocation, Appointment, AppointmentArea, Location
from bookings.reasons import Reason, reason
from bookings.selectors.books import current_book
from bookings.selectors.diaries import load_book
from bookings.states import Clearance, State
from bookings.ticks import TICK, Frame, day_bounds, local_date
from treatments.courses import min_gap_days, same_skin
from treatments.selectors import VisitPlan

NEAREST_DAYS = 28
SWAP_NOTICE = 2 * 3600  # seconds; a visit nearer than this keeps its room and device, since somebody may have been told


@dataclass(frozen=True, slots=True)
class FreeTimes:
    """Starting instants by local day of the location, in its time zone."""

    timezone: str
    days: dict[date, list[datetime]]

    @property
    def starts(self) -> list[datetime]:
        return [start for starts in self.days.values() for start in starts]


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for besides the plan and the time.

    `practitioner` and `location` are slugs, `gender` a practitioner's. `patient_id` brings in the intervals since and
    before their other treatments and what they already have; `ignore` is the appointment being moved. `clearance`,
    `bookable_from` and `cleared_until` are what screening has said: review leaves a practitioner time to check, and
    answers count for visits up to a local day. Of a known patient without answers behind the wish, what screening or a
    practitioner last said about the same treatment counts (`not_before`). `reflection_ends` is the first day after the
    time to think that follows a consent; where nobody has agreed yet and the treatment asks for such a time, it counts
    from tomorrow. `staff` are not bound to notice, horizon and lead; with `near` a practitioner has taken it upon
    themselves to come nearer to another treatment than usual. `without` are the patient's visits that are about to move
    along, and so keep nothing away. A `course` reaches beyond the location's horizon: its last session is months after
    the first.
    """

    practitioner: str | None = None
    location: str | None = None
    patient_id: UUID | None = None
    ignore: UUID | None = None
    bookable_from: date | None = None
    clearance: str = Clearance.UNKNOWN
    staff: bool = False
    gender: str | None = None
    cleared_until: date | None = None
    reflection_ends: date | None = None
    near: bool = False
    without: frozenset[UUID] = frozenset()
    course: bool = False


def wishes_of(appointment: Appointment) -> dict[str, Any]:
    """The fields of `Wish` that stay with an appointment when another time is looked for."""
    return {
        "location": appointment.location.slug,
        "patient_id": appointment.patient_id,
        "ignore": appointment.pk,
        "bookable_from": appointment.bookable_from,
        "cleared_until": appointment.cleared_until,
        "reflection_ends": appointment.reflection_ends,
        "clearance": appointment.clearance,
        "gender": appointment.practitioner_gender or None,
        "course": appointment.course_id is not None,
    }


def not_before(patient_id: UUID, modality_id: int) -> date | None:
    """The first local day on which this person can have the treatment, by what was last said about any of their visits for
    it; None where that names no day. A practitioner's last word stands beside later answers: the later day counts.
    One query.
    """
    spoken = Appointment.objects.filter(patient_id=patient_id, modality_id=modality_id)
    spoken = spoken.exclude(clearance=Clearance.UNKNOWN).exclude(cleared_at=None).order_by("cleared_at")
    rows = list(spoken.values_list("decided_at", "bookable_from"))
    decided = [day for at, day in sorted((row for row in rows if row[0]), key=itemgetter(0))]
    return max((day for day in (*decided[-1:], *(day for _at, day in rows[-1:])) if day), default=None)


def is_unscreened(row: Wish | Appointment) -> bool:
    """Whether no answers stand behind it: booked by the desk, or through the API before the form."""
    return row.clearance == Clearance.UNKNOWN and row.bookable_from is None and row.cleared_until is None


@dataclass(frozen=True, slots=True)
class Picture:
    """A board with what it was made from."""

    board: Board
    zone: str
    book: Book


def need_of(plan: VisitPlan) -> Need:
    minutes = (plan.numbing, plan.treatment, plan.turnaround)
    return Need.of_minutes(*minutes, device=plan.needs_device, talk=plan.talk, room=not plan.video)


def zone_of(location: str | None) -> str:
    """The time zone of a location, or of the first one."""
    zones = Location.objects.filter(active=True).order_by("id")
    return (zones.filter(slug=location) if location else zones).values_list("timezone", flat=True).first() or "UTC"


def picture(
    *, plan: VisitPlan, first: date, last: date, wish: Wish, now: datetime, book: Book | None = None
) -> Picture:
    """The board for these local days of the wished location, or of the first one.

    One query, one more with a patient, one more where their last verdict counts, one more with an appointment to leave
    out. `book` is one that was current a moment ago; without it the process's own copy is brought up to date, which
    whoever holds locks does after taking them.
    """
    book = book or current_book()
    zone = _zone_in(book, wish.location)
    frame = frame_of(plan, first, last, zone)
    if book is None or not book.covers(frame):
        book = load_book(frame.origin, frame.end)
    need = need_of(plan)
    if wish.patient_id and is_unscreened(wish):
        wish = replace(wish, bookable_from=not_before(wish.patient_id, plan.modality.pk))
    places = book.places(
        frame,
        modality_id=plan.modality.pk,
        needs_device=need.device,
        needs_room=need.room,
        now=now.timestamp(),
        talk_id=plan.talk_id,
        practitioner=wish.practitioner,
        gender=wish.gender,
        location=wish.location,
        but=_own_intervals(wish.ignore),
    )
    near, busy = _of_patient(plan, wish, zone, now) if wish.patient_id else ([], ())
    think = plan.modality.reflection_days
    rules = {one.id: tuple(_bars(frame, wish, now, one, one.zone, think)) for one in book.locations(wish.location)}
    places = [replace(place, bars=rules[place.id]) for place in places]
    found = [] if wish.near else [bars.interval(frame, zone, one) for one in near]
    soon = int(now.timestamp()) + SWAP_NOTICE
    built = board(frame=frame, need=need, places=places, patient_busy=busy, bars=found, swap_from=soon)
    return Picture(built, zone, book)


def _zone_in(book: Book | None, location: str | None) -> str:
    if book is None:
        return zone_of(location)
    rules = book.locations(location)
    return rules[0].zone if rules else "UTC"


def frame_of(plan: VisitPlan, first: date, last: date, zone: str) -> Frame:
    """The local days, and what a visit that begins in their last minute still takes."""
    return Frame.over(day_bounds(zone, first)[0], day_bounds(zone, last)[1] + need_of(plan).total * TICK)


def _own_intervals(ignore: UUID | None) -> dict[int, frozenset[tuple[int, int]]]:
    if ignore is None:
        return {}
    found: dict[int, frozenset[tuple[int, int]]] = {}
    for resource, span in Allocation.objects.filter(appointment_id=ignore).values_list("resource_id", "during"):
        own = (int(span.lower.timestamp()), int(span.upper.timestamp()))
        found[resource] = found.get(resource, frozenset()) | {own}
    return found


def _bars(frame: Frame, wish: Wish, now: datetime, rules: Rules, zone: str, think: int) -> list[Bar]:
    """What one location's rules forbid, and what the wish does there: days are that location's."""
    found = []
    instant = int(now.timestamp())
    if wish.staff:
        # Somebody who has just walked in may be entered, yesterday may not.
        found.append(bars.before_instant(frame, "past", instant - 3600))
    else:
        found.append(bars.before_instant(frame, "past", instant))
        found.append(bars.before_instant(frame, "notice", instant + rules.notice_minutes * 60))
        if not wish.course:
            horizon = local_date(zone, instant) + timedelta(days=rules.horizon_days)
            found.append(bars.after_instant(frame, "too_far", day_bounds(zone, horizon)[1] - 1, horizon.isoformat()))
    if wish.clearance == Clearance.REVIEW and not wish.staff:
        found.append(bars.before_instant(frame, "review_lead", instant + rules.review_lead_hours * 3600))
    if wish.bookable_from:
        found.append(bars.before_date(frame, "bookable_from", zone, wish.bookable_from))
    if think:
        tomorrow = local_date(zone, instant) + timedelta(days=1)
        first = wish.reflection_ends or tomorrow + timedelta(days=think)
        found.append(bars.before_date(frame, "reflection", zone, first))
    if wish.cleared_until:
        found.append(bars.after_date(frame, "answers_lapsed", zone, wish.cleared_until))
    return found


def neighbours(*, plan: VisitPlan, wish: Wish, zone: str, now: datetime) -> list[bars.Neighbour]:
    """The patient's other treatments on the same skin, with the days that must lie between. One query."""
    return _of_patient(plan, wish, zone, now)[0]


def _of_patient(plan: VisitPlan, wish: Wish, zone: str, now: datetime) -> tuple[list[bars.Neighbour], tuple[int, ...]]:
    """Neighbours, and when the patient is with us already: start, end, … in epoch seconds."""
    rows = (
        AppointmentArea.objects.filter(
            appointment__patient_id=wish.patient_id, appointment__start__gt=now - timedelta(days=400)
        )
        .exclude(appointment__state__in=[State.CANCELLED, State.LAPSED])
        .exclude(appointment__state=State.HELD, appointment__hold_expires_at__lte=now)
        .exclude(appointment_id=wish.ignore)
        .exclude(appointment_id__in=wish.without)
        .values_list(
            "appointment_id",
            "appointment__state",
            "appointment__modality__slug",
            "appointment__start",
            "appointment__treatment_end",
            "area__slug",
        )
    )
    visits: dict[UUID, tuple[str, str, datetime, datetime, set[str]]] = {}
    for appointment, state, modality, start, end, area in rows:
        visits.setdefault(appointment, (state, modality, start, end, set()))[4].add(area)
    mine, areas = plan.modality.slug, {area.slug for area in plan.areas}
    near = [
        bars.Neighbour(
            day=start.astimezone(ZoneInfo(zone)).date(),
            before=min_gap_days(mine, modality),
            after=min_gap_days(modality, mine),
        )
        for state, modality, start, _, others in visits.values()
        if state != State.NO_SHOW and same_skin(areas, others)
    ]
    busy = tuple(int(edge.timestamp()) for _, _, start, end, _ in visits.values() for edge in (start, end))
    return near, busy


def free_starts(
    *,
    plan: VisitPlan,
    first: date,
    last: date,
    now: datetime | None = None,
    book: Book | None = None,
    **wish: Any,
) -> FreeTimes:
    """When the visit can begin on the local days from first to last, both included. `wish` as the fields of `Wish`.

    One query; with a patient one more, or two where no answers stand behind the wish.
    """
    seen = picture(plan=plan, first=first, last=last, wish=Wish(**wish), now=now or timezone.now(), book=book)
    info = ZoneInfo(seen.zone)
    days: dict[date, list[datetime]] = {first + timedelta(days=n): [] for n in range((last - first).days + 1)}
    for instant in seen.board.frame.instants(seen.board.starts):
        start = datetime.fromtimestamp(instant, info)
        if (found := days.get(start.date())) is not None:
            found.append(start)
    return FreeTimes(seen.zone, days)


def nearest_starts(
    *, plan: VisitPlan, start: datetime, count: int = 3, now: datetime | None = None, **wish: Any
) -> list[datetime]:
    """The free starts closest to an instant, earlier and later, in order of time. `wish` as for `free_starts`."""
    now = now or timezone.now()
    book = current_book()
    day, today = (day_of(one, book=book, location=wish.get("location")) for one in (start, now))
    for days in (2, NEAREST_DAYS):
        first = max(day - timedelta(days=days), today)
        last = max(day, first) + timedelta(days=days)
        found = free_starts(plan=plan, first=first, last=last, now=now, book=book, **wish).starts
        if len(found) >= count:
            break
    near = sorted(found, key=lambda one: abs(one.timestamp() - start.timestamp()))[:count]
    return sorted(near, key=datetime.timestamp)


def next_free_day(*, plan: VisitPlan, after: date, days: int = 60, **wish: Any) -> date | None:
    """The first local day from `after` on with a free start, None within so many days."""
    found = free_starts(plan=plan, first=after, last=after + timedelta(days=days), **wish)
    return next((day for day, starts in found.days.items() if starts), None)


def why_not(*, plan: VisitPlan, start: datetime, now: datetime | None = None, **wish: Any) -> list[Reason]:
    """Every reason why the visit can't begin then; empty when it can. `wish` as the fields of `Wish`."""
    asked, book = Wish(**wish), current_book()
    day = day_of(start, book=book, location=asked.location)
    return reasons_at(picture(plan=plan, first=day, last=day, wish=asked, now=now or timezone.now(), book=book), start)


def day_of(start: datetime, *, book: Book | None, location: str | None) -> date:
    """The local day of an instant at a location, or at the first one."""
    return start.astimezone(ZoneInfo(_zone_in(book, location))).date()


def reasons_at(seen: Picture, start: datetime) -> list[Reason]:
    whole = start.astimezone(UTC)
    tick = None if whole.microsecond else seen.board.frame.tick(int(whole.timestamp()))
    return [reason(finding) for finding in seen.board.reasons(tick)]
