"""One-time codes: bound, short-lived, rationed, and silent about who exists."""

import datetime as dt
import re
import threading

import pytest
from django.db import connection

from clinic.errors import DomainError, Invalid, TooMany
from clinic.messaging import consent
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


def test_two_rows_with_the_same_digits_share_no_hash(elif_, monkeypatch):
    monkeypatch.setattr("clinic.people.codes.secrets.randbelow", lambda _below: 7)
    first, second = (send_code(phone=PHONE, language="en", now=NOW) for _time in range(2))
    assert first.code_hash != second.code_hash
    assert use_code(str(second.pk), code="000007", now=NOW)


def test_its_text_is_not_sent_once_it_is_over(elif_):
    sent = send_code(phone=PHONE, language="en", now=NOW)
    assert Message.objects.get().not_after == sent.expires_at


def test_a_code_that_proved_a_strangers_number_signs_nobody_in():
    sent = send_code(phone=PHONE, language="en", strangers=True, now=NOW)
    with pytest.raises(Invalid):
        use_code(str(sent.pk), code=digits(), now=NOW)
    assert use_code(str(sent.pk), code=digits(), strangers=True, now=NOW).patient is None


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
def test_fifty_guesses_at_once_are_counted_and_five_are_enough(elif_):
    sent = send_code(phone=PHONE, language="en", now=NOW)
    right, results, gate = digits(), [], threading.Barrier(50)
    wrong = "000000" if right != "000000" else "111111"

    def guess():
        try:
            gate.wait()
            use_code(str(sent.pk), code=wrong, now=NOW)
        except Invalid:
            results.append(False)
        finally:
            connection.close()

    threads = [threading.Thread(target=guess) for _one in range(50)]
    [one.start() for one in threads]
    [one.join() for one in threads]
    assert results == [False] * 50
    assert SignInCode.objects.get().tries == 5
    with pytest.raises(Invalid):
        use_code(str(sent.pk), code=right, now=NOW)


def test_a_range_of_numbers_gets_a_handful_an_hour_from_wherever_it_is_asked(settings):
    settings.MESSAGING = {"hourly_codes_per_prefix": 5}
    for number in range(5):
        send_code(phone=f"+9053255571{number:02}", language="en", address=f"10.0.0.{number}", now=NOW)
    with pytest.raises(TooMany):
        send_code(phone="+905325557199", language="en", address="10.0.9.9", now=NOW)
    assert send_code(phone="+905425557199", language="en", address="10.0.9.9", now=NOW)
    assert send_code(phone="+905325557199", language="en", address="10.0.9.9", now=NOW + dt.timedelta(hours=1))


def test_all_pages_that_write_to_typed_numbers_share_one_count_of_a_range(settings):
    from clinic.messaging.caps import may_ask

    settings.MESSAGING = {"hourly_typed_per_prefix": 2}
    for what in ("remind", "join"):
        assert may_ask(what, phone=PHONE, by_number=9, by_address=9, now=NOW)
    with pytest.raises(TooMany):
        send_code(phone=PHONE, language="en", now=NOW)


@pytest.mark.parametrize("phone", ["+18095551234", "+18765551234", "+447624123456", "+77012345678"])
def test_a_shared_calling_code_opens_no_other_country(phone):
    with pytest.raises(DomainError) as refused:
        send_code(phone=phone, language="en", now=NOW)
    assert refused.value.code == "country_not_served"
    assert not SignInCode.objects.exists()


@pytest.mark.parametrize("phone", ["+19005551234", "+34803123456", "+34901123456", "+904440123", "+447012345678"])
def test_numbers_that_earn_by_being_written_to_get_no_code(phone):
    with pytest.raises(DomainError):
        send_code(phone=phone, language="en", strangers=True, now=NOW)


@pytest.mark.parametrize("phone", ["+12125551234", "+491701234567", "+34612345678", "+971501234567", PHONE])
def test_phones_of_the_countries_served_do(phone):
    send_code(phone=phone, language="en", strangers=True, now=NOW)
    assert Message.objects.get().address == phone


def test_behind_their_own_link_email_stands_in_where_no_text_can_go():
    abroad = Patient.objects.create(name="Olga", phone="+79161234567", email="olga@example.org")
    send_code(phone=abroad.phone, language="en", known=abroad, now=NOW)
    assert (Message.objects.get().channel, Message.objects.get().address) == ("email", "olga@example.org")


def test_after_a_stop_the_code_goes_by_email_but_never_to_one_of_several(elif_):
    consent.stop(elif_.phone_index, reason="keyword", now=NOW)
    elif_.email = "elif@example.org"
    elif_.save()
    send_code(phone=PHONE, language="en", now=NOW)
    assert Message.objects.get().channel == "email"
    Patient.objects.create(name="Can Aydın", phone=PHONE)
    send_code(phone=PHONE, language="en", now=NOW)
    assert set(Message.objects.values_list("channel", flat=True)) == {"email", "sms"}


def test_no_code_is_ever_in_a_log(elif_, caplog, settings):
    import logging

    from clinic.messaging.sweep import sweep

    settings.MESSAGE_PROVIDER = "twilio"
    settings.TWILIO_BASE_URL, settings.TWILIO_ACCOUNT_SID = "http://127.0.0.1:9", "AC" + "0" * 32
    settings.TWILIO_AUTH_TOKEN, settings.TWILIO_SMS_FROM = "t", "+15005550006"
    with caplog.at_level(logging.DEBUG):
        sent = send_code(phone=PHONE, language="en", now=NOW)
        sweep(now=NOW, threads=1)
        with pytest.raises(Invalid):
            use_code(str(sent.pk), code="000000" if digits() != "000000" else "111111", now=NOW)
    assert caplog.records is not None and digits() not in caplog.text and PHONE not in caplog.text
