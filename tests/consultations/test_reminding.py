"""“Remind me when I can book”: once, on the day, at nine, without telling why; and nothing stays."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from bookings.services.limits import Caller
from clinic.crypto.search import blind_index
from clinic.errors import DomainError, Invalid, NotFound, TooMany
from clinic.messaging.claiming import claim
from clinic.messaging.models import Message
from clinic.messaging.wording.shipped import forbidden_word
from clinic.people.models import Link
from consultations.models import BookableReminder
from consultations.services.reminding import ask_reminder, reminder_by_token, reminder_token, send_due, take_back
from tests.bookings.cast import NOW, make_patient
from tests.security import dump

pytestmark = pytest.mark.django_db
PHONE, ZONE, DAY = "+905325557701", "Europe/Istanbul", dt.date(2027, 3, 15)
NINE = dt.datetime(2027, 3, 15, 9, tzinfo=ZoneInfo(ZONE))


def ask(phone=PHONE, day=DAY, **more):
    return ask_reminder(**{"phone": phone, "day": day, "zone": ZONE, "language": "en", "now": NOW} | more)


def test_it_is_due_at_nine_on_the_day_at_the_clinic():
    assert ask().due_at == NINE
    far = ask(day=dt.date(2027, 3, 29), zone="America/New_York")
    assert far.due_at.astimezone(ZoneInfo("America/New_York")).isoformat() == "2027-03-29T09:00:00-04:00"


def test_on_the_day_one_message_goes_to_the_number_and_the_row_is_gone():
    token = reminder_token(ask())
    assert send_due(now=NINE - dt.timedelta(seconds=1)) == 0
    assert send_due(now=NINE) == 1
    assert not BookableReminder.objects.exists() and not Link.objects.exists()
    [message] = Message.objects.all()
    assert (message.kind, message.address, message.channel, message.patient) == ("bookable_again", PHONE, "sms", None)
    assert send_due(now=NINE + dt.timedelta(hours=1)) == 0
    with pytest.raises(NotFound):
        reminder_by_token(token)


@pytest.mark.parametrize("language", ["en", "tr", "es", "ar"])
def test_the_message_says_that_they_can_book_and_nothing_else(language):
    ask(language=language)
    send_due(now=NINE)
    body = Message.objects.get().body
    assert forbidden_word(body) == "" and body.rstrip().endswith("/")
    assert "/book/" not in body and "{" not in body


def test_it_is_claimed_and_sent_like_any_other():
    ask(whatsapp=True)
    send_due(now=NINE)
    claimed = claim(now=NINE)
    assert (claimed.envelope.channel, claimed.envelope.to) == ("whatsapp", PHONE)


def test_a_late_sweep_waits_for_morning():
    ask()
    night = NINE.replace(hour=22)
    send_due(now=night)
    assert claim(now=night) is None
    assert Message.objects.get().due_at == NINE.replace(day=16, hour=8)


def test_three_days_late_nobody_is_written_to_and_nothing_is_kept():
    ask()
    assert send_due(now=NINE + dt.timedelta(days=3, seconds=1)) == 0
    assert not Message.objects.exists() and not BookableReminder.objects.exists()


def test_one_for_each_number_and_day(settings):
    settings.RATE_LIMITS = False
    first = ask()
    assert ask(language="tr", whatsapp=True).pk == first.pk
    assert ask(day=DAY + dt.timedelta(days=1)).pk != first.pk
    send_due(now=NINE + dt.timedelta(minutes=1))
    ask_again = ask(now=NOW)  # somebody asks once more for a day that was served
    send_due(now=NINE + dt.timedelta(minutes=2))
    assert ask_again.pk and Message.objects.filter(due_at__lt=NINE + dt.timedelta(hours=1)).count() == 1


def test_taken_back_it_never_was():
    row = ask()
    take_back(reminder_by_token(reminder_token(row)))
    assert send_due(now=NINE) == 0
    assert not Message.objects.exists() and not Link.objects.exists()


def test_a_known_number_is_treated_as_any_other():
    make_patient(phone=PHONE)
    assert (ask().language, ask(phone="+905325557702").language) == ("en", "en")


@pytest.mark.parametrize("day", [dt.date(2027, 3, 1), dt.date(2027, 2, 1)])
def test_for_today_or_before_there_is_nothing_to_wait_for(day):
    with pytest.raises(DomainError) as refusal:
        ask(day=day)
    assert refusal.value.code == "day_passed"


def test_numbers_of_countries_the_clinic_does_not_write_to_are_refused(settings):
    settings.SMS_COUNTRIES = ["TR"]
    for whatsapp in (True, False):
        with pytest.raises(Invalid) as refusal:
            ask(phone="+2348031234567", whatsapp=whatsapp)
        assert "phone" in refusal.value.fields


def test_a_number_is_asked_for_three_times_an_hour_and_an_address_ten():
    for number in range(3):
        ask(day=DAY + dt.timedelta(days=number))
    with pytest.raises(TooMany):
        ask(day=DAY + dt.timedelta(days=3))
    for number in range(10):
        ask(phone=f"+9053255588{number:02}", caller=Caller(address="10.0.0.1"))
    with pytest.raises(TooMany):
        ask(phone="+905325558899", caller=Caller(address="10.0.0.1"))


def test_what_lies_in_the_database_names_nobody_and_matches_no_patients_index():
    make_patient(phone=PHONE)
    ask()
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(t::text, ' ') FROM consultations_bookablereminder t")
        kept = cursor.fetchone()[0]
    assert PHONE not in kept and "5557701" not in kept and blind_index("phone", PHONE) not in kept
    assert {one.name for one in BookableReminder._meta.get_fields()} == {
        "id",
        "key",
        "phone",
        "language",
        "whatsapp",
        "timezone",
        "due_at",
    }


def test_five_days_later_not_even_the_message_is_left():
    ask()
    send_due(now=NINE)
    Message.objects.update(state="delivered")
    send_due(now=NINE + dt.timedelta(days=4))
    assert Message.objects.exists()
    send_due(now=NINE + dt.timedelta(days=5, hours=1))
    assert not Message.objects.exists()
    assert dump.rows_with(blind_index("phone", PHONE)) == []


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_write_once():
    import threading

    for number in range(5):
        ask(phone=f"+9053255577{number:02}")
    gate, sent = threading.Barrier(2), []

    def sweep():
        gate.wait()
        try:
            sent.append(send_due(now=NINE))
        finally:
            connection.close()

    workers = [threading.Thread(target=sweep) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(sent) == 5 and Message.objects.count() == 5
