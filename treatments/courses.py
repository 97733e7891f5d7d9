"""Pure rules for courses of treatment: how many days lie between two visits to the same skin.

The table is the clinic's clinical one (draft until a clinician signs it off), in whole days:

    needling <-> needling 28 · needling <-> light peel 14 · needling <-> laser 28 · peel <-> laser 28
    anything after radio-frequency needling 28

Platelet-rich plasma is given *with* needling in one visit and never as a second visit in the same month; as it
is needling itself, the 28 days cover it. A consultation touches no skin: it needs no gap on either side.

Nothing here reads the database or the clock. Days are whole days in the clinic's time zone.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

NEEDLING, PEEL, LASER, TALK = "needling", "peel", "laser", "talk"

FAMILY = {
    "pen": NEEDLING,
    "roller": NEEDLING,
    "rf": NEEDLING,
    "prp": NEEDLING,
    "scalp": NEEDLING,
    "peel": PEEL,
    "laser": LASER,
    "consult": TALK,
}

# Days between two sessions of one course: the least, and the most that still counts as the same rhythm.
SPACING = {
    "pen": (28, 42),
    "roller": (28, 42),
    "rf": (28, 42),
    "prp": (28, 42),
    "scalp": (28, 42),
    "peel": (14, 28),
    "laser": (28, 42),
    "consult": (0, 0),
}

BETWEEN = {
    frozenset({NEEDLING}): 28,
    frozenset({NEEDLING, PEEL}): 14,
    frozenset({NEEDLING, LASER}): 28,
    frozenset({PEEL, LASER}): 28,
}
AFTER_RF = 28

FACE_PARTS = frozenset({"forehead", "eyes", "mouth", "nose", "chin", "cheeks"})
BODY = frozenset({"neck", "arms", "hips", "thighs", "legs", "abdomen"})


@dataclass(frozen=True)
class Visit:
    """One treatment given or booked: what, on which local day, where on the body (area slugs)."""

    modality: str
    on: date
    areas: frozenset[str]


@dataclass(frozen=True)
class Window:
    """Days on which the next session may be. Both ends count; `closes` is None when nothing sets an end."""

    opens: date
    closes: date | None


@dataclass(frozen=True)
class Clash:
    """`visit` is nearer than `gap_days` to the day that was asked about."""

    visit: Visit
    gap_days: int


def family(modality: str) -> str:
    try:
        return FAMILY[modality]
    except KeyError:
        raise ValueError(f"no spacing is known for the treatment {modality!r}") from None


def min_gap_days(earlier: str, later: str) -> int:
    """Least number of days from a visit for `earlier` to a visit for `later` on the same skin. 0: no gap needed."""
    first, second = family(earlier), family(later)
    if TALK in (first, second):
        return 0
    if earlier == later:
        return SPACING[earlier][0]
    gap = BETWEEN[frozenset({first, second})]
    return max(gap, AFTER_RF) if earlier == "rf" else gap


def same_skin(areas: Collection[str], others: Collection[str]) -> bool:
    """Do two sets of areas share skin? `face` contains its parts; a `scar` may lie in any body area."""
    return any(_meets(a, b) for a in areas for b in others)


def _meets(a: str, b: str) -> bool:
    pair = {a, b}
    if len(pair) == 1:
        return True
    return ("face" in pair and bool(pair & FACE_PARTS)) or ("scar" in pair and bool(pair & BODY))


def clashes(modality: str, *, on: date, areas: Collection[str], visits: Iterable[Visit]) -> list[Clash]:
    """Visits before or after `on` that are too near to it on the same skin, in date order.

    On the same day the two may be parts of one combined visit or of two; either order must then be allowed,
    so the longer gap of the two directions counts.
    """
    found = []
    for visit in visits:
        if not same_skin(areas, visit.areas):
            continue
        if visit.on < on:
            gap = min_gap_days(visit.modality, modality)
        elif visit.on > on:
            gap = min_gap_days(modality, visit.modality)
        else:
            gap = max(min_gap_days(visit.modality, modality), min_gap_days(modality, visit.modality))
        if abs((on - visit.on).days) < gap:
            found.append(Clash(visit, gap))
    return sorted(found, key=lambda clash: clash.visit.on)


def next_window(
    modality: str,
    *,
    areas: Collection[str],
    visits: Sequence[Visit],
    spacing: tuple[int, int] | None = None,
) -> Window | None:
    """When the next session for `modality` may follow `visits`; None when none of them matters to it.

    `spacing` is the catalogue's (min, max) in days; it may ask for a longer gap than the table, never a shorter one.
    When another treatment pushes the opening past the rhythm's end, the window is that one opening day onwards.
    """
    shortest, longest = spacing or SPACING[modality]
    opens: date | None = None
    closes: date | None = None
    for visit in visits:
        if not same_skin(areas, visit.areas):
            continue
        gap = min_gap_days(visit.modality, modality)
        if visit.modality == modality and longest:
            gap = max(gap, shortest)
            end = visit.on + timedelta(days=max(longest, gap))
            closes = max(closes, end) if closes else end
        if gap:
            day = visit.on + timedelta(days=gap)
            opens = max(opens, day) if opens else day
    if opens is None:
        return None
    if closes is not None and closes < opens:
        closes = None
    return Window(opens, closes)


# A series: several sessions in order, of one treatment or of several. Between two neighbours lies a gap of whole days,
# least and most. Gaps are judged for every pair, not for neighbours alone: a peel on the neck between two needlings of
# the face takes nothing off the four weeks between these.

Gap = tuple[int, int]
NEXT_DAY = 1  # two sessions of a series are never on one day: what is done in one visit is one session
AT_LEAST_WIDE = 7  # days a gap without a rhythm of its own is open


@dataclass(frozen=True)
class Step:
    """One session of a series: what, and where on the body (area slugs)."""

    modality: str
    areas: frozenset[str]


@dataclass(frozen=True)
class TooNear:
    """Sessions `first` and `second` (1, 2, …) may come as near as `have` days, and need `need`."""

    first: int
    second: int
    need: int
    have: int


def need_days(earlier: Step, later: Step, spacing: Mapping[str, Gap] = SPACING) -> int:
    """Least days from one session to a later one: none on other skin. `spacing` is the catalogue's, by treatment; it may
    ask for more than the table between two of the same treatment, never for less."""
    if not same_skin(earlier.areas, later.areas):
        return 0
    gap = min_gap_days(earlier.modality, later.modality)
    return max(gap, spacing[earlier.modality][0]) if earlier.modality == later.modality else gap


def least_gaps(steps: Sequence[Step], spacing: Mapping[str, Gap] = SPACING) -> list[int]:
    """Days between neighbours when every session is as early as the ones before it allow."""
    days: list[int] = []
    for step in steps:
        after = [day + need_days(before, step, spacing) for day, before in zip(days, steps, strict=False)]
        days.append(max([*after, days[-1] + NEXT_DAY]) if days else 0)
    return [after - before for before, after in zip(days, days[1:], strict=False)]


def usual_gaps(steps: Sequence[Step], spacing: Mapping[str, Gap] = SPACING) -> list[Gap]:
    """The gaps a plan begins with: the least there may be, and half as much again, or the treatment's own longest."""
    found = []
    for least, before, step in zip(least_gaps(steps, spacing), steps, steps[1:], strict=False):
        most = max(least + least // 2, least + AT_LEAST_WIDE)
        if before.modality == step.modality and same_skin(before.areas, step.areas) and spacing[step.modality][1]:
            most = max(spacing[step.modality][1], least)
        found.append((least, most))
    return found


def too_near(steps: Sequence[Step], gaps: Sequence[Gap], spacing: Mapping[str, Gap] = SPACING) -> list[TooNear]:
    """Every pair that these gaps let come nearer than it may, neighbours or not. Empty: any course that keeps the gaps
    keeps the table."""
    found = []
    for second, later in enumerate(steps):
        have = 0
        for first in range(second - 1, -1, -1):
            have += gaps[first][0]
            need = need_days(steps[first], later, spacing)
            if have < need:
                found.append(TooNear(first + 1, second + 1, need, have))
    return sorted(found, key=lambda one: (one.first, one.second))


def needling_beside_prp(steps: Sequence[Step]) -> bool:
    """Whether needling and platelet-rich plasma, which is given with needling in one visit, have visits of their own on
    the same skin."""
    plasma = [step for step in steps if step.modality == "prp"]
    others = [step for step in steps if step.modality != "prp" and family(step.modality) == NEEDLING]
    return any(same_skin(one.areas, other.areas) for one in plasma for other in others)
