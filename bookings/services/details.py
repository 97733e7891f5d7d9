"""A hold gets a person: who they are, how to reach them, what they agreed to; all of it or none."""

from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _

from bookings.models import Appointment
from bookings.services import lifecycle
from bookings.services.locks import one_transaction
from clinic.errors import Invalid
from clinic.messaging.consent import record_consent
from clinic.people import phones
from clinic.people.access import Actor
from clinic.people.services import upsert_patient

# What somebody may agree to when booking: (channel, purpose).
CONSENTS = {"whatsapp": ("whatsapp", "care"), "extra": ("any", "extra"), "marketing": ("any", "marketing")}
OLDEST = date(1900, 1, 1)


def give_details(
    appointment: Appointment,
    *,
    name: str,
    phone: str,
    email: str = "",
    date_of_birth: date | None = None,
    language: str = "en",
    consents: Mapping[str, bool] | None = None,
    source: str = "booking",
    actor: Actor | None = None,
    now: datetime | None = None,
) -> Appointment:
    """Held → reserved for this person. Raises Invalid with every field that is wrong, and what `reserve` refuses."""
    number = _checked(appointment, name=name, phone=phone, date_of_birth=date_of_birth, now=now)
    person = {"name": name, "phone": number, "email": email, "date_of_birth": date_of_birth, "language": language}
    return _give(appointment, person, consents or {}, source, actor, now)


@one_transaction
def _give(appointment, person, consents, source, actor, now) -> Appointment:
    patient = upsert_patient(**person)
    for key, (channel, purpose) in CONSENTS.items():
        if key in consents:
            record_consent(
                patient.pk, channel=channel, purpose=purpose, granted=bool(consents[key]), source=source, now=now
            )
    return lifecycle.reserve(appointment, patient=patient, language=person["language"], actor=actor, now=now)


def _checked(
    appointment: Appointment, *, name: str, phone: str, date_of_birth: date | None, now: datetime | None
) -> str:
    """The phone number in E.164. Collects what is wrong with every field before refusing."""
    wrong: dict[str, list] = {}
    number = ""
    if len("".join(ch for ch in name if ch.isalpha())) < 2:
        wrong["name"] = [_("Please give your full name.")]
    try:
        number = phones.normalise(phone)
    except Invalid as refusal:
        wrong |= refusal.fields
    today = (now or timezone.now()).astimezone(ZoneInfo(appointment.location.timezone)).date()
    if date_of_birth is not None and date_of_birth > today:
        wrong["date_of_birth"] = [_("This date of birth is in the future. Please check the year.")]
    elif date_of_birth is not None and date_of_birth < OLDEST:
        wrong["date_of_birth"] = [_("Please check the year of this date of birth.")]
    if wrong:
        raise Invalid(wrong)
    return number
