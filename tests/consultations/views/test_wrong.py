"""“Something’s wrong” through the pages, at the patient's side and the practitioner's."""

import datetime as dt

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from bookings.links import manage_token
from clinic.audit.models import Entry
from clinic.messaging import limits
from clinic.messaging.models import Message
from clinic.people.access import Actor
from consultations.models import AdverseEvent, Photo
from consultations.services.adverse import report
from tests.bookings.cast import confirmed, make_patient
from tests.consultations.adverse_cast import OVER, staff, treated
from tests.consultations.photos.pictures import jpeg

pytestmark = pytest.mark.django_db
PATIENT = Actor("patient")
NEXT_DAY = OVER + dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _clock(clinic):
    with time_machine.travel(NEXT_DAY, tick=False):
        yield


@pytest.fixture
def ayse(clinic):
    return staff("ayse")


@pytest.fixture
def row(ayse):
    return treated(areas=("face", "neck"))


@pytest.fixture
def practitioner(client, ayse):
    client.force_login(ayse)
    return client


def url(row, name="wrong"):
    return reverse(f"booking:{name}", args=[manage_token(row)])


def test_a_link_is_enough_to_be_helped_and_emergency_words_stand_first(client, row):
    page = client.get(url(row)).content.decode()
    assert page.index("tel:112") < page.index('name="now"')


def test_the_link_of_the_next_visit_leads_to_help_for_the_last(client, row):
    coming = confirmed("2027-05-10 10:00", patient=row.patient)
    page = client.get(url(coming, "manage")).content.decode()
    assert url(coming) in page
    answer = client.post(url(coming), {"now": ["breathing"]}, follow=True)
    assert answer.redirect_chain[-1][0] == url(coming, "wrong_more")
    client.post(url(coming, "wrong_more"), {"words": "It began an hour ago"})
    event = AdverseEvent.objects.get()
    assert (event.appointment_id, event.urgency, event.entries.count()) == (row.pk, "emergency", 2)


def test_who_was_never_treated_is_led_to_the_visit(client, ayse):
    coming = confirmed("2027-05-10 10:00", patient=make_patient("Noor Haddad", phone="+905325550007"))
    assert url(coming) not in client.get(url(coming, "manage")).content.decode()
    assert client.get(url(coming))["location"] == url(coming, "manage")


def test_an_emergency_is_told_before_anything_else_is_asked(client, row):
    answer = client.post(url(row), {"now": ["breathing"]}, follow=True)
    page = answer.content.decode()
    assert answer.redirect_chain[-1][0] == url(row, "wrong_more")
    assert page.index("tel:112") < page.index('name="words"') and 'role="alert"' in page
    assert AdverseEvent.objects.get().urgency == "emergency"
    assert Message.objects.filter(kind="page_practitioner").count() == 1


def test_words_and_photos_are_added_and_a_refused_photo_loses_nothing(client, row, settings, tmp_path):
    settings.PRIVATE_FILES_DIR = tmp_path
    client.post(url(row), {"soon": ["dark_marks"]})
    files = [SimpleUploadedFile("a.jpg", jpeg()), SimpleUploadedFile("b.txt", b"no photo")]
    sent = {"zones": ["neck"], "since": "yesterday", "words": "Brown marks", "phone": "0532 555 01 99", "photos": files}
    answer = client.post(url(row, "wrong_more"), sent, follow=True)
    event = AdverseEvent.objects.get()
    told = event.entries.last().content
    assert told == {
        "zones": ["neck"], "since": "yesterday", "words": "Brown marks", "phone": "+905325550199", "photos": 1,
    }  # fmt: skip
    assert Photo.objects.get().owner == event.ref
    assert "not a photo we can read" in answer.content.decode()


def test_what_was_told_cannot_be_read_back_by_whoever_has_the_link(client, row):
    report(row.patient, appointment=row, source="page", words="canary words", actor=PATIENT, now=NEXT_DAY)
    for name in ("manage", "wrong", "wrong_more", "wrong_sent"):
        assert "canary" not in client.get(url(row, name), follow=True).content.decode()


def test_nothing_chosen_is_asked_again_and_opens_nothing(client, row):
    answer = client.post(url(row), {})
    assert answer.status_code == 422 and "Choose at least one" in answer.content.decode()
    assert not AdverseEvent.objects.exists()


def test_a_wrong_number_keeps_what_was_typed(client, row):
    client.post(url(row), {"soon": ["other"]})
    answer = client.post(url(row, "wrong_more"), {"words": "It itches", "phone": "123"})
    assert answer.status_code == 422 and "It itches" in answer.content.decode()


def test_a_visit_that_has_not_been_leads_back(client, ayse):
    ahead = confirmed("2027-03-09 10:00", now=NEXT_DAY)
    assert client.get(url(ahead)).url == url(ahead, "manage")


def test_without_a_report_from_this_browser_the_next_page_leads_to_the_first(client, row):
    assert client.get(url(row, "wrong_more")).url == url(row)


def test_the_manage_page_of_a_visit_that_is_over_has_the_way(client, row):
    assert url(row) in client.get(url(row, "manage")).content.decode()


def opened(client, row):
    """A browser that has shown a code."""
    session = client.session
    now = int(timezone.now().timestamp())
    session["opened"] = {str(row.pk): [now, now]}
    session.save()


