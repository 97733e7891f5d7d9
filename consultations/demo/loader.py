"""Writes the demo clinic through the product's own services, each act at the time it would have happened."""

import datetime as dt
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from bookings.models import Appointment, Device, Location, OpeningHours, Practitioner, Resource, Room, WorkingHours
from bookings.selectors.free_times import free_starts
from bookings.services import holds, lifecycle
from bookings.states import CancelReason
from clinic.errors import DomainError
from clinic.messaging.consent import record_consent
from clinic.messaging.demo_history import show_as_delivered, write_from
from clinic.people.access import Actor
from clinic.people.models import Patient, StaffPhone, User
from clinic.people.services import upsert_patient
from consultations import journey
from consultations.consent_words import consent_words
from consultations.demo import cast
from consultations.demo.check_ins import load_check_in
from consultations.demo.diary import Visit, visits
from consultations.demo.plans import load_plans
from consultations.demo.questions import load_questions
from consultations.frame import areas_of
from consultations.questionnaire import current
from consultations.questionnaire.asking import questions_for
from consultations.questionnaire.definition import DATE_OF_BIRTH, Kind
from consultations.selectors.questionnaire import published_version
from consultations.services import consent, intake, review
from treatments.models import Modality
from treatments.selectors import visit_plan

DESK_TIME = dt.timedelta(minutes=6)
TRIES = 6  # somebody else comes where this patient was treated too recently


@transaction.atomic
def load_clinic() -> Location:
    """People, rooms, devices and hours."""
    location = Location.objects.create(**cast.LOCATION)
    for weekday, (opens, closes) in cast.OPENING.items():
        OpeningHours.objects.create(location=location, weekday=weekday, opens=opens, closes=closes)
    for email, name, role, language in cast.STAFF:
        User.objects.create_user(email, cast.PASSWORD, name=name, role=role, language=language)
    for person in cast.PRACTITIONERS:
        user = User.objects.create_user(
            person["email"],
            cast.PASSWORD,
            name=f"{person['title']} {person['name']}".strip(),
            role="practitioner",
            may_override=person.get("may_override", False),
        )
        if "page_phone" in person:
            StaffPhone.objects.create(user=user, number=person["page_phone"])
        resource = Resource.objects.create(
            kind="practitioner", name=person["name"], slug=person["slug"], location=location
        )
        row = Practitioner.objects.create(
            resource=resource,
            user=user,
            title=person["title"],
            gender=person["gender"],
            bio=person["bio"],
            registration=person["registration"],
        )
        row.skills.set(Modality.objects.filter(slug__in=person["skills"]))
        WorkingHours.objects.bulk_create(
            WorkingHours(resource=resource, weekday=weekday, starts=starts, ends=ends)
            for weekday, stretches in person["hours"].items()
            for starts, ends in stretches
        )
    for slug, name, suits in cast.ROOMS:
        resource = Resource.objects.create(kind="room", name=name, slug=slug, location=location)
        Room.objects.create(resource=resource).suits.set(Modality.objects.filter(slug__in=suits))
    for slug, name, serves, make, model, serial in cast.DEVICES:
        resource = Resource.objects.create(kind="device", name=name, slug=slug, location=location)
        row = Device.objects.create(resource=resource, make=make, model=model, serial=serial)
        row.serves.set(Modality.objects.filter(slug__in=serves))
    return location


def load_patients() -> list[Patient]:
    people = []
    for number, (name, language, year) in enumerate(cast.PATIENTS):
        patient = upsert_patient(
            name=name,
            phone=f"+9053255502{number:02}",
            email=f"patient{number:02}@example.com",
            date_of_birth=dt.date(year, number % 12 + 1, number % 27 + 1),
            language=language,
        )
        record_consent(patient.pk, channel="whatsapp", purpose="care", granted=True, source="demo")
        people.append(patient)
    return people


def quiet_answers(modality: str, areas: dict[str, str], *, born: dt.date, **other: str) -> dict[str, str]:
    """A form in which nothing is flagged, but for ``other``. Keys this treatment does not ask for are left out."""
    questionnaire = current()
    answers: dict[str, str] = {}
    for question in questions_for(questionnaire, modality=modality, areas=areas, stage="full"):
        if question.id == DATE_OF_BIRTH:
            answers[question.id] = born.isoformat()
        elif question.kind == Kind.TEXT:
            answers[question.id] = other.get(question.id, "")
        else:
            answers[question.id] = other.get(question.id, next(iter(question.fine), question.options[0]))
        follow = question.follow_up
        if follow and answers[question.id] in follow.when and follow.id in other:
            answers[follow.id] = other[follow.id]
    return answers


