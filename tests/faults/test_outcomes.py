"""What an answer of the provider means for the message, and what no answer means."""

from types import SimpleNamespace

import pytest

from clinic.messaging.channels import twilio_api
from clinic.messaging.channels.twilio_api import refusal

ANSWERS = [
    (None, "", "unknown"), (302, "", "unknown"), (408, "", "unknown"), (500, "", "unknown"), (503, "20503", "unknown"),
    (429, "20429", "retry"), (429, "63018", "retry"),
    (401, "20003", "paused"), (400, "20003", "paused"), (403, "20003", "paused"), (404, "20404", "paused"), (403, "", "paused"),
    (403, "21408", "failed"), (404, "21211", "failed"), (403, "63007", "failed"),
    (400, "21610", "suppressed"), (403, "21610", "suppressed"),
    (400, "63016", "failed"), (400, "63024", "failed"), (400, "30003", "failed"), (400, "30006", "failed"), (400, "", "failed"),
    (422, "20422", "failed"),
]  # fmt: skip


@pytest.mark.parametrize(("status", "code", "result"), ANSWERS)
def test_by_http_class_and_a_short_list_of_codes(status, code, result):
    assert (refusal(status, code).result, refusal(status, code).error_code) == (result, code)


@pytest.fixture
def answers(settings, monkeypatch):
    settings.TWILIO_SMS_FROM, settings.TWILIO_MESSAGING_SERVICE_SID = "+15005550006", ""
    envelope = SimpleNamespace(
        channel="sms", attempt_id="8f4b1c9e-0000-4000-8000-000000000000", to="+905325550101", body="b", code="c",
        seconds_left=60,
    )  # fmt: skip

    def answer(create):
        monkeypatch.setattr(twilio_api, "client", lambda: SimpleNamespace(messages=SimpleNamespace(create=create)))
        return twilio_api.post(envelope)

    return answer


def test_taken_without_a_name_to_know_it_by_is_in_doubt(answers):
    nameless = SimpleNamespace(sid=None, status="queued", error_code=None)
    assert (answers(lambda **_: nameless).result, answers(lambda **_: nameless).http_status) == ("unknown", 201)


@pytest.mark.parametrize("problem", [KeyError("x"), TypeError("x"), UnicodeDecodeError("utf-8", b"x", 0, 1, "x")])
def test_what_nobody_has_thought_of_may_have_happened_after_it_was_taken(answers, problem):
    def fail(**_fields):
        raise problem

    assert answers(fail).result == "unknown"
