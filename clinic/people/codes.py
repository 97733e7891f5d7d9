"""One-time codes by text message: six digits, ten minutes, five tries, bound to the request that asked for them."""

import datetime as dt
import secrets
import uuid

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.crypto.search import blind_index
from clinic.errors import Invalid, TooMany
from clinic.messaging import limits
from clinic.messaging.models import Channel
from clinic.messaging.plan import send_now
from clinic.people.models import Patient, SignInCode

MINUTES = 10
TRIES = 5
HOUR = dt.timedelta(hours=1)
PER_NUMBER, PER_ADDRESS = 3, 10
"""How many codes an hour one number gets, and one network address may ask for."""


def send_code(
    *,
    phone: str,
    language: str,
    address: str = "",
    instead_of: str | None = None,
    strangers: bool = False,
    now: dt.datetime | None = None,
) -> SignInCode:
    """A code for whoever has this number (E.164). An unknown number gets a row too, and no message: nobody can tell.

    ``strangers``: an unknown number gets its text as well, for somebody who proves a number before we know them; a text
    to it and to a known one is the same. ``instead_of`` is the id of this browser's earlier code, which ends. TooMany
    beyond the limits.
    """
    now = now or timezone.now()
    index = blind_index("phone", phone)
    _refuse_pumping(index, address, now)
    patient = Patient.objects.filter(phone_index=index).order_by("created_at").first()
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
            to = {"patient": patient} if patient else {"channel": Channel.SMS, "address": phone}
            send_now(
                "sign_in_code",
                key=str(row.pk),
                language=language,
                facts={"code": code, "minutes": str(MINUTES)},
                not_after=row.expires_at,
                now=now,
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


def _refuse_pumping(index: str, address: str, now: dt.datetime) -> None:
    if not settings.RATE_LIMITS:
        return
    asked = [limits.take(f"code:number:{index}", limit=PER_NUMBER, window=HOUR, now=now)]
    if address:
        asked.append(
            limits.take(f"code:address:{blind_index('address', address)}", limit=PER_ADDRESS, window=HOUR, now=now)
        )
    if not all(asked):
        raise TooMany(
            _("Several codes were asked for already. Please wait an hour, or call us."), code="too_many_codes"
        )
