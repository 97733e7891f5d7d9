"""Visits that are over, and staff who may be paged about them."""

import datetime as dt

from bookings.models import Practitioner
from bookings.services import lifecycle
from clinic.messaging.replies.inbound import accept
from clinic.people.access import Actor
from clinic.people.models import StaffPhone, User
from tests.bookings.cast import at, confirmed, make_patient

VISIT = "2027-03-02 10:00"
OVER = at("2027-03-02 11:15").astimezone(dt.UTC)


def treated(start: str = VISIT, *, over: dt.datetime = OVER, **options):
    """A visit with Ayse that has ended."""
    options.setdefault("patient", make_patient())
    row = confirmed(start, **options)
    for step in (lifecycle.check_in, lifecycle.start_treatment):
        row = step(row, now=over - dt.timedelta(hours=1))
    return lifecycle.finish(row, now=over)


def staff(slug: str, *, phone: str = "") -> User:
    """An account for the practitioner with this slug."""
    user = User.objects.create_user(
        f"{slug}@clinic.example", "long enough password", name=slug.title(), role="practitioner"
    )
    if phone:
        StaffPhone.objects.create(user=user, number=phone)
    Practitioner.objects.filter(resource__slug=slug).update(user=user)
    return user


def by(user: User) -> Actor:
    return Actor(user.role, user=user)


def front_desk(name: str = "Derya") -> User:
    return User.objects.create_user(f"{name.lower()}@clinic.example", "long enough password", name=name, role="desk")


def says(row, body: str, *, sid: str, now: dt.datetime, payload: str = "", **more: str):
    """They write from the phone that we know."""
    fields = {"MessageSid": sid, "From": row.patient.phone, "Body": body} | more
    return accept(fields | ({"ButtonPayload": payload} if payload else {}), now=now)
