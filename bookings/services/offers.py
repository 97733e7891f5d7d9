"""Offers of the waiting list. An offer is a hold: exclusive by the database's own constraint, and over by the clock.

Every step is one transaction. The order of locks is that of `bookings.services.waiting`: entry, resources,
appointment. Nothing here hears of a freed time: the sweep looks for what fits, in order of waiting.
"""

from contextlib import suppress
from datetime import datetime

from django.db import connection
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bookings import messages
from bookings.clock import judged
from bookings.models import Appointment, WaitingEntry, WaitingOffer
from bookings.selectors.books import current_book
from bookings.selectors.waiting import best_offer, in_line, local, visit_of, wish_of
from bookings.services import lifecycle
from bookings.services.holds import hold_slot
from bookings.services.locks import one_transaction
from bookings.services.taking import resource_of
from bookings.services.waiting import answered, close, expire_old, give_back, locked, open_offer_of
from bookings.states import Answer, Source, State, Waiting
from bookings.waiting import OFFER_LASTS, is_paused, may_write_now
from clinic.audit.services import act_as, record
from clinic.errors import DomainError
from clinic.messaging.wording.editions import quiet_hours
from clinic.people.access import Actor

_looked: dict[str, tuple] = {}


@one_transaction
def offer(
    entry: WaitingEntry,
    *,
    start: datetime,
    by_hand: bool = False,
    actor: Actor | None = None,
    now: datetime | None = None,
) -> WaitingOffer | None:
    """Keeps a start for somebody on the list for 30 minutes and writes to them at once.

    Refuses as `hold_slot` does, with `already_offered`, `not_on_the_list`, `quiet_hours` and `offers_paused`. Not
    `by_hand`, an entry that somebody else is just working on is left alone, and None returned.
    """
    row = locked(entry, skip=not by_hand)
    if row is None:
        return None
    instant = judged(now)
    _refuse(row, by_hand=by_hand, now=instant)
    plan = visit_of(row)
    if plan is None:
        raise DomainError("not_offered", _("Nobody offers this treatment there."))
    act_as(actor)
    visit = hold_slot(
        plan=plan,
        start=start,
        patient=row.patient,
        source=Source.WAITING,
        language=row.language,
        actor=actor,
        now=now,
        **wish_of(row),
    )
    visit.hold_expires_at = instant + OFFER_LASTS
    visit.save(update_fields=["hold_expires_at"])
    given = WaitingOffer.objects.create(
        entry=row, appointment=visit, start=start, until=visit.hold_expires_at, made_at=instant, by_hand=by_hand
    )
    _set(row, Waiting.OFFERED, now=instant)
    messages.reconcile(visit, now=instant)
    record("waiting.offer", subject=row.ref, actor=actor, detail={"offer": str(visit.pk), "by_hand": by_hand})
    return given


def _refuse(row: WaitingEntry, *, by_hand: bool, now: datetime) -> None:
    if row.state == Waiting.OFFERED:
        raise DomainError("already_offered", _("A time is kept for them already. Wait for their answer, or call them."))
    if row.state != Waiting.WAITING:
        raise DomainError("not_on_the_list", _("They are no longer on the waiting list."))
    quiet = quiet_hours()
    if not may_write_now(now, row.location.timezone, row.patient.timezone, quiet=quiet):
        hours = {edge: f"{one:%H:%M}" for edge, one in quiet.items()}
        raise DomainError(
            "quiet_hours",
            _("Offers go out between %(end)s and %(start)s. Call them, or offer it tomorrow.") % hours,
        )
    if is_paused(row.unanswered) and not by_hand:
        raise DomainError("offers_paused", _("The last offers had no answer. Call them first."))


@one_transaction
def accept(
    entry: WaitingEntry, *, offer_id: int, actor: Actor | None = None, now: datetime | None = None
) -> Appointment:
    """“Take this time”: reserved, the form comes next, and the person is off the list.

    Over is over: refuses with `offer_over` from the moment it ran out. Once more for one that was taken changes
    nothing. Refuses as `reserve` does.
    """
    row = locked(entry)
    given = row.offers.select_related("appointment").filter(pk=offer_id).first()
    if given is not None and given.answer == Answer.TAKEN:
        return given.appointment
    if given is None or given.answer != Answer.OPEN:
        raise offer_over(row, given)
    visit = lifecycle.locked_with_resources(given.appointment, resource_of(row.patient))
    instant = judged(now)
    if visit.state != State.HELD or instant >= visit.hold_expires_at:
        raise offer_over(row, given)
    act_as(actor)
    visit = lifecycle.reserve(visit, patient=row.patient, language=row.language, actor=actor, now=instant)
    answered(given, Answer.TAKEN, actor=actor, now=instant)
    close(row, Waiting.BOOKED, actor=actor, now=instant)
    return visit


