"""Pages on which a change could be lost: at the door, in a form begun long ago, in one whose questions changed since."""

import datetime as dt

import pytest
from django.utils import timezone

from bookings.services import lifecycle
from consultations.models import Draft
from consultations.services.changes import choose_topics, report_change

pytestmark = pytest.mark.django_db


def test_a_change_said_in_the_waiting_room_takes_the_visit_back(walk, client):
    row = walk.all()
    lifecycle.check_in(row)
    answer = client.post(walk.base + "changed/", {"answer": "changed"})
    row.refresh_from_db()
    assert answer["Location"] == walk.base + "changed/topics/"
    assert (row.state, row.clearance) == ("pending_review", "review")


def test_once_the_treatment_has_begun_the_page_leads_away(walk, client):
    row = walk.all()
    lifecycle.start_treatment(lifecycle.check_in(row))
    client.post(walk.base + "changed/", {"answer": "changed"})
    row.refresh_from_db()
    assert row.state == "in_treatment"


def begun(walk, days):
    walk.short()
    row = walk.hold()
    walk.reserve()
    walk.answer(walk.client.get(walk.base + "form/")["Location"])
    Draft.objects.update(updated_at=timezone.now() - dt.timedelta(days=days))
    return row


@pytest.mark.parametrize(("days", "first"), [(6, "treated_skin"), (8, "about_you"), (181, "about_you")])
def test_a_form_begun_long_ago_asks_again_how_they_are_today(walk, client, days, first):
    begun(walk, days)
    page = client.get(walk.base + "form/")["Location"]
    assert page.endswith(f"/{first}/")
    assert client.get(walk.base + "check/")["Location"] == page


def test_what_is_old_does_not_come_back_with_the_next_page(walk, client):
    begun(walk, 8)
    answer = client.post(walk.base + "form/about_you/", {"ticks": ["none"]})
    assert answer["Location"].endswith("/skin_today/")
    kept = Draft.objects.get().answers
    assert "pregnant" in kept and "acne" not in kept and "isotretinoin" in kept


def test_a_form_open_again_asks_what_todays_questions_ask_besides(walk, client):
    row = walk.all()
    report_change(row)
    draft = choose_topics(row, topics=["other"])
    draft.answers = {name: value for name, value in draft.answers.items() if name != "metal_allergy"} | {
        "implant": "an answer that is no more"
    }
    draft.save()
    walk.form()
    assert walk.send().status_code == 302
    assert row.submissions.count() == 2
