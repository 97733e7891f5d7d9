"""What `bookings.availability` must answer, said minute by minute with no bit in sight. A minute is epoch seconds // 60."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from bookings.availability import Need, PlaceFacts

DAY = 24 * 60
AROUND = 3 * DAY


def possible_starts(need: Need, places: list[PlaceFacts], patient_busy: tuple, start: int, end: int) -> set[int]:
    """Epoch seconds in [start, end) at which the visit can begin. Nothing may reach beyond end."""
    inside = range(start // 60, end // 60)
    found = set()
    for place in places:
        clock = clock_of(place.zone, start // DAY // 60)
        kinds = kinds_of(need)
        free = {
            kind: [_free(clock, place, one, inside, need.room) for one in place.resources if one.kind == kind]
            for kind in kinds
        }
        patient = set(inside) - _covered(patient_busy)
        for minute in inside:
            wall = clock.wall[minute]
            if minute % 5 or (wall.hour * 60 + wall.minute) % place.step:
                continue
            phases = Phases(need, minute)
            if phases.patient <= patient and all(any(phases.of(kind) <= one for one in free[kind]) for kind in kinds):
                found.add(minute * 60)
    return found


def kinds_of(need: Need) -> list[str]:
    """By video somebody is needed, and nothing else."""
    return [*(["room"] if need.room else []), "practitioner", *(["device"] if need.device else [])]


class Phases:
    """The minutes of a visit that begins at one: talk, numbing, treatment, turnaround."""

    def __init__(self, need: Need, minute: int):
        edges = [minute]
        for ticks in (need.talk, need.numbing, need.treatment, need.turnaround):
            edges.append(edges[-1] + 5 * ticks)
        self.room = set(range(edges[0], edges[4]))
        self.patient = set(range(edges[0], edges[3]))
        self.device = set(range(edges[2], edges[3]))
        self.practitioner = set(range(edges[0], edges[1])) | self.device

    def of(self, kind: str) -> set[int]:
        return getattr(self, kind)


@dataclass(frozen=True)
class Rule:
    """What forbids a start whatever is free, in the words of the person who says so; None for what nobody says.

    `before` and `after` are the days that must lie between the visit and another one on `other`, and between `other` and
    the visit. `think` are the days between a consent and the visit; they end on `reflection_ends` or, where nobody has agreed
    yet, count from tomorrow.
    """

    zone: str
    now: int
    notice_minutes: int | None = None
    horizon_days: int | None = None
    review_lead_hours: int | None = None
    bookable_from: date | None = None
    cleared_until: date | None = None
    think: int = 0
    reflection_ends: date | None = None
    other: date | None = None
    before: int = 0
    after: int = 0

    def allows(self, instant: int) -> bool:
        day, today = (
            datetime.fromtimestamp(one, UTC).astimezone(ZoneInfo(self.zone)).date() for one in (instant, self.now)
        )
        if self.notice_minutes is not None and instant - self.now < self.notice_minutes * 60:
            return False
        if self.horizon_days is not None and (day - today).days > self.horizon_days:
            return False
        if self.review_lead_hours is not None and instant - self.now < self.review_lead_hours * 3600:
            return False
        if self.bookable_from is not None and day < self.bookable_from:
            return False
        if self.cleared_until is not None and day > self.cleared_until:
            return False
        if self.think and day < (self.reflection_ends or today + timedelta(days=1 + self.think)):
            return False
        return self.other is None or self._far_enough(day)

    def _far_enough(self, day: date) -> bool:
        """Where days must lie between on one side, the day itself is too near from either."""
        if not self.before and not self.after:
            return True
        if day == self.other:
            return False
        gap = (day - self.other).days
        return gap >= self.after if gap > 0 else -gap >= self.before


class Clock:
    """What a zone's clocks show in every minute from three days before a day of UTC to four after it."""

    def __init__(self, zone: str, utc_day: int):
        info = ZoneInfo(zone)
        self.minutes = range(utc_day * DAY - AROUND, (utc_day + 1) * DAY + AROUND)
        self.wall: dict[int, datetime] = {}
        self.shown: dict[datetime, list[int]] = {}
        for minute in self.minutes:
            wall = datetime.fromtimestamp(minute * 60, UTC).astimezone(info).replace(tzinfo=None, fold=0)
            self.wall[minute] = wall
            self.shown.setdefault(wall, []).append(minute)

    def opens(self, day: date, minute: int) -> int:
        """Open from the last time the clock shows it, or from the jump that leaves it out."""
        reading = datetime.combine(day, datetime.min.time()) + timedelta(minutes=minute)
        return self.shown[reading][-1] if reading in self.shown else self._jump(reading)

    def closes(self, day: date, minute: int) -> int:
        """Open until the first time the clock shows it, or until the jump."""
        reading = datetime.combine(day, datetime.min.time()) + timedelta(minutes=minute)
        return self.shown[reading][0] if reading in self.shown else self._jump(reading)

    def _jump(self, reading: datetime) -> int:
        return next(one for one in self.minutes if self.wall[one] > reading)


clock_of = lru_cache(maxsize=256)(Clock)


def _within(clock: Clock, rows, inside: range) -> set[int]:
    found = set()
    days = sorted({clock.wall[one].date() for one in inside})
    for day in [days[0] - timedelta(days=1), *days]:
        for weekday, opens, closes, valid_from, valid_to in rows:
            if weekday != day.weekday() or day < (valid_from or day) or day > (valid_to or day):
                continue
            last = day if closes > opens else day + timedelta(days=1)
            found |= set(range(clock.opens(day, opens), clock.closes(last, closes)))
    return found & set(inside)


def _covered(pairs: tuple) -> set[int]:
    """Every minute of which a second is taken."""
    found = set()
    for start, end in zip(pairs[::2], pairs[1::2], strict=True):
        found |= set(range(start // 60, -(-end // 60)))
    return found


@lru_cache(maxsize=64)
def _free(clock: Clock, place: PlaceFacts, resource, inside: range, in_the_house: bool = True) -> set[int]:
    """Whoever is needed by video need not be in the house, so it need not be open; on a holiday nobody works."""
    free = _within(clock, place.hours, inside) if in_the_house else set(inside)
    for first, last in place.closures:
        free = {one for one in free if not first <= clock.wall[one].date() <= last}
    if resource.hours is not None:
        free &= _within(clock, resource.hours, inside)
    return _whole_ticks(free) - _ticks_of(_covered(resource.absences)) - _ticks_of(_covered(resource.busy))


def _whole_ticks(minutes: set[int]) -> set[int]:
    """A tick counts as open when all five of its minutes are."""
    return {one for one in minutes if all(one - one % 5 + n in minutes for n in range(5))}


def _ticks_of(minutes: set[int]) -> set[int]:
    """A tick counts as taken when one of its minutes is."""
    return {one - one % 5 + n for one in minutes for n in range(5)}
