"""Telephone numbers: any spacing in, E.164 out."""

import phonenumbers
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from clinic.errors import Invalid


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
    """ISO country code, empty where unknown."""
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(e164)) or ""
    except phonenumbers.NumberParseException:
        return ""
