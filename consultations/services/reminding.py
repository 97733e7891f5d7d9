"""“Remind me when I can book”: one message on the day, to a number that we otherwise know nothing of."""

import datetime as dt
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bookings.services.limits import Caller
from clinic.crypto.search import blind_index
from clinic.errors import DomainError, Invalid, NotFound, TooMany
from clinic.messaging.caps import may_ask
from clinic.messaging.consent import country_served
from clinic.messaging.limits import take
from clinic.messaging.models import Channel, Message
from clinic.messaging.plan import send_now
from clinic.messaging.states import IN_DOUBT, State
from clinic.people.links import derived_token, issue_link, resolve_link
from clinic.people.models import Link
from consultations.models import BookableReminder

PURPOSE = KIND = "bookable_again"
AT = dt.time(9)
LATE = dt.timedelta(days=3)  # later than this nobody is reminded any more
SETTLED = dt.timedelta(days=2)  # the message itself is kept this long, for what the provider still says of it
DAY = dt.timedelta(days=1)
BY_NUMBER, BY_NUMBER_A_DAY, BY_ADDRESS = 3, 5, 10
BATCH = 200


@transaction.atomic
def ask_reminder(
    *,
    phone: str,
    day: dt.date,
    zone: str,
    language: str,
    whatsapp: bool = False,
    caller: Caller | None = None,
    now: dt.datetime | None = None,
) -> BookableReminder:
    """Remembers a number (E.164) for nine o'clock on a local day of ``zone``; asked twice, it stays one.

    Raises Invalid for a number we can't write to, DomainError ``day_passed``, TooMany beyond the limits. Who we know
    already makes no difference.
    """
    now = now or timezone.now()
    due = dt.datetime.combine(day, AT, ZoneInfo(zone)).astimezone(dt.UTC)
    if day <= now.astimezone(ZoneInfo(zone)).date():
        raise DomainError("day_passed", _("You can book now: there is nothing to wait for."))
    if not country_served(phone):
        raise Invalid({"phone": [_("We can't write to numbers of this country. Please call us instead.")]})
    _refuse_pumping(phone, caller, now)
    key = blind_index("bookable-reminder", f"{phone} {day.isoformat()}")
    found = BookableReminder.objects.select_for_update().filter(key=key).first()
    row = found or BookableReminder(key=key, phone=phone, timezone=zone, due_at=due)
    row.language, row.whatsapp = language, whatsapp
    row.save()
    issue_link(purpose=PURPOSE, subject=_subject(row), expires_at=due + LATE, token=reminder_token(row))
    return row


def reminder_token(row: BookableReminder) -> str:
    return derived_token(PURPOSE, str(row.pk))


def reminder_by_token(token: str) -> BookableReminder:
    """NotFound, in the same words, for a token that is wrong, used up or taken back."""
    link = resolve_link(token, purpose=PURPOSE)
    row = BookableReminder.objects.filter(pk=link.subject.partition(":")[2]).first() if link else None
    if row is None:
        raise NotFound(_("We don't know this reminder. It was sent, or taken back."))
    return row


@transaction.atomic
def take_back(row: BookableReminder) -> None:
    """As if it had never been asked for."""
    _remove(row)


def send_due(*, now: dt.datetime | None = None) -> int:
    """Hands the messages of those whose time has come to the outbox, and forgets who asked. Returns how many.

    Safe to run twice, late, or in two workers at once: the row goes in the transaction that writes the message.
    """
    now = now or timezone.now()
    sent = 0
    while True:
        with transaction.atomic():
            due = BookableReminder.objects.select_for_update(skip_locked=True).filter(due_at__lte=now)
            rows = list(due.order_by("due_at")[:BATCH])
            for row in rows:
                sent += _hand_over(row, now)
                _remove(row)
        if len(rows) < BATCH:
            break
    forget_sent(now=now)
    return sent


def forget_sent(*, now: dt.datetime) -> int:
    """The messages themselves go two days after they were due: nothing else would say whose number it was."""
    old = Message.objects.filter(kind=KIND, not_after__lt=now - SETTLED)
    return old.exclude(state__in=[State.PENDING, *IN_DOUBT]).delete()[0]


def _hand_over(row: BookableReminder, now: dt.datetime) -> bool:
    if now > row.due_at + LATE:
        return False
    send_now(
        KIND,
        key=f"{KIND}:{row.key}",
        language=row.language,
        facts={"link": "/", "timezone": row.timezone},
        channel=Channel.WHATSAPP if row.whatsapp else Channel.SMS,
        address=row.phone,
        not_after=row.due_at + LATE,
        now=now,
    )
    return True


def _remove(row: BookableReminder) -> None:
    Link.objects.filter(subject=_subject(row), purpose=PURPOSE).delete()
    row.delete()


def _subject(row: BookableReminder) -> str:
    return f"reminder:{row.pk}"


def _refuse_pumping(phone: str, caller: Caller | None, now: dt.datetime) -> None:
    """Nothing that is counted can be told to be this number: the keys are hashes of a purpose of their own."""
    address = caller.address if caller else ""
    asked = may_ask("remind", phone=phone, address=address, by_number=BY_NUMBER, by_address=BY_ADDRESS, now=now)
    if not settings.RATE_LIMITS:
        return
    key = f"remind-day:{blind_index('bookable-reminder', phone)}"
    if not (take(key, limit=BY_NUMBER_A_DAY, window=DAY, now=now) and asked):
        raise TooMany
