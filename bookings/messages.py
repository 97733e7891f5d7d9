"""Which messages an appointment should have now.

Pure but for the link, whose token is derived when a row is written. Offsets of whole days keep the local time of day,
so a reminder for nine o'clock goes out at nine the day before, on the days the clock changes too; hours are hours.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from bookings.links import manage_path, waiting_path
from bookings.models import Appointment
from bookings.states import CancelReason, Clearance, Source, State
from clinic.messaging import consent, plan
from clinic.messaging.plan import Desired

DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
PREPARE_DAYS, PREPARE_DAYS_LASER = 14, 28
SESSION_FORM_DAYS = 5  # the form of a course's later session is asked for this long before it
# Nobody had to look at these: the confirmation answers what the patient did a moment ago, at any hour.
CONFIRMS_ITSELF = frozenset({Clearance.CLEARED, Clearance.CAUTION})
CANCELLED_KINDS = {
    CancelReason.FORM_MISSING: "hold_released",
    CancelReason.DECLINED: "not_as_booked",
    CancelReason.DEFERRED: "not_as_booked",
}
NOT_TAKEN = frozenset({State.HELD, State.LAPSED, State.CANCELLED})
AFTERCARE_DAYS = {"aftercare_24h": 1, "aftercare_72h": 3, "aftercare_7d": 7, "aftercare_14d": 14}

# Floors above may hold back a kind for an appointment (`next_session` while an adverse event is open). Filled in their
# AppConfig.ready().
held_back: list[Callable[[Appointment, str], bool]] = []


def days_from(instant: dt.datetime, days: int, zone: str) -> dt.datetime:
    """The same time of day so many local days later."""
    local = instant.astimezone(ZoneInfo(zone))
    moved = local.replace(tzinfo=None) + dt.timedelta(days=days)
    return moved.replace(tzinfo=ZoneInfo(zone), fold=local.fold).astimezone(dt.UTC)


def reconcile(appointment: Appointment, *, now: dt.datetime | None = None) -> plan.Reconciled:
    """Brings the outbox in line, in the caller's transaction."""
    if appointment.patient_id is None:
        return plan.Reconciled()
    return plan.reconcile(appointment.ref, desired(appointment, now=now), now=now)


def desired(appointment: Appointment, *, now: dt.datetime | None = None) -> list[Desired]:
    """Every message the appointment should have, past ones included: sent ones exist already, late ones are dropped."""
    if appointment.patient_id is None:
        return []
    messages = _of_state(appointment, now or timezone.now())
    return [one for one in messages if not any(holds(appointment, one.kind) for holds in held_back)]


def _of_state(row: Appointment, now: dt.datetime) -> Iterator[Desired]:
    if is_offer(row):
        if row.state == State.HELD:
            yield _offered(row)
        return
    match row.state:
        case State.RESERVED:
            yield from _moved(row)
            yield from _form_missing(row)
        case State.PENDING_REVIEW:
            yield from _moved(row)
            deadline = row.review_due_at or row.start
            yield _message(
                row,
                "booking_received",
                due=row.state_since,
                at_once=True,
                deadline=deadline.isoformat(),
                not_after=row.start,
                crosses_quiet=True,
            )
        case State.CONFIRMED:
            yield from _moved(row)
            if row.moved_at is None or row.state_since > row.moved_at:
                own = {"crosses_quiet": row.clearance in CONFIRMS_ITSELF}
                yield _message(row, "booking_confirmed", due=row.state_since, at_once=True, not_after=row.start, **own)
            yield from _ahead(row)
        case State.DONE:
            yield from _after(row, now)
        case State.CANCELLED:
            kind = CANCELLED_KINDS.get(row.cancelled_reason, "cancelled")
            yield _message(
                row,
                kind,
                due=row.state_since,
                at_once=True,
                not_after=max(row.start, row.state_since),
                crosses_quiet=row.cancelled_reason == CancelReason.PATIENT,
            )
        case State.LAPSED:
            yield _message(row, "hold_released", due=row.state_since, at_once=True)


def is_offer(row: Appointment) -> bool:
    """A time kept for somebody on the waiting list, who has not taken it: they never had it, so they never lose it."""
    return row.source == Source.WAITING and row.hold_expires_at is not None and row.state in NOT_TAKEN


def _offered(row: Appointment) -> Desired:
    """Never put off until the morning: it would come too late, so none is made in the night."""
    until, link = row.hold_expires_at, waiting_path(row.offer.entry)
    return _message(
        row, "waitlist_offer", due=row.state_since, at_once=True, deadline=until.isoformat(), not_after=until, link=link
    )


