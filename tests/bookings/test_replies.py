"""What somebody's answer to a reminder does to their visit."""

from datetime import timedelta

import pytest

from bookings.services import lifecycle
from clinic.messaging.models import Message, Reply
from clinic.messaging.replies.inbound import accept
from tests.bookings.cast import NOW, at, confirmed

pytestmark = pytest.mark.django_db
VISIT = "2027-03-10 10:00"


@pytest.fixture
def visit(clinic):
    row = confirmed(VISIT)
    Message.objects.filter(ref=row.ref, kind="reminder_24h").update(state="delivered")
    return row


def answers(visit, body, now):
    fields = {"MessageSid": f"SM{body}{now:%d%H}", "From": f"whatsapp:{visit.patient.phone}", "Body": body}
    accept(fields, now=now)
    return [*Message.objects.filter(kind__in=["reply_move", "reply_received"]).values_list("kind", flat=True)]


def test_who_wants_to_move_is_led_to_the_page(visit):
    assert answers(visit, "2", at(VISIT) - timedelta(hours=20)) == ["reply_move"]
    assert not Reply.objects.get().unread


@pytest.mark.parametrize("end", ["begun", "missed", "cancelled"])
def test_a_visit_that_is_over_is_not_said_to_stay_theirs(visit, end):
    later = at(VISIT) + timedelta(hours=1)
    if end == "missed":
        lifecycle.mark_no_show(visit, now=later)
    if end == "cancelled":
        lifecycle.cancel(visit, reason="clinic", now=NOW)
    assert "reply_move" not in answers(visit, "2", later)
    assert Reply.objects.get().unread, "a person reads what they want"
