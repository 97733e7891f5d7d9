import secrets
import time

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from consultations.answers_cookie import LONGEST, answers_cookie, details_cookie


def carried(cookie, kept, *, now=None, read_as=None, at=None):
    response = HttpResponse()
    cookie.write(response, kept, now=now)
    request = RequestFactory().get("/")
    request.COOKIES[(read_as or cookie).name] = response.cookies[cookie.name].value
    return response, (read_as or cookie).read(request, now=at)


def test_what_is_kept_comes_back():
    _response, kept = carried(answers_cookie, {"acne": "none", "blood_thinner_name": "Öz şurup"})
    assert kept == {"acne": "none", "blood_thinner_name": "Öz şurup"}


def test_the_value_says_nothing():
    response, _kept = carried(answers_cookie, {"scars": "keloid"})
    assert "keloid" not in response.cookies[answers_cookie.name].value


def test_two_hours_and_no_more():
    now = time.time()
    assert carried(answers_cookie, {"acne": "none"}, now=now, at=now + 7199)[1]
    assert carried(answers_cookie, {"acne": "none"}, now=now, at=now + 7201)[1] == {}


def test_one_cookie_does_not_open_as_another():
    assert carried(answers_cookie, {"name": "x"}, read_as=details_cookie)[1] == {}


@pytest.mark.parametrize("letters", [2000, 6000])
def test_it_always_fits_into_a_browser(letters):
    kept = {"acne": "none", "other_conditions": secrets.token_hex(letters), "other_medicines": secrets.token_hex(300)}
    response, back = carried(answers_cookie, kept)
    assert len(response.cookies[answers_cookie.name].value) <= LONGEST
    assert back["acne"] == "none" and back["other_medicines"] == kept["other_medicines"]