def _form_missing(row: Appointment) -> Iterator[Desired]:
    by = {"deadline": row.form_due_at.isoformat(), "not_after": row.form_due_at}
    if row.is_later_session:
        # Booked with the first one, which has been told; its answers would be too old by then.
        yield _message(row, "intake_due", step="5d", due=_before(row, SESSION_FORM_DAYS), **by)
        yield _message(row, "intake_due", step="48h", due=_before(row, 2), **by)
        return
    yield _message(row, "intake_due", step="at_once", due=row.state_since, at_once=True, crosses_quiet=True, **by)
    yield _message(row, "intake_due", step="12h", due=row.state_since + 12 * HOUR, **by)
    yield _message(row, "intake_due", step="48h", due=_before(row, 2), **by)


def _moved(row: Appointment) -> Iterator[Desired]:
    if row.moved_at is not None:
        yield _message(row, "moved", due=row.moved_at, at_once=True, not_after=row.start)


def _ahead(row: Appointment) -> Iterator[Desired]:
    treats = row.modality.slug != "consult"
    if treats:
        weeks = PREPARE_DAYS_LASER if row.modality.slug == "laser" else PREPARE_DAYS
        yield _message(row, "prepare_14d", due=_before(row, weeks), not_after=_before(row, weeks - 3))
        yield _message(row, "prepare_7d", step="7d", due=_before(row, 7), not_after=_before(row, 5))
        if row.modality.needles:
            yield _message(row, "prepare_7d", step="3d", due=_before(row, 3), not_after=_before(row, 2))
        yield _message(row, "changed_72h", due=_before(row, 3), not_after=_before(row, 1))
    day_before = "reminder_24h_video" if row.by_video else "reminder_24h"
    yield _message(row, day_before, due=_before(row, 1), not_after=row.start - 2 * HOUR)
    if consent.may_send(row.patient_id, channel="any", purpose="extra"):
        yield _message(row, "reminder_2h", due=row.start - 2 * HOUR, not_after=row.start, crosses_quiet=True)


def _after(row: Appointment, now: dt.datetime) -> Iterator[Desired]:
    if row.modality.slug == "consult" or row.finished_at is None:
        return
    yield _message(row, "aftercare_2h", due=row.finished_at + 2 * HOUR)
    for kind, days in AFTERCARE_DAYS.items():
        yield _message(row, kind, due=days_from(row.finished_at, days, row.location.timezone))
    number = _session_number(row)
    if number <= row.modality.sessions_max and not _has_another_ahead(row):
        due = days_from(row.finished_at, row.modality.spacing_min or 28, row.location.timezone)
        yield _message(row, "next_session", due=due, number=str(number))


def _before(row: Appointment, days: int) -> dt.datetime:
    return days_from(row.start, -days, row.location.timezone)


def _session_number(row: Appointment) -> int:
    """The session that would come next in this course: finished visits of the same treatment so far, and one."""
    done = Appointment.objects.filter(patient_id=row.patient_id, modality_id=row.modality_id, state=State.DONE)
    return done.filter(start__lte=row.start).count() + 1


def _has_another_ahead(row: Appointment) -> bool:
    """Of the same treatment, or of the same course, whatever it is; a course that was given to its end asks for no more."""
    if row.course_id and row.session == row.course.sessions:
        return True
    same = Q(modality_id=row.modality_id) | (Q(course_id=row.course_id) if row.course_id else Q())
    others = Appointment.objects.filter(same, patient_id=row.patient_id, start__gt=row.start)
    return others.exclude(state__in=[State.CANCELLED, State.LAPSED, State.NO_SHOW]).exists()


def facts_of(row: Appointment) -> dict[str, Any]:
    """The variables of texts about this appointment."""
    return {
        "start": row.start.isoformat(),
        "timezone": row.location.timezone,
        "place": place_of(row),
        "link": manage_path(row),
    }


def place_of(row: Appointment) -> str:
    """The address; of a visit by video, in the reader's language, where its link is. Never the link itself."""
    if not row.by_video:
        return row.location.address
    with override(row.language):
        return _("by video, the link is on your page")


def _message(
    row: Appointment,
    kind: str,
    *,
    due: dt.datetime,
    step: str = "",
    at_once: bool = False,
    not_after: dt.datetime | None = None,
    crosses_quiet: bool = False,
    **facts: Any,
) -> Desired:
    return Desired(
        kind=kind,
        step=step,
        ref=row.ref,
        version=row.version,
        patient_id=row.patient_id,
        due_at=due,
        not_after=not_after,
        language=row.language,
        facts=facts_of(row) | facts,
        at_once=at_once,
        crosses_quiet=crosses_quiet or _same_day(row, due),
    )


def _same_day(row: Appointment, due: dt.datetime) -> bool:
    """A change on the day of the visit does not wait for morning."""
    zone = ZoneInfo(row.location.timezone)
    return row.start > due and row.start.astimezone(zone).date() == due.astimezone(zone).date()


def is_current(ref: str, version: int) -> bool:
    """Whether a message of this version still speaks of the appointment as it is."""
    return Appointment.objects.filter(pk=ref.partition(":")[2], version=version).exists()


def title(ref: str) -> str:
    """How staff name what a message is about."""
    return Appointment.objects.filter(pk=ref.partition(":")[2]).values_list("reference", flat=True).first() or ""