def test_from_a_visit_that_is_over_the_next_one_is_booked_behind_a_code(client, row):
    page = client.get(url(row, "manage")).content.decode()
    assert url(row, "again") in page and "/book/pen/" not in page
    assert client.get(url(row, "again")).url.startswith(url(row, "code"))
    opened(client, row)
    assert client.get(url(row, "again")).url == "/book/pen/?areas=face%2Cneck"


def test_no_next_one_while_something_is_wrong(client, row):
    report(row.patient, appointment=row, source="page", signs=["pain"], actor=PATIENT, now=NEXT_DAY)
    opened(client, row)
    assert url(row, "again") not in client.get(url(row, "manage")).content.decode()
    assert client.get(url(row, "again")).url == url(row, "manage")


# --- practitioners


@pytest.fixture
def event(row):
    return report(row.patient, appointment=row, source="page", signs=["pain"], words="It burns", actor=PATIENT)


def test_reading_one_is_written_into_the_audit_and_shows_everything(practitioner, event):
    page = practitioner.get(reverse("events:one", args=[event.pk])).content.decode()
    assert "It burns" in page and "Pain that gets worse" in page and "Nobody has looked yet" in page
    assert Entry.objects.filter(action="event.read", subject=event.ref).exists()


def test_many_reports_with_places_are_read_in_as_many_queries_as_one(practitioner, row, event):
    def queries():
        with CaptureQueriesContext(connection) as asked:
            page = practitioner.get(reverse("events:one", args=[event.pk])).content.decode()
        return len(asked), page.count("Neck")

    told = {"appointment": row, "source": "page", "act": "more", "actor": PATIENT}
    report(row.patient, more={"zones": ["neck"]}, **told)
    queries()  # what is remembered between pages
    one, _necks = queries()
    for _more in range(2):
        report(row.patient, more={"zones": ["face", "neck"]}, **told)
    assert queries() == (one, 3)


def test_looking_changes_nothing_and_taking_on_does(practitioner, event, ayse):
    practitioner.get(reverse("events:one", args=[event.pk]))
    event.refresh_from_db()
    assert event.unseen_since
    practitioner.post(reverse("events:take", args=[event.pk]))
    event.refresh_from_db()
    assert (event.taken_by, event.unseen_since) == (ayse, None)


def test_an_act_a_record_and_an_end(practitioner, event):
    practitioner.post(reverse("events:act", args=[event.pk]), {"act": "call", "text": "Cooling, come at five"})
    practitioner.post(
        reverse("events:describe", args=[event.pk]),
        {"severity": "mild", "onset": "2027-03-02", "device": "Pen 4", "lot": "L-12", "regulator_told_on": ""},
    )
    practitioner.post(reverse("events:close", args=[event.pk]), {"outcome": "settled", "text": "Calm again"})
    event.refresh_from_db()
    assert (event.severity, event.device, event.lot, event.outcome) == ("mild", "Pen 4", "L-12", "settled")
    page = practitioner.get(reverse("events:one", args=[event.pk])).content.decode()
    assert "Cooling, come at five" in page and "Calm again" in page and "L-12" in page


@pytest.mark.parametrize(
    ("name", "fields", "says"),
    [
        ("act", {"act": "call", "text": ""}, "Write what was said or done."),
        ("act", {"act": "dance", "text": "x"}, "dance"),
        ("close", {"text": "so it ended"}, "Choose how it ended."),
        ("describe", {"onset": "2031-01-01"}, "still to come"),
    ],
)
def test_a_refusal_says_why_and_keeps_what_was_typed(practitioner, event, name, fields, says):
    answer = practitioner.post(reverse(f"events:{name}", args=[event.pk]), fields)
    page = answer.content.decode()
    assert answer.status_code == 422 and says in page
    assert all(value in page for value in fields.values())


def test_two_at_once_the_closed_one_tells(practitioner, event):
    practitioner.post(reverse("events:close", args=[event.pk]), {"outcome": "settled", "text": "Calm"})
    answer = practitioner.post(reverse("events:act", args=[event.pk]), {"act": "note", "text": "One more thing"})
    assert answer.status_code == 422 and "closed" in answer.content.decode()


def test_staff_write_one_down(practitioner, row):
    url = reverse("events:new", args=[row.patient_id])
    assert practitioner.get(url).status_code == 200
    answer = practitioner.post(url, {"words": "Came in with a swollen lid", "today": ["eyes"]})
    event = AdverseEvent.objects.get()
    assert answer.url == reverse("events:one", args=[event.pk]) and event.source == "staff"


def test_the_list_shows_open_and_closed_in_a_fixed_number_of_queries(practitioner, event):
    def shown():
        limits.forget_remembered()
        with CaptureQueriesContext(connection) as asked:
            page = practitioner.get(reverse("events:list")).content.decode()
        return page, len(asked)

    shown()  # the first page of a session asks for more
    page, of_one = shown()
    assert event.patient.name in page
    for name in ("Mert Kaya", "Noor Haddad"):
        report(make_patient(name), appointment=None, source="staff", signs=["pain"], actor=PATIENT)
    page, of_three = shown()
    assert "Noor Haddad" in page and of_three == of_one
    assert event.patient.name not in practitioner.get(reverse("events:list") + "?show=closed").content.decode()


def test_every_staff_page_says_that_a_report_waits(practitioner, event):
    limits.forget_remembered()
    assert "report after a treatment needs somebody now" in practitioner.get(reverse("desk:messages")).content.decode()
