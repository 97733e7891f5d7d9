"""One-time codes by text message: six digits, ten minutes, five tries, bound to the request that asked for them."""

import datetime as dt
import secrets
import uuid

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.crypto.search import blind_index
from clinic.errors import DomainError, Invalid, TooMany
from clinic.messaging import caps, consent
from clinic.messaging.config import option
from clinic.messaging.models import Channel
from clinic.messaging.plan import send_now
from clinic.people.models import Patient, SignInCode

MINUTES = 10
TRIES = 5
PER_NUMBER, PER_ADDRESS = 3, 10
"""How many codes an hour one number gets, and one network address may ask for."""


def send_code(
    *,
    phone: str,
    language: str,
    address: str = "",
    instead_of: str | None = None,
    strangers: bool = False,
    known: Patient | None = None,
    now: dt.datetime | None = None,
) -> SignInCode:
    """A code for whoever has this number (E.164). An unknown number gets a row too, and no message: nobody can tell.

    ``strangers``: an unknown number gets its text as well, for somebody who proves a number before we know them; a text
    to it and to a known one is the same. ``known``: the page is this patient's own already (their link opened it), so
    that their email may stand in where no text can go. ``instead_of`` is the id of this browser's earlier code, which
    ends. DomainError ``country_not_served`` whoever has the number, TooMany beyond the limits.
    """
    now = now or timezone.now()
    index = blind_index("phone", phone)
    served = consent.country_served(phone)
    if not served and not (known and known.email):
        raise DomainError(
            "country_not_served", _("We can't send a code to numbers of this country. Please call us instead.")
        )
    _refuse_pumping(phone, address, now)
    people = list(Patient.objects.filter(phone_index=index).order_by("created_at")[:2])
    patient = known or (people[0] if people else None)
    row_id, code = uuid.uuid4(), f"{secrets.randbelow(10**6):06}"
    with transaction.atomic():
        if instead_of:
            SignInCode.objects.filter(pk=instead_of, used_at=None).update(used_at=now)
        row = SignInCode.objects.create(
            id=row_id,
            phone_index=index,
            patient=patient,
            code_hash=_hash(row_id, code),
            expires_at=now + dt.timedelta(minutes=MINUTES),
        )
        if patient or strangers:
            # One person's inbox does not prove a number that several share.
            by_email = bool(patient and patient.email and (known or len(people) == 1))
            no_texts = not served or consent.is_stopped(index)
            channel = Channel.EMAIL if by_email and no_texts else Channel.SMS
            to = {"patient": patient} if patient else {"address": phone}
            send_now(
                "sign_in_code",
                key=str(row.pk),
                language=language,
                facts={"code": code, "minutes": str(MINUTES)},
                not_after=row.expires_at,
                now=now,
                channel=channel,
                **to,
            )
    return row


def use_code(code_id: str | None, *, code: str, strangers: bool = False, now: dt.datetime | None = None) -> SignInCode:
    """Spends a try, then the code. Raises Invalid in the same words for a wrong, used, old and unknown one.

    Without ``strangers`` only the code of somebody we know is right: it signs nobody else in.

    The try is counted by one statement before anything is compared, so fifty guesses at once are fifty tries.
    """
    now = now or timezone.now()
    wrong = Invalid(
        {"code": [_("This code is not right, or it is too old. Check it, or ask for a new one.")]}, code="wrong_code"
    )
    try:
        code_id = uuid.UUID(str(code_id))
    except ValueError:
        raise wrong from None
    live = SignInCode.objects.filter(pk=code_id, used_at=None, expires_at__gt=now)
    if not live.filter(tries__lt=TRIES).update(tries=F("tries") + 1):
        raise wrong
    right = live.filter(code_hash=_hash(code_id, code))
    if not strangers:
        right = right.filter(patient__isnull=False)
    if not right.update(used_at=now):
        raise wrong
    return SignInCode.objects.select_related("patient").get(pk=code_id)


def patients_of(code: SignInCode) -> list[Patient]:
    """Everybody with the number that the code went to: a phone may be shared in a family."""
    return list(Patient.objects.filter(phone_index=code.phone_index).order_by("created_at"))


def _hash(code_id: uuid.UUID, code: str) -> str:
    return blind_index("sign-in-code", f"{code_id}:{code}")


def _refuse_pumping(phone: str, address: str, now: dt.datetime) -> None:
    """Every request counts, whoever has the number. A range of numbers is one number to somebody who earns by it."""
    within = caps.may_ask(
        "code", phone=phone, address=address, by_number=PER_NUMBER, by_address=PER_ADDRESS,
        by_prefix=option("hourly_codes_per_prefix"), now=now,
    )  # fmt: skip
    if not within:
        raise TooMany(
            _("Several codes were asked for already. Please wait an hour, or call us."), code="too_many_codes"
        )
