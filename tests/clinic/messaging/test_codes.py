import pytest

from clinic.errors import TooMany
from clinic.messaging.codes import check_limits, send_code
from clinic.messaging.models import Message

pytestmark = pytest.mark.django_db


def test_three_codes_an_hour_for_a_number(now):
    for time in range(3):
        check_limits("+905325550101", client=f"10.0.0.{time}", now=now)
    with pytest.raises(TooMany):
        check_limits("+905325550101", client="10.0.0.9", now=now)


def test_ten_codes_an_hour_from_one_network_address_unless_limits_are_off(now, settings):
    for number in range(10):
        check_limits(f"+9053255501{number:02d}", client="10.0.0.1", now=now)
    with pytest.raises(TooMany):
        check_limits("+905325550199", client="10.0.0.1", now=now)
    settings.RATE_LIMITS = False
    check_limits("+905325550198", client="10.0.0.1", now=now)


def test_a_code_goes_by_text_even_to_whatsapp_people_and_by_email_where_texts_do_not_go(elif_, sofia, now):
    for patient in (elif_, sofia):
        send_code(patient, code="123456", minutes=10, request_id=str(patient.pk), language="en", now=now)
    assert set(Message.objects.values_list("channel", flat=True)) == {"sms", "email"}
    sofia.email, sofia.phone = "", "+8801712345678"
    assert send_code(sofia, code="1", minutes=10, request_id="x", language="en", now=now) is None