def make(visit: Visit, patient: Patient, *, now: dt.datetime, desk: Actor) -> str:
    """One visit with its whole story so far. Returns its state, or the code of why it could not be made."""
    plan = visit_plan(modality=visit.modality, areas=visit.areas)
    zone = ZoneInfo(cast.LOCATION["timezone"])
    noon = dt.datetime.combine(visit.day, dt.time(11, visit.patient % 60), zone)
    booked = min(noon - dt.timedelta(days=visit.booked), now - dt.timedelta(hours=3))
    if visit.fate == "reserved":
        booked = now - dt.timedelta(minutes=25)
    free = free_starts(plan=plan, first=visit.day, last=visit.day, practitioner=visit.practitioner, now=booked)
    starts = free.days.get(visit.day, [])
    if not starts:
        return "full"
    try:
        row = holds.hold_slot(
            plan=plan,
            start=starts[int(visit.pick * len(starts))],
            practitioner=visit.practitioner,
            language=patient.language,
            now=booked,
        )
        row = lifecycle.reserve(row, patient=patient, now=booked + DESK_TIME / 3)
    except DomainError as refusal:
        return refusal.code
    if visit.fate == "reserved":
        return row.state
    return _fill_in(row, visit, patient, now=now, at=booked + DESK_TIME, desk=desk)


def _fill_in(row, visit: Visit, patient: Patient, *, now: dt.datetime, at: dt.datetime, desk: Actor) -> str:
    actor = Actor("patient", patient_id=str(patient.pk))
    answers = quiet_answers(visit.modality, areas_of(row), born=patient.date_of_birth, **visit.answers)
    submission, _verdict = intake.submit(
        row, answers=answers, version=published_version().version, language=patient.language, actor=actor, now=at
    )
    row.refresh_from_db()
    if journey.wants_consent(row):
        words = consent_words(visit.modality, patient.language)
        consent.give_consent(
            row,
            version=words.version,
            typed_name=patient.name,
            language=patient.language,
            photos=visit.patient % 3 == 0,
            actor=actor,
            now=at,
        )
    row = journey.settle(row, actor=actor, now=at)
    if row.state == "pending_review" and visit.fate != "pending":
        reviewer = User.objects.get(practitioner__resource=row.practitioner_id)
        review.decide(
            submission,
            decision="precautions",
            seen=None,
            precautions="Check the skin together before numbing.",
            desk_note="Allow 10 minutes more.",
            actor=Actor("practitioner", user=reviewer),
            now=min(at + dt.timedelta(hours=5), now),
        )
        row.refresh_from_db()
    return _bring_to_today(row, visit, now=now, desk=desk)


def _bring_to_today(row, visit: Visit, *, now: dt.datetime, desk: Actor) -> str:
    """What happened since: arrivals, treatments, cancellations."""
    if row.state != "confirmed":
        return row.state
    if visit.fate == "cancelled":
        return lifecycle.cancel(row, reason=CancelReason.PATIENT, now=min(row.start - dt.timedelta(days=1), now)).state
    if visit.fate == "no_show" and row.end <= now:
        return lifecycle.mark_no_show(row, actor=desk, now=row.start + dt.timedelta(minutes=30)).state
    steps = (
        (row.start - DESK_TIME, lifecycle.check_in),
        (row.treatment_start, lifecycle.start_treatment),
        (row.treatment_end, lifecycle.finish),
    )
    for moment, step in steps:
        if moment <= now:
            row = step(row, actor=desk, now=moment)
    return row.state


def load_replies(*, now: dt.datetime) -> None:
    """One patient after a visit is sore; two who are coming ask something."""
    sore = Appointment.objects.filter(state="done").order_by("-start")[:1]
    coming = Appointment.objects.filter(state="confirmed", start__gt=now).exclude(patient__in=sore.values("patient"))
    asking = zip(coming.order_by("start")[:2], (cast.LATER, cast.PARKING), strict=False)
    for ago, (visit, said) in enumerate([(visit, cast.SORE) for visit in sore] + list(asking)):
        patient = visit.patient
        write_from(patient.phone, said[patient.language], at=now - dt.timedelta(minutes=12 + 9 * ago))


def load(*, now: dt.datetime | None = None) -> dict[str, int]:
    """The whole demo. Returns how many visits stand in which state."""
    now = now or timezone.now()
    load_clinic()
    people = load_patients()
    desk = Actor("desk", user=User.objects.get(email="desk@dermastudio.example"))
    today = now.astimezone(ZoneInfo(cast.LOCATION["timezone"])).date()
    counts: dict[str, int] = {}
    for visit in visits(today):
        for step in range(TRIES):
            state = make(visit, people[(visit.patient + step * 11) % len(people)], now=now, desk=desk)
            if state not in ("interval", "patient_busy"):
                break
        counts[state] = counts.get(state, 0) + 1
    load_plans(now=now)
    show_as_delivered(now=now)
    load_replies(now=now)
    load_questions(now=now)
    load_check_in(now=now)
    show_as_delivered(now=now)
    return counts
