"""The API's shapes: what is read from a request, and how a booking and free times are written."""

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from bookings.book import Names
from bookings.models import Appointment
from bookings.selectors import FreeTimes
from bookings.states import Clearance, State
from treatments.models import Area

LONGEST_RANGE = 62
YEARS = range(2000, 2200)
OTHER_YEAR = _("Please check the year.")
SLUG = re.compile(r"[-a-zA-Z0-9_]{1,64}")
GENDERS = ("woman", "man")
LANGUAGES = [code for code, _name in settings.LANGUAGES]
NOT_A_SLUG = _("Use letters, digits, hyphens and underscores only.")


@dataclass(frozen=True, slots=True)
class AvailabilityQuery:
    treatment: str
    areas: list[str]
    first: date
    last: date
    practitioner: str | None
    location: str | None
    gender: str | None
    consult: bool
    video: bool
    bookable_from: date | None

    @classmethod
    def read(cls, given: QueryDict) -> "AvailabilityQuery":
        """By hand, as this is asked most: a serializer's set-up costs more than the answer. Raises ValidationError."""
        wrong: dict[str, list] = {}
        areas = [area for part in given.getlist("areas") for area in part.split(",") if area]
        for name, value in (("treatment", given.get("treatment")), ("areas", areas)):
            if not value:
                wrong[name] = [_("This is needed.")]
        days = {name: cls._day(given.get(name, ""), name, wrong) for name in ("from", "to")}
        first, last = days["from"], days["to"]
        if first and last and last < first:
            wrong["to"] = [_("The last day lies before the first.")]
        elif first and last and (last - first).days >= LONGEST_RANGE:
            wrong["to"] = [_("Ask for at most 62 days at once.")]
        gender = given.get("gender") or None
        flags = {name: given.get(name, "") for name in ("consult", "video")}
        first_possible = (
            cls._day(given["bookable_from"], "bookable_from", wrong) if given.get("bookable_from") else None
        )
        if gender not in (None, *GENDERS):
            wrong["gender"] = [_("Ask for woman or man, or leave it out for anyone.")]
        wrong |= {name: [_("Say true or false.")] for name, said in flags.items() if said not in ("", "true", "false")}
        if wrong:
            raise serializers.ValidationError(wrong)
        practitioner, location = (given.get(name) or None for name in ("practitioner", "location"))
        slugs = {
            "treatment": [given["treatment"]],
            "areas": areas,
            "practitioner": [practitioner],
            "location": [location],
        }
        for name, values in slugs.items():
            if not all(SLUG.fullmatch(value) for value in values if value):
                raise serializers.ValidationError({name: [NOT_A_SLUG]})
        consult, video = (said == "true" for said in flags.values())
        return cls(
            given["treatment"], areas, first, last, practitioner, location, gender, consult, video, first_possible
        )

    @staticmethod
    def _day(text: str, name: str, wrong: dict[str, list]) -> date | None:
        try:
            day = date.fromisoformat(text)
            if day.year in YEARS:
                return day
            wrong[name] = [OTHER_YEAR]
            return None
        except ValueError:
            wrong[name] = [_("Give a day like 2027-03-01.") if text else _("This is needed.")]
            return None


class DaySerializer(serializers.Serializer):
    date = serializers.DateField()
    starts = serializers.ListField(child=serializers.DateTimeField())


class FreeTimesSerializer(serializers.Serializer):
    timezone = serializers.CharField()
    days = DaySerializer(many=True)


class StartField(serializers.DateTimeField):
    """An instant with its offset: a time without one could mean two."""

    def to_internal_value(self, value: Any) -> datetime:
        try:
            parsed = datetime.fromisoformat(value) if isinstance(value, str) else None
        except ValueError:
            parsed = None
        if parsed is None:
            self.fail("invalid", format="2027-03-01T09:00:00+03:00")
        if parsed.tzinfo is None:
            raise serializers.ValidationError(_("Give the time with its offset, like 2027-03-01T09:00:00+03:00."))
        if parsed.year not in YEARS:
            raise serializers.ValidationError(OTHER_YEAR)
        return parsed


