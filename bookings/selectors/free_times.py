"""Free times, nearest times, and why a time isn't one: loaded here, decided in `bookings.availability`."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import timezone

from bookings import bars
from bookings.availability import Bar, Board, Need, board
from bookings.models import AppointmentArea, Location
from bookings.reasons import Reason, reason
from bookings.selectors.diaries import Diaries, load_diaries
from bookings.states import Clearance, State
from bookings.ticks import Frame, day_bounds, local_date
from treatments.courses import min_gap_days, same_skin
from treatments.selectors import VisitPlan

NEAREST_DAYS = 28


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
    """What is asked for besides the plan and the time. `clearance` and `bookable_from` are what screening has said."""

    practitioner: str | None = None
    location: str | None = None
    patient_id: UUID | None = None
    ignore: UUID | None = None
    bookable_from: date | None = None
    clearance: str = Clearance.UNKNOWN
    staff: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """A board with what it was made from."""

    board: Board
    diaries: Diaries
    zone: str


def need_of(plan: VisitPlan) -> Need:
    return Need.of_minutes(plan.numbing, plan.treatment, plan.turnaround, device=plan.modality.needs_device)


_zones: dict[str | None, str] = {}


def zone_of(location: str | None) -> str:
    """The time zone of a location, or of the first one. Remembered, as `picture` loads it anyway and tells a change."""
    if location not in _zones:
        zones = Location.objects.filter(active=True).order_by("id")
        zone = (zones.filter(slug=location) if location else zones).values_list("timezone", flat=True).first()
        if zone is None:
            return "UTC"
        _zones[location] = zone
    return _zones[location]


def picture(*, plan: VisitPlan, first: date, last: date, wish: Wish, now: datetime, zone: str) -> Picture:
    """The board for these local days of a zone. One query, one more with a patient."""
    need = need_of(plan)
    frame = Frame.over(day_bounds(zone, first)[0], day_bounds(zone, last)[1] + need.total * 300)
    diaries = load_diaries(
        frame=frame,
        days=(first - timedelta(days=1), last + timedelta(days=2)),
        modality_id=plan.modality.pk,
        needs_device=need.device,
        now=now,
        practitioner=wish.practitioner,
        location=wish.location,
        patient_id=wish.patient_id,
        ignore=wish.ignore,
    )
    if diaries.rules and diaries.rules[0].zone != zone:
        zone = _zones[wish.location] = diaries.rules[0].zone
        return picture(plan=plan, first=first, last=last, wish=wish, now=now, zone=zone)
    return Picture(
        board(
            frame=frame,
            need=need,
            places=diaries.places,
            patient_busy=diaries.patient_busy,
            bars=_bars(frame, plan, wish, now, diaries, zone),
        ),
        diaries,
        zone,
    )


def _bars(frame: Frame, plan: VisitPlan, wish: Wish, now: datetime, diaries: Diaries, zone: str) -> list[Bar]:
    found = []
    instant = int(now.timestamp())
    rules = diaries.rules[0] if diaries.rules else None
    if wish.staff:
        # Somebody who has just walked in may be entered, yesterday may not.
        found.append(bars.before_instant(frame, "past", instant - 3600))
    elif rules:
        found.append(bars.before_instant(frame, "past", instant))
        found.append(bars.before_instant(frame, "notice", instant + rules.notice_minutes * 60))
        horizon = local_date(zone, instant) + timedelta(days=rules.horizon_days)
        found.append(bars.after_instant(frame, "too_far", day_bounds(zone, horizon)[1] - 1, horizon.isoformat()))
    if rules and wish.clearance == Clearance.REVIEW and not wish.staff:
        found.append(bars.before_instant(frame, "review_lead", instant + rules.review_lead_hours * 3600))
    if wish.bookable_from:
        found.append(bars.before_date(frame, "bookable_from", zone, wish.bookable_from))
    if wish.patient_id:
        found += [bars.interval(frame, zone, one) for one in neighbours(plan=plan, wish=wish, zone=zone, now=now)]
    return found


def neighbours(*, plan: VisitPlan, wish: Wish, zone: str, now: datetime) -> list[bars.Neighbour]:
    """The patient's other treatments on the same skin, with the days that must lie between. One query."""
    rows = (
        AppointmentArea.objects.filter(
            appointment__patient_id=wish.patient_id, appointment__start__gt=now - timedelta(days=400)
        )
        .exclude(appointment__state__in=[State.CANCELLED, State.LAPSED, State.NO_SHOW])
        .exclude(appointment_id=wish.ignore)
        .values_list("appointment_id", "appointment__modality__slug", "appointment__start", "area__slug")
    )
    visits: dict[UUID, tuple[str, datetime, set[str]]] = {}
    for appointment, modality, start, area in rows:
        visits.setdefault(appointment, (modality, start, set()))[2].add(area)
    mine, areas = plan.modality.slug, {area.slug for area in plan.areas}
    return [
        bars.Neighbour(
            day=start.astimezone(ZoneInfo(zone)).date(),
            before=min_gap_days(mine, modality),
            after=min_gap_days(modality, mine),
        )
        for modality, start, others in visits.values()
        if same_skin(areas, others)
    ]


