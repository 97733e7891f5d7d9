"""A question is sent, answered, added to, closed. The thread is appended to, never edited."""

import datetime as dt
import secrets
import uuid
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.audit.services import acting, record
from clinic.crypto.search import blind_index
from clinic.errors import DomainError, Invalid, NotAllowed, NotFound
from clinic.messaging.consent import record_consent
from clinic.messaging.models.outbox import ALPHABET
from clinic.messaging.replies.red_flags import urgency_of, worst
from clinic.people.access import PRACTITIONER, SYSTEM, Actor
from clinic.people.services import upsert_patient
from consultations.check_ins import speaks_of_trouble
from consultations.enquiry_links import register_enquiry_link
from consultations.enquiry_messages import tell
from consultations.models import Act, Enquiry, EnquiryDraft, EnquiryEntry, Source, Standing
from consultations.selectors.enquiries import due_after
from consultations.services.adverse import report
from consultations.services.photos import hand_over

AFTER = {
    Act.ANSWER: Standing.ANSWERED,
    Act.INVITE: Standing.ANSWERED,
    Act.MORE: Standing.ASKED,
    Act.CLOSE: Standing.CLOSED,
}
"""What a practitioner may do, and where the enquiry stands then."""
REPLIES = 20
MAY_BE_TROUBLE = {"after", "other"}
"""Concerns that may be about something that went wrong."""
WORDS = ("words", "goals", "tried", "health")
"""Fields of ``content`` in somebody's own words, which are looked through for red flags."""


@transaction.atomic
def send_enquiry(
    draft: EnquiryDraft,
    *,
    content: dict[str, Any],
    name: str,
    phone: str,
    email: str = "",
    whatsapp: bool = False,
    language: str,
    now: dt.datetime | None = None,
) -> Enquiry:
    """Turns a draft into an enquiry of the person with this name behind this number, and tells them that it came.

    ``phone`` is E.164 and must be the one a code went to: a number alone is no proof, and whoever types somebody else's
    reaches no record. Raises DomainError ``already_sent`` for a draft that is gone, ``not_proven``.
    """
    now = now or timezone.now()
    row = EnquiryDraft.objects.select_for_update().filter(pk=draft.pk).first()
    if row is None:
        raise DomainError("already_sent", _("This was sent already, or is no longer here."))
    if not row.proven_phone or row.proven_phone != blind_index("phone", phone):
        raise DomainError("not_proven", _("Please enter the code that we sent to your phone first."))
    patient = upsert_patient(name=name, phone=phone, email=email, language=language)
    actor = Actor("patient", patient_id=str(patient.pk))
    with acting(actor):
        if whatsapp:
            record_consent(patient.pk, channel="whatsapp", purpose="care", granted=True, source="enquiry", now=now)
        enquiry = Enquiry.objects.create(
            reference=new_reference(),
            patient=patient,
            language=language,
            wish=content.get("wish", "answer"),
            urgency=urgency_in(content),
            content=content,
            sent_at=now,
            waiting_since=now,
            due_at=due_after(now),
            touched_at=now,
        )
        entry = EnquiryEntry.objects.create(enquiry=enquiry, number=1, act=Act.SENT, at=now)
        hand_over(row, to=enquiry)
        row.delete()
        register_enquiry_link(enquiry, now=now)
        record("enquiry.send", subject=enquiry.ref, actor=actor)
        tell(entry, enquiry=enquiry, now=now)
    return enquiry


@transaction.atomic
def answer_enquiry(
    enquiry_id: uuid.UUID, *, act: str, text: str, seen: int, actor: Actor, now: dt.datetime | None = None
) -> EnquiryEntry:
    """A practitioner's word: answer, invite, more or close. The patient is told in the same transaction.

    ``seen`` is the number of the last entry that the practitioner had before them: when another came between,
    DomainError ``already_answered`` says whose, and nothing is saved. Raises Invalid without words or for another act,
    DomainError ``enquiry_closed``, NotAllowed, NotFound.
    """
    now = now or timezone.now()
    if actor.kind != PRACTITIONER or actor.user is None:
        raise NotAllowed
    fields = {}
    if act not in list(AFTER):
        fields["act"] = [_("Choose what should happen.")]
    if not text.strip():
        fields["text"] = [_("Write what the patient will read.")]
    if fields:
        raise Invalid(fields)
    enquiry = locked(enquiry_id)
    last = _last(enquiry)
    if last.number != seen:
        raise _overtaken(last)
    if enquiry.standing == Standing.CLOSED:
        raise _closed()
    with acting(actor):
        entry = _append(enquiry, act, text, by=actor.user, now=now)
        _stand(enquiry, AFTER[Act(act)], now=now)
        enquiry.taken_by = actor.user
        enquiry.save()
        register_enquiry_link(enquiry, now=now)
        record("enquiry.answer", subject=enquiry.ref, actor=actor, detail={"act": act})
        tell(entry, enquiry=enquiry, now=now)
    return entry


