"""Every address of the product with sample ids, generated from the URL table."""

import re
import uuid
from dataclasses import dataclass

from tests.clinic.people.test_access import ROUTES, actions_of

UNKNOWN = "00000000-0000-4000-8000-000000000000"


@dataclass(frozen=True)
class Route:
    pattern: str
    action: str

    def path(self, world, *, of=None) -> str:
        """The address with the ids of ``of`` (Mia's, unless said otherwise)."""
        return "/" + re.sub(
            r"<(?:(\w+):)?(\w+)>", lambda found: self._value(found[2], world, of or world.mia), self.pattern
        )

    def _value(self, name: str, world, person) -> str:
        if name == "pk":
            return str(person.patient.pk if self.pattern.startswith(("desk/p/", "desk/messages/")) else person.visit.pk)
        if name == "token" and self.pattern.startswith("w/"):
            return person.waiting_token
        if name == "token" and self.pattern.startswith("e/"):
            return person.enquiry_token
        if name == "token" and self.pattern.startswith("r/"):
            return person.reminder_token
        if name == "token" and self.pattern.startswith("p/"):
            return person.plan_token
        if name == "photo_id" and self.pattern.startswith("events/"):
            return str(person.event_photo.pk)
        return {
            "event_id": str(person.event.pk),
            "appointment_id": str(person.visit.pk),
            "enquiry_id": str(person.enquiry.pk),
            "photo_id": str(person.photo.pk),
            "size": "thumb",
            "user_id": str(world.ayse.pk),
            "kind": "reminder_24h",
            "language": "en",
            "plan_id": str(person.plan.pk),
            "entry_id": str(person.entry.pk),
            "identifier": str(person.visit.pk),
            "token": person.token,
            "course_id": str(person.course.pk),
            "decision_id": str(uuid.UUID(int=9)),
            "patient_id": str(person.patient.pk),
            "consent_id": str(person.consent.pk),
            "submission_id": str(person.submission.pk),
            "message_id": str(person.stuck.pk),
            "phone_id": str(person.phone.pk),
            "attempt_id": str(uuid.UUID(int=7)),
            "date": "2027-03-08",
            "practitioner": "ayse",
            "step": "no-show",
            "page": "medicines_history",
            "slug": "pen",
        }[name]

    @property
    def is_api(self) -> bool:
        return self.pattern.startswith("api/")


EVERY = [Route(pattern, actions_of(callback)[0]) for pattern, callback in ROUTES if not pattern.startswith("look/")]
