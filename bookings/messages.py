"""Which messages an appointment should have now.

Pure but for the link, whose token is derived when a row is written, and for the moments the clinic has changed
(`clinic.messaging.wording.editions`). Offsets of whole days keep the local time of day, so a reminder for nine o'clock goes out
at nine the day before, on the days the clock changes too; hours are hours.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from bookings.links import manage_path, photos_path, waiting_path
from bookings.models import Appointment
from bookings.states import CancelReason, Clearance, Source, State
from clinic.messaging import consent, plan
from clinic.messaging.plan import Desired
from clinic.messaging.windows import is_quiet, quiet_since
from clinic.messaging.wording.editions import moment, quiet_hours
from clinic.messaging.wording.timings import Moment

DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
# Nobody had to look at these: the confirmation answers what the patient did a moment ago, at any hour.
CONFIRMS_ITSELF = frozenset({Clearance.CLEARED, Clearance.CAUTION})
CANCELLED_KINDS = {
    CancelReason.FORM_MISSING: "hold_released",
    CancelReason.DECLINED: "not_as_booked",
    CancelReason.DEFERRED: "not_as_booked",
}
PLANNED = frozenset(
    {
        "booking_received", "booking_confirmed", "booking_confirmed_late", "intake_due", "moved", "cancelled",
        "not_as_booked", "hold_released", "waitlist_offer", "prepare_14d", "prepare_7d", "changed_72h", "reminder_24h",
        "reminder_24h_video", "reminder_2h", "aftercare_2h", "aftercare_24h", "aftercare_72h", "aftercare_7d",
        "aftercare_14d", "next_session", "results_90d", "results_180d",
    }
)  # fmt: skip
NOT_TAKEN = frozenset({State.HELD, State.LAPSED, State.CANCELLED})
PREPARE = ("prepare_14d", "prepare_7d")
TODAY = "aftercare_2h"
AFTERCARE = (TODAY, "aftercare_24h", "aftercare_72h", "aftercare_7d", "aftercare_14d")
RESULTS = ("results_90d", "results_180d")
ASK_FOR_PHOTOS = frozenset({"aftercare_14d", *RESULTS})
SHORTLY = dt.timedelta(minutes=10)
LINK_LASTS = 15 * DAY  # after the last message of a visit, whose link opens as long

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
    wanted = desired(appointment, now=now)
    return plan.reconcile(appointment.ref, wanted, keep_asked=appointment.is_ahead, now=now)


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
                step=_stamp(row.state_since),
                due=row.state_since,
                at_once=True,
                deadline=deadline.isoformat(),
                not_after=row.start,
                crosses_quiet=True,
            )
        case State.CONFIRMED:
            ahead = list(_ahead(row))
            yield from _moved(row)
            if row.moved_at is None or row.state_since > row.moved_at:
                yield _confirmed(row, ahead)
            yield from ahead
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
            yield _message(row, "hold_released", step=_stamp(row.state_since), due=row.state_since, at_once=True)


def _confirmed(row: Appointment, ahead: list[Desired]) -> Desired:
    """What should have been said about getting ready by now is said with it, not sent late.

    Once for each time a practitioner allowed it: who was told that somebody looks is told that the visit stands. The
    desk's undo of an arrival says nothing.
    """
    late = any(one.kind in PREPARE and one.due_at <= row.state_since for one in ahead)
    return _message(
        row,
        "booking_confirmed_late" if late else "booking_confirmed",
        step=_stamp(row.decided_at if row.decided_at and row.decided_at <= row.state_since else None),
        due=row.state_since,
        at_once=True,
        not_after=row.start,
        crosses_quiet=row.clearance in CONFIRMS_ITSELF,
    )


def _stamp(moment: dt.datetime | None) -> str:
    """The step of a message that a visit has again when it comes back to where it was."""
    return f"{moment:%Y%m%dT%H%M%S}" if moment else ""


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
        for step in ("5d", "48h"):
            yield from _before(row, "intake_due", step, **by)
        return
    yield _message(row, "intake_due", step="at_once", due=row.state_since, at_once=True, crosses_quiet=True, **by)
    if later := moment("intake_due", "12h"):
        yield _message(row, "intake_due", step="12h", due=_moved_on(row, row.state_since, later), **by)
    yield from _before(row, "intake_due", "48h", **by)


def _moved(row: Appointment) -> Iterator[Desired]:
    if row.moved_at is not None:
        yield _message(row, "moved", due=row.moved_at, at_once=True, not_after=row.start)


def _ahead(row: Appointment) -> Iterator[Desired]:
    if row.modality.slug != "consult":
        strong = "laser" if row.modality.slug == "laser" else ""
        yield from _before(row, "prepare_14d", timing=strong, step="", worth=3 * DAY)
        yield from _before(row, "prepare_7d", "7d", worth=2 * DAY)
        if row.modality.needles:
            yield from _before(row, "prepare_7d", "3d", worth=DAY)
        yield from _before(row, "changed_72h", not_after=row.start - DAY)
    day_before = "reminder_24h_video" if row.by_video else "reminder_24h"
    yield from _before(row, day_before, not_after=row.start - 2 * HOUR)
    if consent.may_send(row.patient_id, channel="any", purpose="extra"):
        yield from _before(row, "reminder_2h", not_after=row.start, crosses_quiet=True)


def _before(
    row: Appointment,
    kind: str,
    step: str = "",
    *,
    timing: str | None = None,
    worth: dt.timedelta | None = None,
    **more: Any,
) -> Iterator[Desired]:
    """At the clinic's moment before the start; `worth` is how long after it the message still helps. Nothing where it is
    switched off. `not_after` gives way, down to half of what is left, to a moment that comes close to it.
    """
    when = moment(kind, step if timing is None else timing)
    if when is None:
        return
    due = _moved_on(row, row.start, when, back=True)
    if worth is not None:
        more["not_after"] = days_from(due, worth.days, row.location.timezone)
    if "deadline" not in more and more["not_after"] <= due:
        more["not_after"] = due + (row.start - due) / 2
    yield _message(row, kind, step=step, due=due, **more)


def _after(row: Appointment, now: dt.datetime) -> Iterator[Desired]:
    if row.modality.slug == "consult" or row.finished_at is None:
        return
    for kind in AFTERCARE:
        if when := moment(kind):
            due = _moved_on(row, row.finished_at, when)
            if kind == TODAY:
                yield _before_the_night(row, due)
            else:
                yield _message(row, kind, due=due, **_photos(row, kind))
    if _has_another_ahead(row):
        return
    number = _session_number(row)
    if _ended(row, number):
        for kind in RESULTS:
            if when := moment(kind):
                yield _message(row, kind, due=_moved_on(row, row.finished_at, when), **_photos(row, kind))
    elif number <= row.modality.sessions_max and (when := moment("next_session")):
        allowed = days_from(row.finished_at, row.modality.spacing_min or 28, row.location.timezone)
        yield _message(row, "next_session", due=_moved_on(row, allowed, when), number=str(number))


def _before_the_night(row: Appointment, due: dt.datetime) -> Desired:
    """What not to do today is of no use in the morning: it is said before phones fall silent, or as the person leaves."""
    zone, quiet = consent.zone_of(row.patient, {"timezone": row.location.timezone}), quiet_hours()
    if not is_quiet(due, zone, **quiet):
        return _message(row, TODAY, due=due)
    due = max(row.finished_at, quiet_since(due, zone, **quiet) - SHORTLY)
    return _message(row, TODAY, due=due, at_once=True, crosses_quiet=is_quiet(due, zone, **quiet))


def _photos(row: Appointment, kind: str) -> dict[str, str]:
    """What asks for a photo leads to where it is sent."""
    return {"link": photos_path(row)} if kind in ASK_FOR_PHOTOS else {}


def last_word(row: Appointment, *, now: dt.datetime | None = None) -> dt.datetime | None:
    """Until when the link in the visit's messages must open."""
    return max((one.due_at + LINK_LASTS for one in desired(row, now=now)), default=None)


