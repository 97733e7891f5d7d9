"""Onto the waiting list and off it. Offers are made and answered in `bookings.services.offers`.

Locks are taken in one order: the person, the entry, resources, appointments.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from bookings.clock import judged
from bookings.links import register_waiting_link, revoke_waiting_links
from bookings.models import Location, Resource, WaitingEntry
from bookings.services import lifecycle
from bookings.services.detaching import detach_patient
from bookings.services.locks import one_transaction
from bookings.states import ON_THE_LIST, Answer, Clearance, Source, State, Waiting
from bookings.waiting import LONGEST_DAYS, PARTS
from clinic.audit.services import act_as, record
from clinic.errors import DomainError, Invalid
from clinic.people.access import Actor
from clinic.people.models import Patient
from clinic.people.services import upsert_patient
from treatments.selectors import VisitPlan

# What floors above do about somebody who has left the list. Filled in their AppConfig.ready().
on_gone: list[Callable[[Patient], None]] = []


@one_transaction
def join(
    *,
    plan: VisitPlan,
    location: Location,
    first: date,
    last: date,
    parts: Iterable[str],
    weekdays: Iterable[int] = (),
    patient: Patient | None = None,
    person: dict[str, Any] | None = None,
    practitioner: Resource | None = None,
    gender: str = "",
    clearance: str = Clearance.UNKNOWN,
    bookable_from: date | None = None,
    language: str = "en",
    source: str = Source.ONLINE,
    actor: Actor | None = None,
    now: datetime | None = None,
) -> WaitingEntry:
    """Puts a known patient, or a `person` (name, phone in E.164, language), on the list for a visit.

    Who waits for this treatment already keeps their place, with the new wish. The caller has their word that they may
    be written to. Raises Invalid with every field that is wrong, `not_now` after a decline.
    """
    if clearance == Clearance.DECLINED:
        raise DomainError("not_now", _("We can't offer this treatment online yet."))
    instant = judged(now)
    wish = _checked(plan, location, first, last, parts, weekdays, practitioner, instant)
    someone = _known(patient) if patient else upsert_patient(**person)
    act_as(actor)
    open_ones = WaitingEntry.objects.select_for_update(no_key=True).filter(state__in=ON_THE_LIST)
    row = open_ones.filter(patient=someone, modality=plan.modality).first()
    is_new = row is None
    row = row or WaitingEntry(patient=someone, modality=plan.modality, since=instant, source=source)
    wish |= {"practitioner": practitioner, "gender": "" if practitioner else gender, "location": location}
    wish |= {"by_video": plan.video}
    wish |= {"consult": bool(plan.talk), "clearance": clearance, "bookable_from": bookable_from, "language": language}
    for name, value in (wish | {"agreed_at": instant, "changed_at": instant, "unanswered": 0}).items():
        setattr(row, name, value)
    row.save(force_insert=is_new)
    row.areas.set(plan.areas)
    register_waiting_link(row)
    record("waiting.join" if is_new else "waiting.change", subject=row.ref, actor=actor, detail={"source": source})
    return row


def _known(patient: Patient) -> Patient:
    found = Patient.objects.select_for_update(no_key=True).filter(pk=patient.pk).first()
    if found is None:
        raise DomainError("patient_gone", _("Their details were removed in the meantime. Please type them in again."))
    return found


def _checked(plan, location, first, last, parts, weekdays, practitioner, now) -> dict[str, Any]:
    """The wish as it is stored. Collects what is wrong with every field before refusing."""
    today = now.astimezone(ZoneInfo(location.timezone)).date()
    wrong: dict[str, list] = {}
    if first > last:
        wrong["last"] = [_("The last day lies before the first.")]
    elif last < today:
        wrong["last"] = [_("That day has passed. Please choose a later one.")]
    elif last > max(first, today) + timedelta(days=LONGEST_DAYS):
        wrong["last"] = [_("Please choose a day within the next six months.")]
    chosen = [one for one in PARTS if one in set(parts)]
    if not chosen:
        wrong["parts"] = [_("Choose at least one part of the day.")]
    if practitioner and not practitioner.practitioner.skills.filter(pk=plan.modality.pk).exists():
        wrong["who"] = [_("This practitioner does not offer that treatment.")]
    if wrong:
        raise Invalid(wrong)
    return {"first_day": first, "last_day": last, "parts": chosen, "weekdays": sorted(set(weekdays))}


@one_transaction
def leave(entry: WaitingEntry, *, actor: Actor | None = None, now: datetime | None = None) -> WaitingEntry:
    """Off the list; a time that is offered is free at once. What is known of somebody who never came goes too.

    Once more changes nothing.
    """
    person = Patient.objects.select_for_update(of=("self",)).filter(waiting=entry.pk).first()
    row = locked(entry)
    instant = judged(now)
    act_as(actor)
    if row.state not in ON_THE_LIST:
        return row
    if given := open_offer_of(row):
        give_back(given, Answer.DECLINED, actor=actor, now=instant)
    close(row, Waiting.LEFT, actor=actor, now=instant)
    tell_gone(person)
    return row


def expire_old(*, now: datetime | None = None) -> int:
    """Takes those whose last day is over off the list. An open offer runs out first."""
    instant = judged(now)
    rows = WaitingEntry.objects.filter(
        state=Waiting.WAITING, last_day__lt=instant.astimezone(UTC).date() + timedelta(1)
    )
    count = 0
    for entry in rows.select_related("location"):
        if entry.last_day < instant.astimezone(ZoneInfo(entry.location.timezone)).date():
            count += _expire(entry, instant)
    return count


@one_transaction
def _expire(entry: WaitingEntry, instant: datetime) -> bool:
    person = Patient.objects.select_for_update(of=("self",)).filter(waiting=entry.pk).first()
    row = locked(entry)
    if row.state != Waiting.WAITING or row.last_day != entry.last_day:
        return False
    close(row, Waiting.EXPIRED, actor=None, now=instant)
    tell_gone(person)
    return True


def resume(entry: WaitingEntry, *, actor: Actor | None = None, now: datetime | None = None) -> WaitingEntry:
    """Somebody spoke to them: offers go out again after they had paused."""
    with transaction.atomic():
        row = locked(entry)
        row.unanswered, row.changed_at = 0, judged(now)
        act_as(actor)
        row.save(update_fields=["unanswered", "changed_at"])
        record("waiting.resume", subject=row.ref, actor=actor)
    return row


def switch_offers(location: Location, *, on: bool, actor: Actor | None = None) -> None:
    """Whether freed times of a location are offered by themselves."""
    with transaction.atomic():
        Location.objects.filter(pk=location.pk).update(offers_freed_times=on)
        record("waiting.switch", subject=f"location:{location.pk}", actor=actor, detail={"on": on})


# What offers and the list share; the caller holds the transaction.


def locked(entry: WaitingEntry, *, skip: bool = False) -> WaitingEntry | None:
    """The row as it is now, locked until the transaction ends; with `skip`, None while somebody else has it."""
    rows = WaitingEntry.objects.select_for_update(of=("self",), no_key=True, skip_locked=skip)
    rows = rows.select_related("modality", "location", "patient", "practitioner").filter(pk=entry.pk)
    return rows.first() if skip else rows.get()


def open_offer_of(row: WaitingEntry):
    return row.offers.select_related("appointment").filter(answer=Answer.OPEN).first()


def give_back(given, answer: Answer, *, actor: Actor | None, now: datetime) -> None:
    """Ends an open offer that nobody took: its time is free, and it names nobody any more."""
    visit = lifecycle.locked(given.appointment_id)
    if visit.state == State.HELD:
        lifecycle.lapse([visit], now=now)
    detach_patient(visit, actor=actor)
    answered(given, answer, actor=actor, now=now)


def answered(given, answer: Answer, *, actor: Actor | None, now: datetime) -> None:
    given.answer, given.answered_at = answer, now
    given.save(update_fields=["answer", "answered_at"])
    record(f"waiting.{answer.value}", subject=given.entry.ref, actor=actor, detail={"offer": str(given.appointment_id)})


def close(row: WaitingEntry, state: Waiting, *, actor: Actor | None, now: datetime) -> None:
    """Off the list for good, without the person. The link of somebody who took a time goes on leading to it."""
    row.state, row.patient, row.ended_at, row.changed_at = state, None, now, now
    row.save(update_fields=["state", "patient", "ended_at", "changed_at"])
    if state != Waiting.BOOKED:
        revoke_waiting_links(row)
        record(f"waiting.{state.value}", subject=row.ref, actor=actor)


def tell_gone(person: Patient | None) -> None:
    for gone in on_gone if person else ():
        gone(person)
