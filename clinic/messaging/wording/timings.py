"""When each message goes: the defaults, and how far a clinic may move them. Pure.

Days keep the local time of day, hours are hours. What is not in the table goes at once and has no moment of its own.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

BEFORE, AFTER, BOOKED, SPACING, LAST = "before", "after", "booked", "spacing", "last"
HOURS = {"hours": 1, "days": 24}


@dataclass(frozen=True)
class Moment:
    amount: int
    unit: str

    @property
    def hours(self) -> int:
        return self.amount * HOURS[self.unit]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """`least` and `most` are hours from the anchor: `before` the start, `after` the finish, after it was `booked`,
    after the day that the treatment's `spacing` allows, or after the `last` session of a course.

    `needed` ones carry safety or somebody's appointment, so they cannot be switched off.
    """

    kind: str
    step: str = ""
    anchor: str
    default: Moment
    least: int
    most: int
    needed: bool = False

    @property
    def key(self) -> tuple[str, str]:
        return self.kind, self.step


def _days(amount: int) -> Moment:
    return Moment(amount, "days")


def _hours(amount: int) -> Moment:
    return Moment(amount, "hours")


DAY = 24
_TABLE = (
    Rule(kind="intake_due", step="12h", anchor=BOOKED, default=_hours(12), least=2, most=72),
    Rule(kind="intake_due", step="5d", anchor=BEFORE, default=_days(5), least=4 * DAY, most=21 * DAY, needed=True),
    Rule(kind="intake_due", step="48h", anchor=BEFORE, default=_days(2), least=30, most=3 * DAY),
    Rule(kind="prepare_14d", anchor=BEFORE, default=_days(14), least=8 * DAY, most=42 * DAY),
    Rule(kind="prepare_14d", step="laser", anchor=BEFORE, default=_days(28), least=14 * DAY, most=60 * DAY),
    Rule(kind="prepare_7d", step="7d", anchor=BEFORE, default=_days(7), least=4 * DAY, most=14 * DAY),
    Rule(kind="prepare_7d", step="3d", anchor=BEFORE, default=_days(3), least=2 * DAY, most=6 * DAY),
    Rule(kind="changed_72h", anchor=BEFORE, default=_days(3), least=DAY, most=7 * DAY, needed=True),
    Rule(kind="reminder_24h", anchor=BEFORE, default=_days(1), least=4, most=3 * DAY, needed=True),
    Rule(kind="reminder_2h", anchor=BEFORE, default=_hours(2), least=1, most=12),
    Rule(kind="aftercare_2h", anchor=AFTER, default=_hours(2), least=1, most=8),
    Rule(kind="aftercare_24h", anchor=AFTER, default=_days(1), least=12, most=2 * DAY, needed=True),
    Rule(kind="aftercare_72h", anchor=AFTER, default=_days(3), least=2 * DAY, most=5 * DAY),
    Rule(kind="aftercare_7d", anchor=AFTER, default=_days(7), least=6 * DAY, most=12 * DAY),
    Rule(kind="aftercare_14d", anchor=AFTER, default=_days(14), least=13 * DAY, most=28 * DAY),
    Rule(kind="next_session", anchor=SPACING, default=_days(0), least=0, most=28 * DAY),
    Rule(kind="results_90d", anchor=LAST, default=_days(90), least=60 * DAY, most=120 * DAY),
    Rule(kind="results_180d", anchor=LAST, default=_days(180), least=150 * DAY, most=270 * DAY),
)
RULES: Mapping[tuple[str, str], Rule] = {rule.key: rule for rule in _TABLE}
# A visit by video has a reminder of its own, at the same moment.
SAME_AS = {"reminder_24h_video": "reminder_24h"}

QUIET = "quiet_hours"
QUIET_DEFAULT = {"start": dt.time(21), "end": dt.time(8)}
QUIET_BOUNDS = {"start": (dt.time(18), dt.time(23)), "end": (dt.time(6), dt.time(11))}

Own = Mapping[tuple[str, str], Moment | None]


def rules_of(kind: str) -> tuple[Rule, ...]:
    kind = SAME_AS.get(kind, kind)
    return tuple(rule for rule in _TABLE if rule.kind == kind)


def moment(own: Own, kind: str, step: str = "") -> Moment | None:
    """When it goes in this clinic; None where it is switched off."""
    key = SAME_AS.get(kind, kind), step
    return own[key] if key in own else RULES[key].default


def allowed(rule: Rule, wanted: Moment | None) -> bool:
    """Whether a clinic may say so: within the bounds, or switched off where nobody's safety hangs on it."""
    if wanted is None:
        return not rule.needed
    return wanted.unit in HOURS and rule.least <= wanted.hours <= rule.most


def quiet_allowed(edge: str, wanted: dt.time) -> bool:
    least, most = QUIET_BOUNDS[edge]
    return least <= wanted <= most


def longest_after(own: Own) -> dt.timedelta:
    """How long after a visit its last message may still be due."""
    after = (moment(own, *rule.key) for rule in _TABLE if rule.anchor == LAST)
    return dt.timedelta(hours=max((one.hours for one in after if one), default=0))
