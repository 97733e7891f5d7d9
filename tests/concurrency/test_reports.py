"""Two at the desk take calls about the same patient at once: one event, both reports, and one page for the first."""

import uuid

import pytest

from consultations.models import AdverseEvent, Page, Source
from consultations.services import adverse
from tests.consultations.adverse_cast import OVER, by, front_desk, staff, treated
from tests.consultations.conftest import clinic  # noqa: F401

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 6


def call(row, user, sign, key):
    return lambda: (
        adverse.report(
            row.patient, appointment=row, source=Source.DESK, signs=[sign], key=key, actor=by(user), now=OVER
        ).pk
    )


def test_two_desks_at_once_open_one_event_and_keep_both_reports(clinic, together):  # noqa: F811
    staff("ayse"), staff("deniz")
    people = [front_desk("Derya"), front_desk("Emre")]
    row = treated()
    for number in range(ROUNDS):
        found = together([call(row, user, "pain", uuid.uuid4()) for user in people])
        event = AdverseEvent.objects.get(closed_at=None)
        assert set(found) == {event.pk}
        assert [entry.number for entry in event.entries.all()] == [1, 2]
        assert {entry.by for entry in event.entries.all()} == set(people)
        assert Page.objects.filter(subject=event.ref).count() == 1, number
        closes = by(Page.objects.get(subject=event.ref).user)
        adverse.close(event.pk, outcome="settled", text="Calm.", actor=closes, now=OVER)


def test_one_button_pressed_by_impatience_is_one_report(clinic, together):  # noqa: F811
    staff("ayse")
    row, user, key = treated(), front_desk(), uuid.uuid4()
    assert len(set(together([call(row, user, "pain", key)] * 8))) == 1
    assert AdverseEvent.objects.get().entries.count() == 1
