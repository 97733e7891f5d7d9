"""The only door to an appointment's state.

Every change here is one transaction: the row locked, the move checked against `bookings.states.MOVES`, the audit row
written, messages reconciled. Allocations follow by trigger. Services that also need resources (holds, moves) call
`enter` inside their own transaction.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from bookings import messages
from bookings.clock import judged
from bookings.links import register_manage_link, revoke_manage_links
from bookings.models import Allocation, Appointment
from bookings.reasons import not_before_sentence
from bookings.selectors.appointments import local_day, plan_of
from bookings.selectors.free_times import Wish, is_unscreened, nearest_starts, neighbours, not_before
from bookings.services import limits
from bookings.services.locks import Overtaken, lock_resources, one_transaction
from bookings.services.taking import HOLD, form_due, later_form_due, patient_time, resource_of
from bookings.states import AHEAD, ANSWERS_COUNT, CLEARED, CancelReason, Clearance, State, may_move
from clinic.audit.services import record
from clinic.dates import say
from clinic.errors import DomainError
from clinic.people.access import Actor
from clinic.people.models import Patient

REVIEW_MARGIN = timedelta(hours=2)  # a decision should be there this long before the visit
# From best to worst; what screening alone may never improve once a practitioner has to decide.
SEVERITY = [
    Clearance.CLEARED,
    Clearance.CAUTION,
    Clearance.APPROVED,
    Clearance.UNKNOWN,
    Clearance.REVIEW,
    Clearance.DEFERRED,
    Clearance.DECLINED,
]


# Floors above may name what keeps somebody from being checked in. Filled in their AppConfig.ready().
stops: list[Callable[[Appointment], DomainError | None]] = []


def for_update(*, skip_locked: bool = False) -> QuerySet[Appointment]:
    rows = Appointment.objects.select_for_update(of=("self",), skip_locked=skip_locked, no_key=True)
    return rows.select_related("modality", "patient", "location")


def locked(appointment: Appointment | UUID) -> Appointment:
    """The row as it is now, locked until the transaction ends."""
    return for_update().get(pk=appointment.pk if isinstance(appointment, Appointment) else appointment)


def locked_with_resources(appointment: Appointment, *others: int | None) -> Appointment:
    """The row with its resources (and others) locked before it, as everybody does who takes time.

    The row says which, and may have been given another room before the lock was there: then all begins anew.
    """
    names = ("room_id", "practitioner_id", "device_id")
    [of_row] = Appointment.objects.filter(pk=appointment.pk).values_list(*names)
    lock_resources([*of_row, *others])
    row = locked(appointment)
    if tuple(getattr(row, name) for name in names) != of_row:
        raise Overtaken
    return row


def enter(
    row: Appointment, state: State, *, actor: Actor | None, now: datetime, action: str, **changes: Any
) -> Appointment:
    """Changes the state of a locked row. The caller holds the lock and the transaction."""
    if not may_move(row.state, state):
        raise wrong_state(row)
    before, row.state, row.state_since = row.state, state, now
    for name, value in changes.items():
        setattr(row, name, value)
    row.save(update_fields=["state", "state_since", *changes])
    record(f"appointment.{action}", subject=row.ref, actor=actor, detail={"from": before, "to": str(state)})
    messages.reconcile(row, now=now)
    return row


def wrong_state(row: Appointment) -> DomainError:
    label = State(row.state).label
    return DomainError("wrong_state", _("That can't be done now. The booking is: %(state)s.") % {"state": label})


def changed_meanwhile() -> str:
    return _("This booking has changed in the meantime. Please look at it again first.")


def still_thinking(row: Appointment) -> DomainError:
    sentence = _("The time to think after the consent is not over. The treatment can begin on %(day)s; move the visit.")
    return DomainError("reflection", sentence % {"day": say(row.reflection_ends, "j F Y")})


def _refuse_old_answers(row: Appointment) -> None:
    if row.cleared_until is not None and local_day(row) > row.cleared_until:
        sentence = _(
            "The health answers are too old for this day. They count until %(day)s; please ask for them again."
        )
        raise DomainError("answers_lapsed", sentence % {"day": say(row.cleared_until, "j F Y")})


def review_due(row: Appointment, *, start: datetime, now: datetime) -> datetime:
    """By when a practitioner decides: within the location's lead time, and in time before the visit."""
    return max(min(now + timedelta(hours=row.location.review_lead_hours), start - REVIEW_MARGIN), now)


def hold_expired() -> DomainError:
    return DomainError(
        "hold_expired",
        _("The time was kept for you and has run out. Nothing you entered is lost. Please choose it again."),
    )


