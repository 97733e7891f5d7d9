"""Why a time can't be had, as a code for software and a sentence for people."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from bookings.availability import Finding
from clinic.dates import say

# Somebody else has it, or has just taken it: another time helps, and the nearest ones are offered.
TAKEN = frozenset({"practitioner_taken", "room_taken", "device_taken"})


@dataclass(frozen=True, slots=True)
class Reason:
    code: str
    sentence: str


def reason(finding: Finding) -> Reason:
    return Reason(finding.code, _sentence(finding.code, finding.detail))


def _day(detail: str) -> str:
    return say(date.fromisoformat(detail), "j F Y")


def not_before_sentence(day: date) -> str:
    return _("We can offer this treatment from %(day)s.") % {"day": say(day, "j F Y")}


def _sentence(code: str, detail: str) -> str:
    who: dict[str, Any] = {"name": detail}
    match code:
        case "off_grid":
            return _("Appointments begin at set times. Please choose one of the times shown.")
        case "past":
            return _("That time has passed. Please choose a later one.")
        case "notice":
            return _("That is too soon to book online. Please choose a later time, or call us.")
        case "too_far":
            return _("That is further ahead than we can book. The last day is %(day)s.") % {"day": _day(detail)}
        case "bookable_from":
            return not_before_sentence(date.fromisoformat(detail))
        case "reflection":
            return _("You have time to think between your consent and this treatment. It can begin on %(day)s.") % {
                "day": _day(detail)
            }
        case "review_lead":
            return _("A practitioner needs time to check the answers first. Please choose a later time.")
        case "answers_lapsed":
            return _(
                "The health answers count for visits until %(day)s. For a later day, please answer the questions again."
            ) % {"day": _day(detail)}
        case "interval":
            return _(
                "Too close to the treatment of the same area on %(day)s. Skin needs time to heal between the two."
            ) % {"day": _day(detail)}
        case "patient_busy":
            return _("There is another appointment for the same person at that time.")
        case "closed":
            return _("The clinic is closed then.")
        case "holiday":
            return _("The clinic is closed on that day.")
        case "nobody_offers":
            return _("Nobody offers this treatment there.")
        case "practitioner_missing":
            return _("No practitioner offers this treatment there.")
        case "practitioner_off":
            return _("%(name)s does not work then.") % who if detail else _("No practitioner for it works then.")
        case "practitioner_away":
            return _("%(name)s is away then.") % who if detail else _("The practitioners for it are away then.")
        case "practitioner_break":
            return _("%(name)s has a break then.") % who if detail else _("The practitioners for it have a break then.")
        case "practitioner_taken":
            return _("%(name)s has another patient then.") % who if detail else _("Every practitioner is taken then.")
        case "room_missing":
            return _("No room suits this treatment.")
        case "room_taken":
            return _("%(name)s is in use then.") % who if detail else _("Every suitable room is in use then.")
        case "room_off":
            return _("No suitable room is available then.")
        case "room_away":
            return _("%(name)s is out of use then.") % who if detail else _("Every suitable room is out of use then.")
        case "device_missing":
            return _("There is no device for this treatment.")
        case "device_taken":
            return _("%(name)s is in use then.") % who if detail else _("Every suitable device is in use then.")
        case "device_off":
            return _("No suitable device is available then.")
        case "device_away":
            return _("%(name)s is out of use then.") % who if detail else _("Every suitable device is out of use then.")
    raise KeyError(code)
