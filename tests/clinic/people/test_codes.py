"""One-time codes: bound, short-lived, rationed, and silent about who exists."""

import datetime as dt
import re
import threading

import pytest
from django.db import connection

from clinic.errors import Invalid, TooMany
from clinic.messaging.models import Message
from clinic.people.codes import patients_of, send_code, use_code
from clinic.people.models import Patient, SignInCode

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2027, 3, 1, 6, 0, tzinfo=dt.UTC)
PHONE = "+905325557701"


@pytest.fixture
def elif_():
    return Patient.objects.create(name="Elif Aydın", phone=PHONE)


def digits() -> str:
    return re.search(r"\b\d{6}\b", Message.objects.get().body)[0]


def test_the_right_code_works_once(elif_):
    sent = send_code(phone=PHONE, language="en", now=NOW)
    used = use_code(str(sent.pk), code=digits(), now=NOW)
    assert used.patient == elif_
    with pytest.raises(Invalid):
        use_code(str(sent.pk), code=digits(), now=NOW)


def test_the_code_is_stored_as_a_hash_only(elif_):
    sent = send_code(phone=PHONE, language="en", now=NOW)
    assert digits() not in str(SignInCode.objects.values().get()) and len(sent.code_hash) == 32


def test_it_is_over_after_ten_minutes(elif_):
    sent = send_code(phone=PHONE, language="en", now=NOW)
    with pytest.raises(Invalid):
        use_code(str(sent.pk), code=digits(), now=NOW + dt.timedelta(minutes=10))


def test_it_belongs_to_the_request_that_asked(elif_):
    first = send_code(phone=PHONE, language="en", now=NOW)
    code = digits()
    second = send_code(phone=PHONE, language="en", now=NOW)
    with pytest.raises(Invalid):
        use_code(str(second.pk), code=code, now=NOW)
    assert use_code(str(first.pk), code=code, now=NOW)


def test_a_new_one_of_the_same_browser_ends_the_old(elif_):
    first = send_code(phone=PHONE, language="en", now=NOW)
    code = digits()
    send_code(phone=PHONE, language="en", instead_of=str(first.pk), now=NOW)
    with pytest.raises(Invalid):
        use_code(str(first.pk), code=code, now=NOW)


def test_an_unknown_number_gets_a_row_and_no_message():
    sent = send_code(phone=PHONE, language="en", now=NOW)
    assert sent.patient is None and not Message.objects.exists()
    with pytest.raises(Invalid):
        use_code(str(sent.pk), code="123456", now=NOW)


@pytest.mark.parametrize("code_id", [None, "", "x", "8f4b1c9e-0000-4000-8000-000000000000"])
def test_a_code_nobody_asked_for_is_refused_in_the_same_words(elif_, code_id):
    with pytest.raises(Invalid) as refused:
        use_code(code_id, code="123456", now=NOW)
    assert refused.value.code == "wrong_code"


def test_a_shared_phone_opens_everybodys_bookings(elif_):
    Patient.objects.create(name="Can Aydın", phone=PHONE)
    sent = send_code(phone=PHONE, language="en", now=NOW)
    assert {one.name for one in patients_of(use_code(str(sent.pk), code=digits(), now=NOW))} == {
        "Elif Aydın",
        "Can Aydın",
    }


def test_three_an_hour_for_a_number_and_ten_for_an_address(settings):
    for _three in range(3):
        send_code(phone=PHONE, language="en", now=NOW)
    with pytest.raises(TooMany):
        send_code(phone=PHONE, language="en", now=NOW)
    for number in range(10):
        send_code(phone=f"+9053255578{number:02}", language="en", address="10.0.0.1", now=NOW)
    with pytest.raises(TooMany):
        send_code(phone="+905325557999", language="en", address="10.0.0.1", now=NOW)
    settings.RATE_LIMITS = False
    assert send_code(phone=PHONE, language="en", address="10.0.0.1", now=NOW)


@pytest.mark.django_db(transaction=True)
def test_twenty_guesses_at_once_are_counted_and_five_are_enough(elif_):
    sent = send_code(phone=PHONE, language="en", now=NOW)
    right, results, gate = digits(), [], threading.Barrier(20)
    wrong = "000000" if right != "000000" else "111111"

    def guess():
        try:
            gate.wait()
            use_code(str(sent.pk), code=wrong, now=NOW)
        except Invalid:
            results.append(False)
        finally:
            connection.close()

    threads = [threading.Thread(target=guess) for _one in range(20)]
    [one.start() for one in threads]
    [one.join() for one in threads]
    assert results == [False] * 20
    assert SignInCode.objects.get().tries == 5
    with pytest.raises(Invalid):
        use_code(str(sent.pk), code=right, now=NOW)
