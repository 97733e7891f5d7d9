"""A course's proposals, and courses as pages and services read them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _

from bookings import bars, planner
from bookings.availability import PRACTITIONER
from bookings.book import Book
from bookings.course_reasons import failure_sentence, sentence_of
from bookings.models import Appointment, Course
from bookings.reasons import Reason
from bookings.selectors.appointments import appointments
from bookings.selectors.books import AHEAD, BACK, current_book
from bookings.selectors.diaries import load_book
from bookings.selectors.free_times import Picture, Wish, picture
from bookings.ticks import local_date
from bookings.waiting import AFTERNOON, EVENING, EVENING_HOUR, MORNING, NOON_HOUR
from clinic.errors import DomainError, NotFound
from clinic.people.models import Patient
from treatments.courses import Gap, min_gap_days
from treatments.models import Modality
from treatments.selectors import VisitPlan

MINUTES = {  # of the local day, half open
    MORNING: (0, NOON_HOUR * 60),
    AFTERNOON: (NOON_HOUR * 60, EVENING_HOUR * 60),
    EVENING: (EVENING_HOUR * 60, 24 * 60),
}
BEGIN_WITHIN, LATE_WITHIN = 42, 28  # days looked at for the first session, and beyond the longest spacing


@dataclass(frozen=True, slots=True)
class Chosen:
    """One session: when, and with whom (a slug; None: whoever is free)."""

    start: datetime
    practitioner: str | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class CoursePlan:
    sessions: tuple[Chosen, ...]
    reasons: tuple[Reason, ...]
    cost: int


@dataclass(frozen=True, slots=True)
class CourseProposals:
    """The best plans, in the location's time zone. `problem` says which session has no day within the spacing."""

    timezone: str
    plans: tuple[CoursePlan, ...]
    price: Decimal
    currency: str
    fails_at: int = 0
    problem: str = ""


def spacing_of(modality: Modality) -> tuple[int, int]:
    """Days between two sessions: the catalogue's, never shorter than the clinical table. DomainError `no_course`."""
    gap = min_gap_days(modality.slug, modality.slug)
    shortest = max(modality.spacing_min, gap)
    if modality.sessions_max < 2 or not gap:
        raise DomainError("no_course", _("This treatment is not given as a course."), status=422, field="treatment")
    return shortest, max(modality.spacing_max, shortest)


def checked_sessions(modality: Modality, sessions: int) -> int:
    """DomainError `sessions_out_of_range` (422, field sessions) for fewer than two or more than the catalogue says."""
    if not 2 <= sessions <= modality.sessions_max:
        sentence = _("Choose between 2 and %(most)s sessions.") % {"most": modality.sessions_max}
        raise DomainError("sessions_out_of_range", sentence, status=422, field="sessions")
    return sessions


def plan_course(
    *,
    plan: VisitPlan,
    sessions: int,
    earliest: date | None = None,
    prefer: str | None = None,
    weekday: int | None = None,
    minute: int | None = None,
    count: int = 3,
    now: datetime | None = None,
    **wish: object,
) -> CourseProposals:
    """The best plans for a course from a local day on (from today without one), for the wished location or the first.

    `prefer` is a practitioner's slug, `weekday` 0 for Monday, `minute` of the local day: given way to where that is much
    better, unlike `wish`, the fields of `Wish`. One query, two more with a patient. Refuses `no_course` and
    `sessions_out_of_range`.
    """
    spacing = spacing_of(plan.modality)
    visits = [plan] * checked_sessions(plan.modality, sessions)
    gaps = [spacing] * (sessions - 1)
    asked = {"earliest": earliest, "prefer": prefer, "weekday": weekday, "minute": minute, "count": count, "now": now}
    return plan_series(visits=visits, gaps=gaps, **asked, **wish)


def plan_series(
    *,
    visits: Sequence[VisitPlan],
    gaps: Sequence[Gap],
    earliest: date | None = None,
    prefer: str | None = None,
    weekday: int | None = None,
    minute: int | None = None,
    weekdays: Collection[int] = (),
    parts: Collection[str] = (),
    not_before: Mapping[str, date] | None = None,
    count: int = 3,
    now: datetime | None = None,
    **wish: object,
) -> CourseProposals:
    """The same for sessions that may differ: a visit for each, and least and most days of each gap.

    `weekdays` and `parts` of the day are the only ones proposed; `not_before` names a treatment's first possible day.
    One query, one more for each kind of visit with a patient.
    """
    now = now or timezone.now()
    book = current_book() or _read_ahead(now)
    rules = book.locations(wish.get("location"))
    zone = rules[0].zone if rules else "UTC"
    asked = Wish(**wish | {"location": rules[0].slug if rules else wish.get("location")})
    today = now.astimezone(ZoneInfo(zone)).date()
    first = max(earliest or today, today)
    last = first + timedelta(days=BEGIN_WITHIN + sum(longest for _shortest, longest in gaps) + LATE_WITHIN)
    last = max(min(last, local_date(zone, book.end) - timedelta(days=2)), first)
    kinds = distinct(visits)
    seen = [
        picture(plan=kind, first=first, last=last, wish=_from_day(asked, kind, not_before), now=now, book=book)
        for kind in kinds
    ]
    frame = max((one.board.frame for one in seen), key=lambda frame: frame.length)
    ahead = ~bars.before_instant(frame, "past", int(now.timestamp())).forbidden  # nobody walks into a course
    ahead &= bars.hours_only(frame, zone, weekdays, [MINUTES[part] for part in parts])
    people = {}
    for one in seen:
        people |= _people(one, book)
    preferred = next((one for one, (slug, _name) in people.items() if slug == prefer), -1) if prefer else None
    course = planner.Course(
        len(visits),
        tuple(gaps),
        first,
        last,
        planner.Rhythm(weekday, minute, preferred),
        tuple(kinds.index(visit) for visit in visits),
    )
    found = planner.propose(
        frame=frame,
        zone=zone,
        step=min((place.facts.step for one in seen for place in one.board.places), default=15),
        people=[
            planner.Person(one.id, one.starts & ahead, kind)
            for kind, picture_ in enumerate(seen)
            for one in planner.people_of(picture_.board)
        ],
        course=course,
        why=planner.why_with(*(one.board for one in seen)),
        count=count,
    )
    return CourseProposals(
        zone,
        tuple(_told(one, people, zone) for one in found.plans),
        sum((visit.price for visit in visits), Decimal(0)),
        visits[0].currency,
        found.failure.session if found.failure else 0,
        failure_sentence(found.failure) if found.failure else "",
    )