@one_transaction
def reserve(
    appointment: Appointment,
    *,
    patient: Patient,
    language: str | None = None,
    actor: Actor | None = None,
    now: datetime | None = None,
) -> Appointment:
    """A hold gets its person: it no longer runs out in ten minutes but when the form is due and not finished.

    A hold that has run out is taken again while nobody else has the time. Refuses with `slot_taken` (and `nearest`),
    `patient_busy`, `interval`, `bookable_from` (staff only), `too_many_holds` or `wrong_state`; with `hold_expired` for
    anybody but the one it was reserved for before. Once more for the same person changes nothing.
    """
    person = resource_of(patient)
    row = locked_with_resources(appointment, person)
    instant = judged(now)
    if row.state == State.RESERVED and row.patient_id == patient.pk:
        return row
    if row.state not in (State.HELD, State.LAPSED):
        raise wrong_state(row)
    # What was answered for this time was answered by the one it was kept for.
    if row.patient_id and row.patient_id != patient.pk:
        raise hold_expired() if row.state == State.LAPSED else wrong_state(row)
    limits.refuse_hoarding_by_phone(patient, source=row.source, now=instant)
    take_again(row, actor=actor, now=instant)
    _refuse_clash(row, patient, person, now=instant)
    _refuse_too_early(row, patient, actor)
    row.allocations.filter(resource__kind="patient").delete()
    Allocation.objects.create(appointment=row, resource_id=person, during=patient_time(row))
    due = (later_form_due if row.is_later_session else form_due)(row.start, now=instant)
    changes = {"patient": patient, "hold_expires_at": None, "form_due_at": due, "language": language or row.language}
    return enter(row, State.RESERVED, actor=actor, now=instant, action="reserve", **changes)


@one_transaction
def confirm(appointment: Appointment, *, actor: Actor | None = None, now: datetime | None = None) -> Appointment:
    """→ confirmed when cleared, → pending review when a practitioner must decide first.

    Refuses with `hold_expired`, `form_missing`, `not_cleared`, `answers_lapsed`, `reflection`, `too_late` or
    `wrong_state`. Whether form and consent are complete is the caller's to know; here nobody is confirmed whose clearance
    is unknown.
    """
    row = locked(appointment)
    instant = judged(now)
    if row.state == State.LAPSED or (row.state == State.HELD and instant >= row.hold_expires_at):
        raise hold_expired()
    if row.state not in (State.HELD, State.RESERVED, State.PENDING_REVIEW):
        raise wrong_state(row)
    if row.patient_id is None or row.clearance == Clearance.UNKNOWN:
        raise DomainError("form_missing", _("The health form is not finished yet. Please finish it first."))
    # Somebody at the door may still finish the form, or wait for a practitioner's word, while their visit lasts.
    if instant >= (row.start if row.state == State.HELD else row.treatment_end):
        raise DomainError("too_late", _("That time has passed. Please choose a later one."))
    if row.reflection_ends and local_day(row) < row.reflection_ends:
        raise still_thinking(row)
    _refuse_old_answers(row)
    too_early = row.bookable_from is not None and local_day(row) < row.bookable_from
    if row.clearance in CLEARED and not too_early:
        return enter(row, State.CONFIRMED, actor=actor, now=instant, action="confirm", **_no_longer_held())
    waits = row.clearance == Clearance.REVIEW or (row.clearance == Clearance.DEFERRED and row.bookable_from)
    if waits and not too_early and row.state != State.PENDING_REVIEW:
        return _ask_practitioner(row, actor=actor, now=instant, action="confirm")
    raise DomainError(
        "not_cleared",
        _("This can't be confirmed yet. A practitioner has to check it first, or it needs a later day."),
        extra={"clearance": row.clearance},
    )


