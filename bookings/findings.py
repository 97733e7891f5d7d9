"""Why a start can't be had at a place: the most hopeful reason per kind of resource."""

from typing import TYPE_CHECKING

from bookings.facts import PRACTITIONER, ROOM, Finding
from bookings.ticks import TICK, day_bounds, local_date

if TYPE_CHECKING:
    from bookings.availability import Diary, Place


def reasons_at(place: "Place", tick: int) -> list[Finding]:
    """What its own rules forbid, then what its resources lack."""
    barred = [Finding(bar.code, bar.detail) for bar in place.facts.bars if bar.forbidden >> tick & 1]
    return barred + _lacking(place, tick)


def _lacking(place: "Place", tick: int) -> list[Finding]:
    if not place.grid >> tick & 1:
        return [Finding("off_grid", str(place.facts.step))]
    spent = ROOM if place.need.room else PRACTITIONER
    if not place.need.starts_of(spent, place.open) >> tick & 1:
        return [Finding("closed")]
    if not place.need.starts_of(spent, place.open & ~place.holiday) >> tick & 1:
        return [Finding("holiday")]
    return [
        _reason_of(place, kind, tick)
        for kind, diaries in place.kinds.items()
        if not (any(diary.starts >> tick & 1 for diary in diaries) or place.swap(kind, tick))
    ]


def _reason_of(place: "Place", kind: str, tick: int) -> Finding:
    """The most hopeful reason of a kind: taken before absent before on a break before not working before none."""
    diaries, need = place.kinds[kind], place.need
    if not diaries:
        return Finding(f"{kind}_missing")
    name = diaries[0].facts.name if len(diaries) == 1 else ""
    if any(need.starts_of(kind, diary.present) >> tick & 1 for diary in diaries):
        return Finding(f"{kind}_taken", name)
    if any(need.starts_of(kind, diary.hours) >> tick & 1 for diary in diaries):
        return Finding(f"{kind}_away", name)
    if kind == PRACTITIONER and any(_on_break(place, diary, tick) for diary in diaries):
        return Finding("practitioner_break", name)
    return Finding(f"{kind}_off", name)


def _on_break(place: "Place", diary: "Diary", tick: int) -> bool:
    """Whether the practitioner works on that local day both before and after the first tick that is missing."""
    frame = place.frame
    wanted = 0
    for offset, length in place.need.phases_of(PRACTITIONER):
        wanted |= ((1 << length) - 1) << (tick + offset)
    missing = wanted & ~diary.hours
    first = (missing & -missing).bit_length() - 1
    day = local_date(place.facts.zone, frame.origin + first * TICK)
    at_work = diary.hours & frame.taken(*day_bounds(place.facts.zone, day))
    return bool(at_work & ((1 << first) - 1)) and bool(at_work >> first)