def _moved_on(row: Appointment, instant: dt.datetime, when: Moment, *, back: bool = False) -> dt.datetime:
    """So long after the instant, or before it: days on the visit's calendar, hours on any clock."""
    amount = -when.amount if back else when.amount
    return instant + amount * HOUR if when.unit == "hours" else days_from(instant, amount, row.location.timezone)


def _session_number(row: Appointment) -> int:
    """The session that would come next in this course: finished visits of the same treatment so far, and one."""
    done = Appointment.objects.filter(patient_id=row.patient_id, modality_id=row.modality_id, state=State.DONE)
    return done.filter(start__lte=row.start).count() + 1


def _ended(row: Appointment, number: int) -> bool:
    """A course that was given to its last session; or, without one, as many sessions as the treatment has."""
    return row.session == row.course.sessions if row.course_id else number > row.modality.sessions_max


def _has_another_ahead(row: Appointment) -> bool:
    """Of the same treatment, or of the same course, whatever it is."""
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
    with connection.cursor() as cursor:  # written out: every message asks this twice
        cursor.execute(
            "SELECT 1 FROM bookings_appointment WHERE id = %s AND version = %s", [ref.partition(":")[2], version]
        )
        return cursor.fetchone() is not None


def wants(ref: str, kind: str) -> bool:
    """Whether what failed to reach somebody about this appointment should still reach them another way."""
    row = Appointment.objects.select_related("modality", "location", "patient", "course").filter(
        pk=ref.partition(":")[2]
    )
    return kind not in PLANNED or any(one.kind == kind for found in row for one in desired(found))


def title(ref: str) -> str:
    """How staff name what a message is about."""
    return Appointment.objects.filter(pk=ref.partition(":")[2]).values_list("reference", flat=True).first() or ""
