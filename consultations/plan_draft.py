"""What a practitioner has typed so far, read as a plan. Pure: the catalogue and the day come in as plain values.

A draft is kept exactly as it was typed, so that nothing is lost; here it becomes sessions and gaps, and everything that
is wrong with it, field by field. Gaps left empty are the usual ones of `treatments.courses`.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from treatments.courses import FAMILY, TALK, Gap, Step, TooNear, needling_beside_prp, too_near, usual_gaps

MOST_SESSIONS, LONGEST_GAP, LONGEST_TEXT = 12, 180, 2000
MOST_PRICE = Decimal(10_000_000)


@dataclass(frozen=True)
class Session:
    """One session: `least` and `most` are whole local days after the session before; 0 in the first."""

    modality: str
    areas: tuple[str, ...]
    least: int = 0
    most: int = 0

    @property
    def step(self) -> Step:
        return Step(self.modality, frozenset(self.areas))


@dataclass(frozen=True)
class Read:
    """`usual` are the gaps the rules suggest, `near` the pairs that these gaps let come nearer than the table allows,
    `wrong` a sentence or more per field. `sessions` only has rows with a treatment and areas."""

    goal: str
    note: str
    near_reason: str
    sessions: tuple[Session, ...]
    usual: tuple[Gap, ...]
    total: Decimal | None
    expires_on: dt.date | None
    near: tuple[TooNear, ...] = ()
    beside_prp: bool = False
    wrong: dict[str, list[str]] = field(default_factory=dict)

    @property
    def gaps(self) -> list[Gap]:
        return gaps_of(self.sessions)


def gaps_of(sessions: Sequence[Session]) -> list[Gap]:
    return [(one.least, one.most) for one in sessions[1:]]


def read(
    draft: Mapping[str, Any], *, offered: Mapping[str, set[str]], spacing: Mapping[str, Gap], today: dt.date
) -> Read:
    """`offered`: treatment → areas it is given on; `spacing` the catalogue's; `today` at the clinic."""
    wrong: dict[str, list[str]] = {}
    rows = list(draft.get("sessions", []))
    chosen = [_chosen(number, row, offered, wrong) for number, row in enumerate(rows)]
    if not rows:
        wrong["sessions"] = [_("Add at least one session.")]
    if len(rows) > MOST_SESSIONS:
        wrong["sessions"] = [_("A plan has %(most)s sessions at most.") % {"most": MOST_SESSIONS}]
    whole = [one for one in chosen if one is not None]
    usual = usual_gaps([one.step for one in whole], spacing)
    sessions, complete = tuple(whole), len(whole) == len(rows)
    if complete:
        sessions = tuple(
            one if number == 0 else _spaced(number, rows[number], one, usual[number - 1], wrong)
            for number, one in enumerate(whole)
        )
    steps = [one.step for one in sessions]
    near = tuple(too_near(steps, gaps_of(sessions), spacing)) if complete and len(sessions) > 1 else ()
    goal, note, reason = (str(draft.get(name, "")).strip() for name in ("goal", "note", "near_reason"))
    if not goal:
        wrong["goal"] = [_("Say what the plan is for. The patient reads it.")]
    for name, text in (("goal", goal), ("note", note), ("near_reason", reason)):
        if len(text) > LONGEST_TEXT:
            wrong[name] = [_("Please keep this under %(most)s characters.") % {"most": LONGEST_TEXT}]
    if near and not reason:
        wrong["near_reason"] = [_("Some sessions would be nearer than usual. Say why, or leave more days.")]
    return Read(
        goal=goal,
        note=note,
        near_reason=reason if near else "",
        sessions=sessions,
        usual=tuple(usual),
        total=_total(str(draft.get("total", "")), wrong),
        expires_on=_expires(str(draft.get("expires_on", "")), today, wrong),
        near=near,
        beside_prp=needling_beside_prp(steps),
        wrong=wrong,
    )


def _chosen(number: int, row: Mapping[str, Any], offered: Mapping[str, set[str]], wrong: dict) -> Session | None:
    modality, areas = str(row.get("modality", "")), tuple(row.get("areas", ()))
    if modality not in offered or FAMILY.get(modality) in (None, TALK):
        wrong[f"s{number}-modality"] = [_("Choose a treatment for this session.")]
        return None
    if not areas:
        wrong[f"s{number}-areas"] = [_("Choose at least one area.")]
        return None
    if not set(areas) <= offered[modality]:
        wrong[f"s{number}-areas"] = [_("We don't offer this treatment on that area. Choose another area.")]
        return None
    return Session(modality, areas)


def _spaced(number: int, row: Mapping[str, Any], session: Session, usual: Gap, wrong: dict) -> Session:
    least = _days(row.get("least", ""), usual[0], f"s{number}-least", wrong)
    most = _days(row.get("most", ""), max(usual[1], least), f"s{number}-most", wrong)
    if most < least:
        wrong.setdefault(f"s{number}-most", [_("This is fewer days than the least. Check both.")])
        most = least
    return Session(session.modality, session.areas, least, most)


def _days(typed: Any, usual: int, name: str, wrong: dict) -> int:
    text = str(typed).strip()
    if not text:
        return usual
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= LONGEST_GAP):
        wrong[name] = [_("Type whole days, from 1 to %(most)s.") % {"most": LONGEST_GAP}]
        return usual
    return int(text)


def _total(typed: str, wrong: dict) -> Decimal | None:
    text = typed.strip().replace(" ", "").replace(",", ".")
    if not text:
        return None
    try:
        total = Decimal(text)
    except InvalidOperation:
        total = Decimal(-1)
    if not total.is_finite() or not 0 <= total <= MOST_PRICE or total != round(total, 2):
        wrong["total"] = [_("Type the price as 12500 or 12500.50.")]
        return None
    return total


def _expires(typed: str, today: dt.date, wrong: dict) -> dt.date | None:
    if not typed.strip():
        return None
    try:
        day = dt.date.fromisoformat(typed.strip())
    except ValueError:
        wrong["expires_on"] = [_("Type the day as 2027-05-12.")]
        return None
    if day < today:
        wrong["expires_on"] = [_("This day has passed. Choose a later one.")]
    return day


def shares(total: Decimal, listed: Sequence[Decimal]) -> list[Decimal]:
    """The total split over sessions as their listed prices stand to each other, to the cent and with nothing lost."""
    whole = sum(listed, Decimal(0))
    parts = [total / len(listed) if not whole else total * one / whole for one in listed]
    rounded = [round(one, 2) for one in parts]
    return [*rounded[:-1], total - sum(rounded[:-1], Decimal(0))]