@one_transaction
def record_clearance(
    appointment: Appointment,
    *,
    clearance: str,
    bookable_from: date | None = None,
    answers_on: date | None = None,
    decided: bool = False,
    actor: Actor | None = None,
    now: datetime | None = None,
) -> Appointment:
    """Writes down what screening or review allows, and lets the appointment follow.

    A worse clearance re-opens: confirmed → pending review, or cancelled when declined or deferred beyond the visit. A
    better one while a practitioner has to decide is not taken over silently: it needs `decided` (a decision on record).
    `answers_on` is the local day on which the answers were given; without it the earlier ones count on.
    """
    row = locked(appointment)
    instant = judged(now)
    clearance = Clearance(clearance)
    if row.state not in (*AHEAD, State.ARRIVED):
        raise wrong_state(row)
    waiting = row.state == State.PENDING_REVIEW
    if waiting and not decided and SEVERITY.index(clearance) < SEVERITY.index(Clearance(row.clearance)):
        record("appointment.clearance_kept", subject=row.ref, actor=actor, detail={"kept": row.clearance})
        return row
    before, row.clearance, row.bookable_from, row.cleared_at = row.clearance, clearance, bookable_from, instant
    if answers_on:
        row.cleared_until = answers_on + ANSWERS_COUNT
    beyond = clearance == Clearance.DEFERRED and bookable_from is not None and local_day(row) < bookable_from
    record("appointment.clearance", subject=row.ref, actor=actor, detail={"from": before, "to": str(clearance)})
    changes = {"clearance": clearance, "bookable_from": bookable_from, "cleared_until": row.cleared_until}
    row.decided_at = instant if decided else None
    changes |= {"cleared_at": instant, "decided_at": row.decided_at}
    if (clearance == Clearance.DECLINED or beyond) and row.patient_id and row.state != State.HELD:
        why = CancelReason.DEFERRED if beyond else CancelReason.DECLINED
        return _cancelled(row, reason=why, actor=actor, now=instant, **changes)
    if clearance not in CLEARED and row.state in (State.CONFIRMED, State.ARRIVED):
        return _ask_practitioner(row, actor=actor, now=instant, action="reopen", **changes)
    row.save(update_fields=[*changes])
    messages.reconcile(row, now=instant)
    return row


@one_transaction
def check_in(appointment: Appointment, *, actor: Actor | None = None, now: datetime | None = None) -> Appointment:
    """Refuses with `reflection` or `bookable_from`, with whatever a floor above names (`stops`), or `wrong_state`.

    Somebody may come on an earlier day than the one they booked: then that day counts.
    """
    row, instant = locked(appointment), judged(now)
    day = min(local_day(row), instant.astimezone(ZoneInfo(row.location.timezone)).date())
    if row.reflection_ends and day < row.reflection_ends:
        raise still_thinking(row)
    if row.bookable_from and day < row.bookable_from:
        raise DomainError("bookable_from", not_before_sentence(row.bookable_from))
    _refuse_old_answers(row)
    for stop in stops:
        if refusal := stop(row):
            raise refusal
    return enter(row, State.ARRIVED, actor=actor, now=instant, action="check_in")


@one_transaction
def start_treatment(
    appointment: Appointment, *, actor: Actor | None = None, now: datetime | None = None
) -> Appointment:
    return enter(locked(appointment), State.IN_TREATMENT, actor=actor, now=judged(now), action="start_treatment")


@one_transaction
def finish(appointment: Appointment, *, actor: Actor | None = None, now: datetime | None = None) -> Appointment:
    """→ done; aftercare messages count from here, and the manage link stays open for them."""
    instant = judged(now)
    row = enter(locked(appointment), State.DONE, actor=actor, now=instant, action="finish", finished_at=instant)
    register_manage_link(row, until=messages.last_word(row, now=instant))
    return row


@one_transaction
def mark_no_show(appointment: Appointment, *, actor: Actor | None = None, now: datetime | None = None) -> Appointment:
    """Only once the time has come."""
    row, instant = locked(appointment), judged(now)
    if instant < row.start:
        raise DomainError("too_early", _("The appointment has not begun yet."))
    return enter(row, State.NO_SHOW, actor=actor, now=instant, action="no_show")


@one_transaction
def step_back(appointment: Appointment, *, actor: Actor | None = None, now: datetime | None = None) -> Appointment:
    """The desk's undo: arrived → confirmed, in treatment → arrived, done → in treatment, no-show → confirmed."""
    row = locked(appointment)
    back = {
        State.ARRIVED: State.CONFIRMED,
        State.IN_TREATMENT: State.ARRIVED,
        State.DONE: State.IN_TREATMENT,
        State.NO_SHOW: State.CONFIRMED,
    }.get(State(row.state))
    if back is None:
        raise wrong_state(row)
    undone = {"finished_at": None} if row.state == State.DONE else {}
    return enter(row, back, actor=actor, now=judged(now), action="step_back", **undone)


@one_transaction
def cancel(
    appointment: Appointment, *, reason: str, actor: Actor | None = None, now: datetime | None = None
) -> Appointment:
    """→ cancelled, its time free at once. `reason` is a `CancelReason`. Once more changes nothing and is no error."""
    row = locked(appointment)
    if row.state == State.CANCELLED:
        return row
    return _cancelled(row, reason=CancelReason(reason), actor=actor, now=judged(now))


