"""Who may be paged and on which ways, and how the newest test went."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import QuerySet

from bookings.models import Practitioner
from clinic.messaging.consent import index_of
from clinic.messaging.models import Channel, Message
from clinic.messaging.states import REFUSED, SETTLED
from clinic.people.models import StaffPhone, User
from clinic.people.roles import Role

TEST = "page_test"
ENDING = 2


@dataclass(frozen=True)
class Pager:
    """Of one who may be paged. ``ending``: the last digits of their number; empty where there is none."""

    user: User
    ending: str = ""


@dataclass(frozen=True)
class Tried:
    """The newest test on one way. ``stand`` and ``way`` as messages say them everywhere."""

    way: str
    stand: str
    at: dt.datetime
    failed: bool


def ref_of(user: User) -> str:
    """What the tests of somebody's pager refer to."""
    return f"pager:{user.pk}"


def ways_to(user: User) -> list[tuple[str, str]]:
    """Channel and address of each way on which a page goes to somebody. One query."""
    number = number_of(user)
    return [(Channel.EMAIL, user.email), *([(Channel.SMS, number)] if number else [])]


def in_the_diary() -> QuerySet[Practitioner]:
    """Those who are paged: active at the clinic, with an active account."""
    return Practitioner.objects.filter(user__is_active=True, resource__active=True).select_related("user", "resource")


def accounts() -> list[User]:
    """Practitioners with an active account, by name, in the diary or not."""
    return list(User.objects.filter(role=Role.PRACTITIONER, is_active=True).order_by("name"))


def pagers() -> list[Pager]:
    """Everybody who may be paged, by name. Two queries."""
    people = [row.user for row in in_the_diary().order_by("resource__name")]
    numbers = {row.user_id: row.number for row in StaffPhone.objects.filter(user__in=people)}
    return [Pager(user, numbers.get(user.pk, "")[-ENDING:]) for user in people]


def number_of(user: User) -> str:
    """E.164, empty where there is none."""
    row = StaffPhone.objects.filter(user=user).first()
    return row.number if row else ""


def has_number(user: User) -> bool:
    return StaffPhone.objects.filter(user=user).exists()


def newest_tests(user: User) -> list[Tried]:
    """The newest test to each address that would be paged now, text message first. Two queries."""
    addresses = {index_of(channel, address) for channel, address in ways_to(user)}
    rows = Message.objects.filter(ref=ref_of(user), kind=TEST, address_index__in=addresses)
    newest = {row.channel: row for row in rows.order_by("created_at")}
    return [
        Tried(
            str(row.get_channel_display()),
            str(row.get_state_display()),
            row.updated_at,
            row.state in REFUSED | SETTLED,
        )
        for channel in (Channel.SMS, Channel.EMAIL)
        if (row := newest.get(channel))
    ]
