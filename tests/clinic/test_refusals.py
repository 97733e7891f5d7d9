"""What somebody reads whose form was refused for want of its token."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db
URL = "/my/sign-in/"


def test_without_cookies_the_page_says_so_and_what_to_do():
    answer = Client(enforce_csrf_checks=True).post(URL, {"phone": "+905325550101"})
    assert answer.status_code == 403
    assert "Allow cookies for our pages" in answer.content.decode()


def test_an_old_page_is_to_be_opened_again():
    client = Client(enforce_csrf_checks=True)
    client.get(URL)
    answer = client.post(URL, {"phone": "+905325550101", "csrfmiddlewaretoken": "x" * 32})
    assert "open for too long" in answer.content.decode()