def other_times(
    *,
    visits: Sequence[VisitPlan],
    gaps: Sequence[Gap],
    starts: Sequence[Chosen],
    session: int,
    not_before: Mapping[str, date] | None = None,
    now: datetime | None = None,
    **wish: object,
) -> dict[date, list[Chosen]]:
    """Where one session (1, 2, …) could be instead while the others stay: free starts by local day, each with the
    practitioner it has now where they are free. Days without any are left out."""
    now = now or timezone.now()
    book = current_book() or _read_ahead(now)
    rules = book.locations(wish.get("location"))
    zone = ZoneInfo(rules[0].zone if rules else "UTC")
    days, at = [one.start.astimezone(zone).date() for one in starts], session - 1
    today = now.astimezone(zone).date()
    opens = [today] + ([days[at - 1] + timedelta(days=gaps[at - 1][0])] if at else [])
    closes = [days[at - 1] + timedelta(days=gaps[at - 1][1])] if at else []
    if session < len(days):
        opens.append(days[session] - timedelta(days=gaps[at][1]))
        closes.append(days[session] - timedelta(days=gaps[at][0]))
    first, last = max(opens), min(closes, default=max(opens) + timedelta(days=BEGIN_WITHIN))
    if last < first:
        return {}
    asked = _from_day(Wish(**wish), visits[at], not_before)
    seen = picture(plan=visits[at], first=first, last=last, wish=asked, now=now, book=book)
    people, found = _people(seen, book), {}
    able = sorted(planner.people_of(seen.board), key=lambda one: people[one.id][0] != starts[at].practitioner)
    ahead = ~bars.before_instant(seen.board.frame, "past", int(now.timestamp())).forbidden
    taken = 0
    for person in able:
        for instant in seen.board.frame.instants(person.starts & ahead & ~taken):
            start = datetime.fromtimestamp(instant, zone)
            if first <= start.date() <= last and instant != int(starts[at].start.timestamp()):
                found.setdefault(start.date(), []).append(Chosen(start, *people[person.id]))
        taken |= person.starts
    return {day: sorted(found[day], key=lambda one: one.start) for day in sorted(found)}


def distinct(visits: Sequence[VisitPlan]) -> list[VisitPlan]:
    """The kinds of visit there are, in order of their first session."""
    found: list[VisitPlan] = []
    for visit in visits:
        if visit not in found:
            found.append(visit)
    return found


def _from_day(wish: Wish, visit: VisitPlan, not_before: Mapping[str, date] | None) -> Wish:
    day = (not_before or {}).get(visit.modality.slug)
    return replace(wish, bookable_from=day) if day else wish


def get_course(identifier: UUID | str) -> Course:
    """NotFound for an id that isn't there."""
    rows = Course.objects.select_related("modality", "patient").prefetch_related("areas").defer("modality__content")
    found = rows.filter(pk=identifier).first()
    if found is None:
        raise unknown_course()
    return found


def unknown_course() -> NotFound:
    """The same words for one that isn't there and for one that isn't theirs to see."""
    return NotFound(_("We can't find that course."))


def visits_of(course: Course) -> list[Appointment]:
    """Its sessions in order, of each the one that counts or, without one, the last there was. Two queries."""
    rows = appointments().filter(course=course).order_by("session", "created_at")
    found: dict[int, Appointment] = {}
    for row in rows:
        if row.session not in found or row.is_active or not found[row.session].is_active:
            found[row.session] = row
    return list(found.values())


def courses_of(patient: Patient) -> list[Course]:
    """Their courses, the newest first. Two queries."""
    rows = Course.objects.filter(patient=patient).select_related("modality").prefetch_related("areas")
    return list(rows.defer("modality__content").order_by("-created_at"))


def _read_ahead(now: datetime) -> Book:
    """For a transaction that has changed diaries itself, and so has no copy to look into."""
    return load_book(int(now.timestamp()) - BACK, int(now.timestamp()) + AHEAD)


def _people(seen: Picture, book: Book) -> dict[int, tuple[str | None, str]]:
    """Practitioners of the board: id → slug and name."""
    slugs = {one.facts.id: one.slug for one in book.resources}
    diaries: Iterable = (one for place in seen.board.places for one in place.kinds[PRACTITIONER])
    return {one.facts.id: (slugs.get(one.facts.id), one.facts.name) for one in diaries}


def _told(plan: planner.Plan, people: dict[int, tuple[str | None, str]], zone: str) -> CoursePlan:
    info, names = ZoneInfo(zone), {one: name for one, (_slug, name) in people.items()}
    sessions = tuple(
        Chosen(datetime.fromtimestamp(one.start, UTC).astimezone(info), *people[one.practitioner])
        for one in plan.sessions
    )
    return CoursePlan(sessions, tuple(sentence_of(note, names) for note in plan.notes), plan.cost)
