"""What answers do on this floor: "has anything changed?", "how is your skin?", and words that ask for help."""

from django.conf import settings

from bookings.messages import facts_of
from bookings.replies import appointment_of, patient_actor
from clinic.errors import DomainError
from clinic.messaging.models import Reply
from clinic.messaging.replies.answering import on_read
from clinic.messaging.replies.hearing import Answer, ReplyEvent, on_reply, on_urgent
from clinic.people.access import PRACTITIONER, Actor
from consultations.adverse_links import wrong_path
from consultations.models import AdverseEvent, Source
from consultations.services.adverse import last_treated_visit, report, take_on
from consultations.services.changes import report_change, report_unchanged


def hear_changes(event: ReplyEvent) -> Answer | None:
    """None leaves the reply to the desk: no form yet, or the visit is over."""
    row = appointment_of(event)
    if event.choice not in ("same", "changed") or row is None:
        return None
    act = report_unchanged if event.choice == "same" else report_change
    try:
        act(row, actor=patient_actor(event), now=event.now)
    except DomainError:
        return None
    return Answer(f"reply_{event.choice}", facts_of(row))


def hear_worry(event: ReplyEvent) -> Answer | None:
    """ "Not sure" and "worried" lead to the page that asks what it is. The event itself is opened by `open_event`."""
    row = appointment_of(event)
    if event.choice not in ("unsure", "worried") or row is None:
        return None
    facts = facts_of(row) | {"link": wrong_path(row), "emergency": settings.EMERGENCY_NUMBER}
    return Answer(f"reply_{event.choice}", facts, handled=False)


def hear_attachment(event: ReplyEvent) -> Answer | None:
    """A photo, a voice message: whoever has been treated is led to the page that takes a photo and asks what it is."""
    visit = last_treated_visit(event.patient.pk, now=event.now) if event.patient and event.reply.attached else None
    if visit is None or event.choice:
        return None
    facts = {"link": wrong_path(visit), "emergency": settings.EMERGENCY_NUMBER}
    return Answer("reply_attached_care", facts, handled=False)


def open_event(event: ReplyEvent) -> None:
    """A red flag in words, or a worry tapped, from somebody who has been treated: an adverse event, and a page if urgent.

    From anybody else the reply alone is urgent; practitioners are paged about it all the same.
    """
    patient = event.patient
    visit = last_treated_visit(patient.pk, now=event.now) if patient else None
    if visit is None:
        return
    asked = appointment_of(event)
    words = "" if event.choice else event.body
    report(
        patient,
        appointment=asked if asked and asked.finished_at else visit,
        source=Source.REPLY,
        words=words,
        more={"choice": event.choice, "reply": str(event.reply.pk)},
        at_least=event.urgency,
        actor=patient_actor(event),
        now=event.now,
    )


def see_event(replies: list[Reply], actor: Actor) -> None:
    """A practitioner who has read all that was reported has seen the event: it pages nobody any more."""
    if actor.kind != PRACTITIONER:
        return
    people = {one.patient_id for one in replies if one.urgency and one.patient_id}
    for event in AdverseEvent.objects.filter(patient__in=people, unseen_since__isnull=False):
        reports = event.entries.exclude(by__role=PRACTITIONER).filter(at__gte=event.unseen_since)
        heard = {entry.content.get("reply") for entry in reports}
        if None not in heard and not Reply.objects.filter(pk__in=heard, unread=True).exists():
            take_on(event.pk, actor=actor)


def register() -> None:
    on_reply(hear_changes, prefix="appointment:")
    on_reply(hear_worry, prefix="appointment:")
    on_reply(hear_attachment)
    on_urgent(open_event)
    on_read(see_event)
