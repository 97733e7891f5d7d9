"""The mobile number on which somebody is paged, besides email: set, changed, taken away and tried out."""

import datetime as dt
import uuid

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.audit.services import acting, record
from clinic.errors import Invalid, NotAllowed, NotFound, TooMany
from clinic.messaging import limits
from clinic.messaging.consent import country_served
from clinic.messaging.plan import cancel_pending, send_now
from clinic.people.access import OWNER, SYSTEM, Actor
from clinic.people.models import StaffPhone, User
from clinic.people.phones import normalise
from clinic.people.roles import Role
from consultations.selectors.paging_numbers import TEST, ref_of, ways_to

TESTS, WINDOW = 5, dt.timedelta(hours=1)
"""Tests of one pager."""


def person_of(user_id: int) -> User:
    """Somebody who may be paged. Raises NotFound."""
    user = User.objects.filter(pk=user_id, role=Role.PRACTITIONER, is_active=True).first()
    if user is None:
        raise NotFound
    return user


@transaction.atomic
def set_number(user: User, typed: str, *, actor: Actor) -> str:
    """Returns the number as E.164. Audited without it. A test of an old number that has not left yet is not sent.

    Raises Invalid ``phone`` for a number that is none, or that we send no texts to; NotAllowed.
    """
    _check(user, actor)
    number = normalise(typed)
    if not country_served(number):
        raise Invalid({"phone": [_("We can send no text messages to this number. Type the number of a mobile phone.")]})
    User.objects.select_for_update().get(pk=user.pk)
    row = StaffPhone.objects.filter(user=user).first() or StaffPhone(user=user)
    if row.number == number:
        return number
    row.number = number
    with acting(actor):
        row.save()
        record("user.page_phone", subject=f"user:{user.pk}", actor=actor, detail={"set": True})
        cancel_pending(ref_of(user))
    return number


@transaction.atomic
def remove_number(user: User, *, actor: Actor) -> None:
    """From now on they are paged by email only. Raises NotAllowed."""
    _check(user, actor)
    User.objects.select_for_update().get(pk=user.pk)
    with acting(actor):
        gone, _kinds = StaffPhone.objects.filter(user=user).delete()
        if gone:
            record("user.page_phone", subject=f"user:{user.pk}", actor=actor, detail={"set": False})
            cancel_pending(ref_of(user))


@transaction.atomic
def send_test(user: User, *, key: uuid.UUID, actor: Actor, now: dt.datetime | None = None) -> None:
    """One test on every way a page takes: a text message where there is a number, and an email.

    The same ``key`` is one test. Raises NotAllowed, TooMany.
    """
    now = now or timezone.now()
    if actor.user is None or actor.user.pk != user.pk:
        raise NotAllowed
    limit = {"limit": TESTS, "window": WINDOW, "now": now}
    if settings.RATE_LIMITS and not limits.take(f"page_test:{user.pk}", **limit):
        raise TooMany(_("You have sent several tests. Wait an hour before the next one."))
    record("user.page_test", subject=f"user:{user.pk}", actor=actor)
    for channel, address in ways_to(user):
        send_now(
            TEST, key=f"{key}:{channel}", ref=ref_of(user), language=user.language, channel=channel, address=address,
            now=now,
        )  # fmt: skip


def _check(user: User, actor: Actor) -> None:
    """One's own; the owner and the command line set everybody's."""
    itself = actor.user is not None and actor.user.pk == user.pk
    if user.role != Role.PRACTITIONER or not (itself or actor.kind == OWNER or actor == SYSTEM):
        raise NotAllowed
