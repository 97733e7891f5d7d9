"""Telephone numbers: any spacing in, E.164 out."""

from functools import lru_cache

import phonenumbers
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from clinic.errors import Invalid

_Type = phonenumbers.PhoneNumberType
# Whoever calls or texts these pays more, and their owner earns by it; or nobody reads a text there.
NO_TEXTS = frozenset(
    {
        _Type.PREMIUM_RATE, _Type.SHARED_COST, _Type.PERSONAL_NUMBER, _Type.UAN, _Type.PAGER, _Type.VOICEMAIL,
        _Type.TOLL_FREE, _Type.UNKNOWN,
    }
)  # fmt: skip


def normalise(raw: str, *, region: str | None = None, field: str = "phone") -> str:
    """E.164 of a number as somebody typed it. Numbers without a country are read as of the clinic's region.

    Raises Invalid with the field's name.
    """
    try:
        number = phonenumbers.parse(raw.strip(), region or settings.PHONE_REGION)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_valid_number(number):
        raise Invalid(
            {
                field: [
                    _("This does not look like a phone number. Type it with its country code, like +90 532 555 01 40.")
                ]
            },
            code="invalid_phone",
        )
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def spaced(e164: str) -> str:
    """The number as people read it out: ``+90 532 555 01 40``."""
    try:
        number = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return e164
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def country_of(e164: str) -> str:
    """ISO country code, empty where unknown: of the number itself, not of its calling code, which countries share."""
    return _told(e164)[0]


def can_get_texts(e164: str) -> bool:
    """Whether this kind of number is a phone people carry, as far as its digits tell. A fixed line passes: many of them
    cannot be told from mobiles."""
    return _told(e164)[1] not in NO_TEXTS


@lru_cache(maxsize=1024)
def _told(e164: str) -> tuple[str, int]:
    """Country and kind of a number, by its digits. Every message asks this several times."""
    try:
        number = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return "", _Type.UNKNOWN
    return phonenumbers.region_code_for_number(number) or "", phonenumbers.number_type(number)