@one_transaction
def decline(
    entry: WaitingEntry, *, offer_id: int, actor: Actor | None = None, now: datetime | None = None
) -> WaitingEntry:
    """“Not this one”: free at once for the next who fits; they stay on the list. Once more changes nothing."""
    row, instant = locked(entry), judged(now)
    given = open_offer_of(row)
    if given is None or given.pk != offer_id:
        return row
    act_as(actor)
    give_back(given, Answer.DECLINED, actor=actor, now=instant)
    row.unanswered = 0
    _set(row, Waiting.WAITING, now=instant)
    return row


def settle_over(*, now: datetime | None = None) -> int:
    """Ends the offers whose time is over, and those whose visit somebody else has freed, taken or cancelled."""
    instant, count = judged(now), 0
    rows = WaitingOffer.objects.filter(answer=Answer.OPEN).select_related("entry", "appointment")
    for given in rows.order_by("until"):
        if given.appointment.state != State.HELD or given.appointment.hold_expires_at <= instant:
            count += bool(_settle(given, now))
    return count


@one_transaction
def _settle(seen: WaitingOffer, now: datetime | None) -> bool:
    row = locked(seen.entry, skip=True)
    given = open_offer_of(row) if row else None
    if given is None or given.pk != seen.pk:
        return False
    visit = lifecycle.locked(given.appointment_id)
    instant = judged(now)
    if visit.state == State.HELD and instant < visit.hold_expires_at:
        return False
    if visit.state in (State.HELD, State.LAPSED):
        over = instant >= given.until
        give_back(given, Answer.UNANSWERED if over else Answer.WITHDRAWN, actor=None, now=instant)
        row.unanswered += over
    elif visit.state == State.CANCELLED:
        give_back(given, Answer.WITHDRAWN, actor=None, now=instant)
    else:
        answered(given, Answer.TAKEN, actor=None, now=instant)
        close(row, Waiting.BOOKED, actor=None, now=instant)
        return True
    _set(row, Waiting.WAITING, now=instant)
    return True


def sweep(*, now: datetime | None = None) -> int:
    """Ends what is over, then offers free times in order of waiting. Returns how many offers were made.

    Safe to run twice, late, or in two workers at once. While nothing has changed since a look that found nothing,
    nothing is searched: diaries say themselves whether they have changed.
    """
    settle_over(now=now)
    expire_old(now=now)
    rows = in_line().filter(state=Waiting.WAITING, location__offers_freed_times=True)
    waiting = [row for row in rows if not is_paused(row.unanswered)]
    if not waiting:
        return 0
    book, instant, name = current_book(), judged(now), connection.settings_dict["NAME"]
    seen = (book.snapshot, *((row.pk, row.changed_at, local(row, instant).date()) for row in waiting)) if book else None
    if seen and _looked.get(name) == seen:
        return 0
    made, complete, quiet = 0, True, quiet_hours()
    for row in waiting:
        if not may_write_now(instant, row.location.timezone, row.patient.timezone, quiet=quiet):
            complete = False
            continue
        start = best_offer(row, now=instant, book=book)
        if start is None:
            continue
        complete = False
        with suppress(DomainError):  # somebody was faster: the next sweep looks again
            made += offer(row, start=start, now=now) is not None
        book = current_book()
    if complete and seen:
        _looked[name] = seen
    return made


def offer_over(row: WaitingEntry, given: WaitingOffer | None) -> DomainError:
    if given is None:
        return DomainError("offer_over", _("This time is no longer kept for you. You stay on the waiting list."))
    until = date_format(local(row, given.until), "H:i")
    sentence = _("This time was kept for you until %(time)s. You stay on the waiting list.")
    return DomainError("offer_over", sentence % {"time": until})


def _set(row: WaitingEntry, state: Waiting, *, now: datetime) -> None:
    row.state, row.changed_at = state, now
    row.save(update_fields=["state", "unanswered", "changed_at"])
