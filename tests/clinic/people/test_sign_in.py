"""Staff sign-in: one sentence for every wrong pair, and an end to guessing."""

import pytest

from clinic.people.models import User

pytestmark = pytest.mark.django_db
URL, RIGHT = "/staff/sign-in/", "porcelain and eucalyptus"


@pytest.fixture
def derya():
    return User.objects.create_user("derya@clinic.example", RIGHT, name="Derya Yıldız", role="desk")


def attempt(client, email="derya@clinic.example", password="a wrong guess"):
    return client.post(URL, {"username": email, "password": password})


def test_the_right_pair_leads_to_the_day(client, derya):
    assert attempt(client, "Derya@Clinic.example", RIGHT).headers["Location"] == "/staff/"


def test_a_wrong_password_and_an_unknown_account_read_alike(client, derya):
    wrong, unknown = attempt(client), attempt(client, "nobody@clinic.example")
    sentence = "do not belong together"
    assert sentence in wrong.content.decode()
    assert sentence in unknown.content.decode()


def test_guessing_ends_even_with_the_right_password(client, derya):
    for _number in range(10):
        attempt(client)
    page = attempt(client, password=RIGHT)
    assert page.status_code == 200
    assert "wait a little" in page.content.decode()


def test_somebody_else_at_the_same_desk_still_signs_in(client, derya):
    for _number in range(10):
        attempt(client, "guessed@clinic.example")
    assert attempt(client, password=RIGHT).status_code == 302


def test_a_load_test_may_turn_it_off(client, derya, settings):
    settings.RATE_LIMITS = False
    for _number in range(12):
        attempt(client)
    assert attempt(client, password=RIGHT).status_code == 302
