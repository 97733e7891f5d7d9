"""What the desk reads about a visit: status, clearance and times in words. Never an answer, a rule or a reason."""

import datetime as dt
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from bookings import selectors
from bookings.models import Appointment, Resource, WaitingEntry
from bookings.reasons import not_before_sentence
from bookings.states import CLEARED, Clearance, State
from clinic import dates
from clinic.dates import comma, say
from clinic.people.models import Patient
from treatments.selectors import VisitPlan


class Clear(NamedTuple):
    word: str
    tone: str
    todo: str


def zone_of(visit: Appointment) -> ZoneInfo:
    return ZoneInfo(visit.location.timezone)


def local(visit: Appointment, moment: dt.datetime) -> dt.datetime:
    return moment.astimezone(zone_of(visit))


def clock(moment: dt.datetime, zone: ZoneInfo) -> str:
    return dates.clock(moment.astimezone(zone))


def long_day(day: dt.date) -> str:
    return say(day, "l j F")


def short_day(day: dt.date) -> str:
    return say(day, "D j M")


def treatment(visit: Appointment) -> str:
    """ "Micro-needling pen · face, neck"."""
    areas = comma().join(area.name for area in visit.areas.all())
    how = _("talk first") if visit.talk_end else by_video(visit)
    return " · ".join(filter(None, [visit.modality.name, areas, how]))


def not_before(patient: Patient | None, plan: VisitPlan | None, today: dt.date) -> str:
    """What the desk is told where an earlier verdict names a day: the day, never why."""
    day = selectors.not_before(patient.pk, plan.modality.pk) if patient and plan else None
    return not_before_sentence(day) if day and day > today else ""


def by_video(row: Appointment | WaitingEntry) -> str:
    return _("by video") if row.by_video else ""


def room(visit: Appointment) -> str:
    return visit.room.name if visit.room else _("by video")


def who(visit: Appointment) -> str:
    return visit.patient.name if visit.patient else _("Somebody booking online")


def birthday(patient: Patient | None) -> str:
    born = patient.date_of_birth if patient else None
    return say(born, "j F Y") if born else ""


def practitioner(resource: Resource | None) -> str:
    if resource is None:
        return ""
    person = getattr(resource, "practitioner", None)
    return " ".join(filter(None, [person.title if person else "", resource.name]))


def next_visit(visit: Appointment | None) -> str:
    """ "Tue 12 May, 10:30", or nothing."""
    if visit is None:
        return ""
    start = local(visit, visit.start)
    return say(start, "D j M, H:i")


def standing(visit: Appointment, now: dt.datetime) -> str:
    """What belongs beside the status: how long somebody has waited, until when a time is kept, that they said yes."""
    if visit.state == State.ARRIVED and visit.state_since:
        minutes = max(int((now - visit.state_since).total_seconds()) // 60, 0)
        return _("waiting %(minutes)d min") % {"minutes": minutes}
    if visit.state == State.HELD and visit.hold_expires_at:
        return _("until %(time)s") % {"time": clock(visit.hold_expires_at, zone_of(visit))}
    if visit.state == State.RESERVED and visit.form_due_at:
        due = local(visit, visit.form_due_at)
        return _("by %(day)s %(time)s") % {"day": short_day(due.date()), "time": dates.clock(due)}
    if visit.state == State.CONFIRMED and visit.confirmed_by_patient_at:
        return _("also by the patient")
    return ""


def clearance(visit: Appointment) -> Clear:
    """Cleared, being checked or call back, and what the desk can do about it."""
    doctor = practitioner(visit.practitioner)
    if visit.clearance in CLEARED:
        return Clear(_("Cleared"), "ok", "")
    if visit.clearance == Clearance.REVIEW:
        todo = _("%(name)s has to decide before the visit can begin.") % {"name": doctor}
        return Clear(_("Being checked"), "warn", todo)
    if visit.clearance == Clearance.DEFERRED and visit.bookable_from:
        todo = _("Offer a time from %(day)s on.") % {"day": long_day(visit.bookable_from)}
        return Clear(_("Call back"), "danger", todo)
    if visit.clearance in (Clearance.DEFERRED, Clearance.DECLINED):
        todo = _("%(name)s will say what to offer instead.") % {"name": doctor}
        return Clear(_("Call back"), "danger", todo)
    return Clear(_("Health form still due"), "warn", _("Send the form link, or help the patient to fill it in here."))
