"""What `bookings.availability` must answer, said minute by minute with no bit in sight."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from bookings.availability import DEVICE, PRACTITIONER, ROOM, Need, PlaceFacts

MINUTE = timedelta(minutes=1)


def minutes_of(start: int, end: int) -> list[datetime]:
    first = datetime.fromtimestamp(start, UTC)
    return [first + n * MINUTE for n in range((end - start) // 60)]


def possible_starts(need: Need, places: list[PlaceFacts], patient_busy: tuple, start: int, end: int) -> set[int]:
    """Epoch seconds in [start, end) at which the visit can begin. Nothing may reach beyond end."""
    found = set()
    for place in places:
        clock = _Clock(place.zone, start, end)
        kinds = [ROOM, PRACTITIONER] + ([DEVICE] if need.device else [])
        of_kind = {kind: [_free(clock, place, one) for one in place.resources if one.kind == kind] for kind in kinds}
        patient = set(clock.minutes) - _covered(clock, patient_busy)
        for minute in clock.minutes:
            wall = clock.wall[minute]
            if minute.minute % 5 or (wall.hour * 60 + wall.minute) % place.step:
                continue
            visit = [minute + n * MINUTE for n in range(need.total * 5)]
            numbing, treating = need.numbing * 5, need.treatment * 5
            needed = {ROOM: visit, PRACTITIONER: visit[numbing : numbing + treating]}
            needed[DEVICE] = needed[PRACTITIONER]
            if not all(one in patient for one in visit[: numbing + treating]):
                continue
            if all(any(all(one in free for one in needed[kind]) for free in of_kind[kind]) for kind in kinds):
                found.add(int(minute.timestamp()))
    return found


class _Clock:
    def __init__(self, zone: str, start: int, end: int):
        info = ZoneInfo(zone)
        self.minutes = minutes_of(start, end)
        around = minutes_of(start - 3 * 86400, end + 3 * 86400)
        self.wall = {minute: minute.astimezone(info).replace(tzinfo=None) for minute in around}
        self.around = around

    def opens(self, day: date, minute: int) -> datetime:
        reading = datetime.combine(day, datetime.min.time()) + timedelta(minutes=minute)
        same = [one for one in self.around if self.wall[one] == reading]
        return same[-1] if same else next(one for one in self.around if self.wall[one] > reading)

    def closes(self, day: date, minute: int) -> datetime:
        reading = datetime.combine(day, datetime.min.time()) + timedelta(minutes=minute)
        return next(one for one in self.around if self.wall[one] >= reading)

    def days(self) -> list[date]:
        return sorted({self.wall[one].date() for one in self.minutes})

    def within(self, rows) -> set[datetime]:
        found = set()
        days = self.days()
        for day in [days[0] - timedelta(days=1), *days]:
            for weekday, opens, closes, valid_from, valid_to in rows:
                if weekday != day.weekday() or day < (valid_from or day) or day > (valid_to or day):
                    continue
                first = self.opens(day, opens)
                after = self.closes(day, closes) if closes > opens else self.closes(day + timedelta(days=1), closes)
                found |= {one for one in self.minutes if first <= one < after}
        return found


def _covered(clock: _Clock, pairs: tuple) -> set[datetime]:
    found = set()
    for start, end in zip(pairs[::2], pairs[1::2], strict=True):
        found |= {one for one in clock.minutes if start < one.timestamp() + 60 and one.timestamp() < end}
    return found


def _free(clock: _Clock, place: PlaceFacts, resource) -> set[datetime]:
    free = clock.within(place.hours)
    for first, last in place.closures:
        free = {one for one in free if not first <= clock.wall[one].date() <= last}
    if resource.hours is not None:
        free &= clock.within(resource.hours)
    return _whole_ticks(free) - _covered(clock, resource.absences) - _covered(clock, resource.busy)


def _whole_ticks(minutes: set[datetime]) -> set[datetime]:
    """A tick counts as open when all five of its minutes are."""
    kept = set()
    for one in minutes:
        first = one - one.minute % 5 * MINUTE
        if all(first + n * MINUTE in minutes for n in range(5)):
            kept.add(one)
    return kept