@transaction.atomic
def reply(
    enquiry_id: uuid.UUID, *, text: str, has_photos: bool = False, actor: Actor | None, now: dt.datetime | None = None
) -> EnquiryEntry:
    """The patient adds words or photos; the enquiry waits for a practitioner (again). Words of trouble after a treatment
    are an adverse event too, and are taken in whatever else would not be: closed, or full.

    Raises Invalid for nothing at all, DomainError ``enquiry_closed``, ``enquiry_full``, ``event_full``.
    """
    now = now or timezone.now()
    if not text.strip() and not has_photos:
        raise Invalid({"text": [_("Write something, or add a photo.")]})
    enquiry = locked(enquiry_id)
    in_trouble = enquiry.is_check_in and speaks_of_trouble(text)
    if enquiry.standing == Standing.CLOSED and not in_trouble:
        raise _closed()
    if enquiry.entries.filter(by=None).count() > REPLIES and not in_trouble:
        raise DomainError("enquiry_full", _("This has become long. Please call us, and we talk about it."))
    with acting(actor):
        entry = _append(enquiry, Act.REPLY, text, by=None, now=now)
        _stand(enquiry, Standing.WAITING, now=now)
        said = urgency_of(text) if enquiry.is_check_in else urgency_in(enquiry.content, text=text)
        enquiry.urgency = worst([enquiry.urgency, said])
        enquiry.save()
        register_enquiry_link(enquiry, now=now)
        record("enquiry.reply", subject=enquiry.ref, actor=actor)
        if in_trouble:
            about = {"appointment": enquiry.visit, "source": Source.PAGE, "words": text}
            report(enquiry.patient, actor=actor or SYSTEM, now=now, **about)
    return entry


@transaction.atomic
def take(enquiry_id: uuid.UUID, *, instead_of: int | None, actor: Actor) -> Enquiry:
    """“I'll answer this”, so that two do not write at once. ``instead_of`` is whom the page named, None for nobody.

    Raises DomainError ``taken`` when somebody else took it meanwhile.
    """
    if actor.kind != PRACTITIONER or actor.user is None:
        raise NotAllowed
    enquiry = locked(enquiry_id)
    if enquiry.taken_by_id == actor.user.pk:
        return enquiry
    if enquiry.taken_by_id != instead_of:
        who = enquiry.taken_by.name if enquiry.taken_by else _("A colleague")
        raise DomainError("taken", _("%(who)s has just taken this one.") % {"who": who})
    with acting(actor):
        enquiry.taken_by = actor.user
        enquiry.save()
    return enquiry


def urgency_in(content: dict[str, Any], *, text: str | None = None) -> str:
    """What red-flag words ask for: emergency, same_day, soon, or nothing; in ``text``, else in all of somebody's own words.

    An emergency is one whatever the question is about. The lesser flags are words of trouble after a treatment ("darker",
    "peeling"): who asks about dark spots uses them too, and would be told to call for nothing.
    """
    words = "\n".join(str(content.get(name, "")) for name in WORDS) if text is None else text
    found = urgency_of(words)
    return found if found == "emergency" or MAY_BE_TROUBLE & set(content.get("concerns", [])) else ""


def locked(enquiry_id: uuid.UUID) -> Enquiry:
    """Raises NotFound."""
    row = (
        Enquiry.objects.select_for_update(of=("self",))
        .select_related("patient", "taken_by", "visit__location")
        .filter(pk=enquiry_id)
    )
    if (found := row.first()) is None:
        raise NotFound
    return found


def _append(enquiry: Enquiry, act: str, text: str, *, by: Any, now: dt.datetime) -> EnquiryEntry:
    number = _last(enquiry).number + 1
    return EnquiryEntry.objects.create(enquiry=enquiry, number=number, act=act, text=text.strip(), by=by, at=now)


def _stand(enquiry: Enquiry, standing: Standing, *, now: dt.datetime) -> None:
    if standing != Standing.WAITING:
        enquiry.waiting_since = enquiry.due_at = None
    elif enquiry.standing != Standing.WAITING:
        enquiry.waiting_since, enquiry.due_at = now, due_after(now)
    enquiry.standing, enquiry.touched_at = standing, now
    enquiry.closed_at = now if standing == Standing.CLOSED else None


def _last(enquiry: Enquiry) -> EnquiryEntry:
    return enquiry.entries.select_related("by").order_by("-number").first()


def _overtaken(last: EnquiryEntry) -> DomainError:
    if last.by is None:
        said = _("The patient has just added something. Nothing of yours is lost: read it, then send.")
    else:
        said = _("%(who)s has just answered this one. Nothing of yours was sent.") % {"who": last.by.name}
    return DomainError("already_answered", said)


def _closed() -> DomainError:
    return DomainError("enquiry_closed", _("This question is closed. A new one can be sent at any time."))


def new_reference() -> str:
    return "".join(secrets.choice(ALPHABET) for _i in range(8))