def free_starts(
    *,
    plan: VisitPlan,
    first: date,
    last: date,
    practitioner: str | None = None,
    location: str | None = None,
    bookable_from: date | None = None,
    patient_id: UUID | None = None,
    ignore: UUID | None = None,
    clearance: str = Clearance.UNKNOWN,
    staff: bool = False,
    now: datetime | None = None,
) -> FreeTimes:
    """When the visit can begin on the local days from first to last, both included.

    `patient_id` brings in the intervals since and before their other treatments and what they already have; `ignore` is
    the appointment being moved; `clearance` review leaves a practitioner time to check. One query, one more with a
    patient.
    """
    wish = Wish(practitioner, location, patient_id, ignore, bookable_from, clearance, staff)
    now = now or timezone.now()
    seen = picture(plan=plan, first=first, last=last, wish=wish, now=now, zone=zone_of(location))
    info = ZoneInfo(seen.zone)
    days: dict[date, list[datetime]] = {first + timedelta(days=n): [] for n in range((last - first).days + 1)}
    for instant in seen.board.frame.instants(seen.board.starts):
        start = datetime.fromtimestamp(instant, info)
        if start.date() in days:
            days[start.date()].append(start)
    return FreeTimes(seen.zone, days)


def nearest_starts(
    *, plan: VisitPlan, start: datetime, count: int = 3, now: datetime | None = None, **wish
) -> list[datetime]:
    """The free starts closest to an instant, earlier and later, in order of time. `wish` as for `free_starts`."""
    now = now or timezone.now()
    zone = zone_of(wish.get("location"))
    day = start.astimezone(ZoneInfo(zone)).date()
    for days in (2, NEAREST_DAYS):
        first = max(day - timedelta(days=days), now.astimezone(ZoneInfo(zone)).date())
        last = max(day, first) + timedelta(days=days)
        found = free_starts(plan=plan, first=first, last=last, now=now, **wish).starts
        if len(found) >= count:
            break
    return sorted(sorted(found, key=lambda one: abs(one - start))[:count])


def next_free_day(*, plan: VisitPlan, after: date, days: int = 60, **wish) -> date | None:
    """The first local day from `after` on with a free start, None within so many days."""
    found = free_starts(plan=plan, first=after, last=after + timedelta(days=days), **wish)
    return next((day for day, starts in found.days.items() if starts), None)


def why_not(
    *,
    plan: VisitPlan,
    start: datetime,
    practitioner: str | None = None,
    location: str | None = None,
    bookable_from: date | None = None,
    patient_id: UUID | None = None,
    ignore: UUID | None = None,
    clearance: str = Clearance.UNKNOWN,
    staff: bool = False,
    now: datetime | None = None,
) -> list[Reason]:
    """Every reason why the visit can't begin then; empty when it can."""
    wish = Wish(practitioner, location, patient_id, ignore, bookable_from, clearance, staff)
    zone = zone_of(location)
    day = start.astimezone(ZoneInfo(zone)).date()
    seen = picture(plan=plan, first=day, last=day, wish=wish, now=now or timezone.now(), zone=zone)
    return reasons_at(seen, start)


def reasons_at(seen: Picture, start: datetime) -> list[Reason]:
    whole = start.astimezone(UTC)
    tick = None if whole.microsecond else seen.board.frame.tick(int(whole.timestamp()))
    return [reason(finding) for finding in seen.board.reasons(tick)]