class BookingRequest(serializers.Serializer):
    treatment = serializers.SlugField()
    areas = serializers.ListField(child=serializers.SlugField(), min_length=1, max_length=20)
    start = StartField()
    practitioner = serializers.SlugField(required=False, allow_null=True)
    location = serializers.SlugField(required=False, allow_null=True)
    gender = serializers.ChoiceField(
        choices=GENDERS, required=False, allow_null=True, help_text="Of the practitioner. Left out: anyone."
    )
    consult = serializers.BooleanField(default=False, help_text="A consultation first, in the same visit.")
    video = serializers.BooleanField(default=False, help_text="By video; a consultation only.")
    bookable_from = serializers.DateField(
        required=False, allow_null=True, help_text="As `screen` answered: nothing before this day is held."
    )
    language = serializers.ChoiceField(choices=LANGUAGES, required=False)

    @classmethod
    def plain(cls, data: Any) -> dict[str, Any] | None:
        """A well-formed request read by hand, since a serializer's set-up costs as much as the booking; None for any
        other, which the serializer then says what is wrong with."""
        if type(data) is not dict or not data.keys() <= cls._declared_fields.keys():
            return None
        areas = data.get("areas")
        slugs = [data.get(name) for name in ("practitioner", "location")]
        fine = (
            type(areas) is list
            and 0 < len(areas) <= 20
            and all(isinstance(one, str) and SLUG.fullmatch(one) for one in [data.get("treatment"), *areas])
            and all(one is None or (isinstance(one, str) and SLUG.fullmatch(one)) for one in slugs)
            and data.get("gender") in (None, *GENDERS)
            and data.get("consult", False) in (True, False)
            and data.get("video", False) in (True, False)
            and data.get("bookable_from") is None
            and data.get("language", LANGUAGES[0]) in LANGUAGES
            and isinstance(data.get("start"), str)
        )
        try:
            return data | {"start": StartField().to_internal_value(data["start"])} if fine else None
        except serializers.ValidationError:
            return None


class PatientRequest(serializers.Serializer):
    name = serializers.CharField(max_length=160)
    phone = serializers.CharField(max_length=40)
    email = serializers.EmailField(required=False, allow_blank=True)
    date_of_birth = serializers.DateField()
    language = serializers.ChoiceField(choices=[code for code, _name in settings.LANGUAGES], required=False)
    consents = serializers.DictField(
        child=serializers.BooleanField(),
        required=False,
        help_text="whatsapp, extra (a reminder two hours before), marketing. What is left out stays as it is.",
    )


class MoveRequest(serializers.Serializer):
    start = StartField()
    practitioner = serializers.SlugField(required=False, allow_null=True)
    video = serializers.BooleanField(required=False, help_text="By video, or in the clinic again. Left out: as it is.")


class BookingSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    reference = serializers.CharField()
    state = serializers.ChoiceField(choices=State.choices)
    clearance = serializers.ChoiceField(choices=Clearance.choices)
    version = serializers.IntegerField()
    treatment = serializers.SlugField()
    areas = serializers.ListField(child=serializers.SlugField())
    consult = serializers.BooleanField(help_text="Begins with a consultation.")
    video = serializers.BooleanField(help_text="By video: there is no room.")
    start = serializers.DateTimeField(help_text="When to come.")
    end = serializers.DateTimeField(help_text="When the treatment is over.")
    timezone = serializers.CharField()
    practitioner = serializers.SlugField()
    practitioner_name = serializers.CharField()
    room = serializers.SlugField(allow_null=True)
    location = serializers.SlugField()
    hold_expires_at = serializers.DateTimeField(allow_null=True)
    form_due_at = serializers.DateTimeField(allow_null=True)
    bookable_from = serializers.DateField(allow_null=True)
    price = serializers.DecimalField(max_digits=10, decimal_places=2)
    currency = serializers.CharField()


class NewBookingSerializer(BookingSerializer):
    token = serializers.CharField(help_text="Bearer token of this booking. Shown once.")


class ProblemSerializer(serializers.Serializer):
    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.CharField()
    nearest = serializers.ListField(child=serializers.DateTimeField(), required=False)


# A serializer's `fields` is its own; the document's field of that name is declared past it.
ProblemSerializer._declared_fields["fields"] = serializers.DictField(
    child=serializers.ListField(child=serializers.CharField()), required=False
)


def names_of(row: Appointment) -> Names:
    return Names(
        practitioner=row.practitioner.slug,
        practitioner_name=str(row.practitioner.practitioner),
        room=row.room.slug if row.room else None,
        location=row.location.slug,
        timezone=row.location.timezone,
    )


def booking_document(
    row: Appointment, *, areas: Iterable[Area] | None = None, names: Names | None = None
) -> dict[str, Any]:
    """One booking as the API writes it: place and time, never an answer. `names` where they are known already."""
    names = names or names_of(row)
    zone = ZoneInfo(names.timezone)

    def local(instant: datetime | None) -> str | None:
        return instant.astimezone(zone).isoformat(timespec="seconds") if instant else None

    return {
        "id": str(row.pk),
        "reference": row.reference,
        "state": row.state,
        "clearance": row.clearance,
        "version": row.version,
        "treatment": row.modality.slug,
        "areas": [area.slug for area in (row.areas.all() if areas is None else areas)],
        "consult": row.talk_end is not None,
        "video": row.by_video,
        "start": local(row.start),
        "end": local(row.treatment_end),
        **asdict(names),
        "hold_expires_at": local(row.hold_expires_at),
        "form_due_at": local(row.form_due_at),
        "bookable_from": row.bookable_from.isoformat() if row.bookable_from else None,
        "price": str(row.price),
        "currency": row.currency,
    }


def free_times_document(found: FreeTimes) -> dict[str, Any]:
    return {
        "timezone": found.timezone,
        "days": [
            {"date": day.isoformat(), "starts": [start.isoformat() for start in starts]}
            for day, starts in found.days.items()
        ],
    }