@one_transaction
def record_attendance(
    appointment: Appointment, *, actor: Actor | None = None, now: datetime | None = None
) -> Appointment:
    """The patient says they will come. No state of its own: a reply must not undo a review."""
    row, instant = locked(appointment), judged(now)
    if row.state != State.CONFIRMED:
        raise wrong_state(row)
    if row.confirmed_by_patient_at is None:
        row.confirmed_by_patient_at = instant
        row.save(update_fields=["confirmed_by_patient_at"])
        record("appointment.attendance", subject=row.ref, actor=actor)
    return row


def take_again(row: Appointment, *, actor: Actor | None, now: datetime) -> None:
    """Makes a hold that is over a hold once more, while nobody else has its time. The caller holds all its locks."""
    if row.state == State.HELD and now < row.hold_expires_at:
        return
    if now >= row.start:
        raise hold_expired()
    clear_lapsed(row.start, row.end, now=now, ignore=row.pk)
    mine = Allocation.objects.filter(resource=OuterRef("resource"), during__overlap=OuterRef("during"), appointment=row)
    if Allocation.objects.filter(Exists(mine), active=True).exclude(appointment=row).exists():
        near = nearest_starts(plan=plan_of(row), start=row.start, now=now, location=row.location.slug)
        sentence = _("Someone booked that time a moment ago. Nothing you entered is lost. These are the closest times.")
        extra = {"nearest": [one.isoformat() for one in near]}
        raise DomainError("slot_taken", sentence, field="start", extra=extra)
    if row.state == State.LAPSED:
        enter(row, State.HELD, actor=actor, now=now, action="take_again", hold_expires_at=now + HOLD)
    else:
        row.hold_expires_at = now + HOLD
        row.save(update_fields=["hold_expires_at"])


def clear_lapsed(start: datetime, end: datetime, *, now: datetime, ignore: UUID | None = None) -> int:
    """Ends the holds that are over and still lie in [start, end). The caller holds the resources' locks."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM bookings_appointment WHERE state = 'held' AND hold_expires_at <= %s "
            "AND starts_at < %s AND ends_at > %s AND id IS DISTINCT FROM %s",
            [now, end, start, ignore],
        )
        over = [identifier for (identifier,) in cursor.fetchall()]
    if not over:
        return 0
    return lapse(for_update().filter(pk__in=over, state=State.HELD, hold_expires_at__lte=now).order_by("pk"), now=now)


def lapse(rows: Iterable[Appointment], *, now: datetime) -> int:
    """→ lapsed, for locked rows whose hold or form is over. The caller holds the locks and the transaction."""
    count = 0
    for row in rows:
        enter(row, State.LAPSED, actor=None, now=now, action="lapse")
        count += 1
    return count


def _refuse_clash(row: Appointment, patient: Patient, person: int, *, now: datetime) -> None:
    """The person has something else then, or a treatment of the same skin too close. Worded to tell nobody more."""
    taken = Allocation.objects.filter(resource_id=person, active=True, during__overlap=patient_time(row))
    if taken.exclude(appointment=row).exists():
        raise DomainError("patient_busy", _("This time can't be reserved with these details. Please choose another."))
    if row.interval_reason:
        return
    zone, day = row.location.timezone, local_day(row)
    wish = Wish(patient_id=patient.pk, ignore=row.pk)
    for near in neighbours(plan=plan_of(row), wish=wish, zone=zone, now=now):
        if near.forbids(day):
            raise DomainError(
                "interval",
                _("This day is too close to another visit. Skin needs time to heal. Please choose a later one."),
            )


def _refuse_too_early(row: Appointment, patient: Patient, actor: Actor | None) -> None:
    """Staff are told that an earlier verdict names a later day. Somebody who comes anonymously is not: a name and a number
    are no proof of who is typing. Their new answers decide, and a practitioner's word is looked up with the form."""
    if actor is None or actor.user is None or not is_unscreened(row):
        return
    day = not_before(patient.pk, row.modality_id)
    if day and local_day(row) < day:
        raise DomainError("bookable_from", not_before_sentence(day), status=422, field="start")


def _cancelled(
    row: Appointment, *, reason: CancelReason, actor: Actor | None, now: datetime, **more: Any
) -> Appointment:
    enter(row, State.CANCELLED, actor=actor, now=now, action="cancel", cancelled_reason=reason, **more)
    if row.patient_id is None:
        revoke_manage_links(row)
    return row


def _ask_practitioner(row: Appointment, *, actor: Actor | None, now: datetime, action: str, **more: Any) -> Appointment:
    changes = more | {"review_due_at": review_due(row, start=row.start, now=now)} | _no_longer_held()
    return enter(row, State.PENDING_REVIEW, actor=actor, now=now, action=action, **changes)


def _no_longer_held() -> dict[str, Any]:
    return {"hold_expires_at": None, "form_due_at": None}
