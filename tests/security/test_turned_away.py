"""Whoever is turned away leaves no personal data behind, unless they book a consultation; then only what they chose to show."""

import io
import logging
from copy import deepcopy
from logging.config import DictConfigurator

import pytest
from django.conf import settings as project
from django.test import Client

from bookings.models import Appointment
from bookings.services.lifecycle import cancel
from clinic.audit.models import Entry
from clinic.crypto.search import blind_index
from clinic.people.codes import send_code
from clinic.people.models import Patient, User
from consultations.answers_cookie import LASTS, answers_cookie
from consultations.models import Draft, SharedAnswers, Submission
from consultations.services.forgetting import forget_unbooked
from tests.api.conftest import _monday_at_nine  # noqa: F401
from tests.bookings.cast import NOW, make_patient, reserved
from tests.consultations.cast import BORN, submit
from tests.consultations.conftest import clinic, questionnaire  # noqa: F401
from tests.consultations.views.walk import DETAILS, Walk
from tests.security.dump import rows_with, sessions, whole

pytestmark = pytest.mark.django_db

PHONE = "+905325557701"
PERSON = ("elif", "aydın", "5557701", "elif@example.com", "1988-03-27")
INDEXES = (blind_index("phone", PHONE), blind_index("email", "elif@example.com"))
PREGNANT = {"about_you": {"ticks": ["pregnant:yes"]}}


@pytest.fixture
def logged():
    ours, out = deepcopy(project.LOGGING), io.StringIO()
    made = DictConfigurator(ours)
    handler = logging.StreamHandler(out)
    handler.setFormatter(made.configure_formatter(ours["formatters"]["line"]))
    handler.addFilter(made.configure_filter(ours["filters"]["private"]))
    loggers = [logging.getLogger(name) for name in ("", "django", "celery")]
    for one in loggers:
        one.addHandler(handler)
    yield out
    for one in loggers:
        one.removeHandler(handler)


@pytest.fixture
def walk(clinic, questionnaire):  # noqa: F811
    return Walk(Client())


def personal() -> list[str]:
    """What of the person is still found, and where."""
    kept = whole().casefold() + sessions().casefold()
    found = [word for word in (*PERSON, *INDEXES) if word in kept]
    return found + [table for word in INDEXES for table in rows_with(word)]


def health() -> list[str]:
    """Rows that hold an answer, sealed or not."""
    return [model.__name__ for model in (Draft, Submission, SharedAnswers) if model.objects.exists()]


def test_the_search_finds_a_person_who_is_there(walk):
    """So that the tests below do not pass because nothing is looked at."""
    walk.short()
    walk.hold()
    walk.reserve()
    assert "elif" in personal() and INDEXES[0] in personal() and health() == ["Draft"]


def test_after_the_first_questions_nothing_at_all_was_written(walk, logged):
    before = whole()
    answer = walk.short(**PREGNANT)
    assert "/not-now/" in answer["Location"]
    page = walk.client.get(answer["Location"]).content.decode()
    assert "pregnant" in page.casefold()
    assert whole() == before and sessions() == "[]"
    assert "pregnan" not in logged.getvalue().casefold()
    assert "pregnan" not in answer["Location"] and "yes" not in answer["Location"]


def test_the_answers_lie_sealed_in_the_browser_for_two_hours(walk):
    walk.short(**PREGNANT)
    cookie = walk.client.cookies[answers_cookie.name]
    assert "pregnant" not in cookie.value and cookie["httponly"] and cookie["path"] == "/book/"
    assert int(cookie["max-age"]) == LASTS == 7200
    walk.client.post(walk.book("clear"))
    assert walk.client.cookies[answers_cookie.name].value == ""


def declined_by_the_whole_form(walk, **more):
    walk.short()
    walk.hold()
    walk.reserve(**more)
    row = Appointment.objects.get(modality__slug="pen")
    walk.form(numbing="allergy")
    answer = walk.send()
    assert "/not-now/" in answer["Location"]
    row.refresh_from_db()
    return row


def test_after_the_whole_form_the_person_is_forgotten(walk, logged):
    row = declined_by_the_whole_form(walk, whatsapp="on", marketing="on")
    assert personal() == [] and health() == []
    assert not Patient.objects.exists()
    assert (row.state, row.patient_id) == ("cancelled", None)
    assert all(word not in logged.getvalue().casefold() for word in (*PERSON, "allergy", "numbing"))


def test_a_code_asked_for_meanwhile_goes_too(walk):
    walk.short()
    walk.hold()
    walk.reserve()
    send_code(phone=PHONE, language="en")
    walk.form(numbing="allergy")
    walk.send()
    assert personal() == []


def test_the_audit_says_that_somebody_was_turned_away_and_not_why(walk):
    row = declined_by_the_whole_form(walk)
    entries = repr(list(Entry.objects.values("action", "detail", "fields", "purpose")))
    assert Entry.objects.filter(subject=row.ref, action="appointment.cancel").exists()
    assert all(word not in entries for word in ("numbing", "allergy", "Elif", "5557701"))


def test_their_link_opens_nothing_any_more(walk):
    declined_by_the_whole_form(walk)
    assert Client().get(walk.base).status_code == 404


def test_somebody_with_a_history_keeps_it_and_adds_nothing_of_this(walk):
    patient = make_patient("Elif Nur Aydın", phone=PHONE, date_of_birth=BORN)
    earlier = reserved("2027-03-29 10:00", "peel", patient=patient, areas=("neck",), now=NOW)
    submit(earlier)
    cancel(earlier, reason="patient", now=NOW)
    before, in_the_questions = Submission.objects.count(), rows_with("allergy")
    row = declined_by_the_whole_form(walk)
    assert (row.state, row.cancelled_reason) == ("cancelled", "declined")
    assert Submission.objects.count() == before
    assert not Draft.objects.exists() and not SharedAnswers.objects.exists()
    assert rows_with("allergy") == in_the_questions


def test_through_the_api_too_with_keys_that_remember_answers(clinic, questionnaire, client):  # noqa: F811
    from consultations.services.intake import published_version
    from tests.consultations.cast import answers_for

    def call(method, path, body, key=""):
        headers = {"authorization": f"Bearer {token}"} if token else {}
        headers |= {"idempotency-key": key} if key else {}
        return getattr(client, method)(f"/api/v1/{path}", body, content_type="application/json", headers=headers)

    token = ""
    start = "2027-03-08T10:00:00+03:00"
    made = call(
        "post", "bookings/", {"treatment": "pen", "areas": ["face"], "start": start}, "a-key-nobody-guesses"
    ).json()
    token = made["token"]
    person = {"name": DETAILS["name"], "phone": PHONE, "email": DETAILS["email"], "date_of_birth": "1988-03-27"}
    assert call("put", f"bookings/{made['id']}/patient/", person).status_code == 200
    row = Appointment.objects.get(pk=made["id"])
    form = {"version": published_version().version, "answers": answers_for(row, scars="keloid")}
    form["answers"]["date_of_birth"] = "1988-03-27"
    verdict = call("put", f"bookings/{made['id']}/intake/", form).json()
    assert verdict["outcome"] == "decline"
    assert personal() == [] and health() == []


# Then they book a consultation.


def to_consult(walk, *, share, query="wish=pen"):
    """The choices of the consultation as the "not now" page leads to them, its one question, and a time."""
    consult = Walk(walk.client, "consult")
    given = {"areas": ["face"], "practitioner": "anyone"} | ({"share": "on"} if share else {})
    answer = walk.client.post(f"/book/consult/?{query}", given)
    consult.query = answer["Location"].partition("?")[2]
    consult.short()
    return consult


def booked(walk, *, share):
    walk.short(**PREGNANT)
    consult = to_consult(walk, share=share)
    row = consult.hold()
    consult.reserve()
    consult.form()
    consult.send()
    row.refresh_from_db()
    assert row.state == "confirmed"
    return row


def test_the_not_now_page_offers_the_choice_and_nothing_is_ticked(walk):
    where = walk.short(**PREGNANT)["Location"]
    page = walk.client.get(where)
    assert page.context["consult_url"].endswith("areas=face&wish=pen")
    choices = walk.client.get(page.context["consult_url"]).content.decode()
    assert "Share my answers with the practitioner" in choices
    box = choices[choices.index('name="share"') - 40 : choices.index('name="share"') + 60]
    assert "checked" not in box


def test_without_answers_in_the_browser_or_a_treatment_there_is_nothing_to_share(walk):
    for query in ("wish=pen", "wish=consult", "wish=nothing", ""):
        assert b'name="share"' not in walk.client.get(f"/book/consult/?{query}").content
    walk.short(**PREGNANT)
    for query in ("wish=consult", "wish=nothing", ""):
        assert b'name="share"' not in walk.client.get(f"/book/consult/?{query}").content


def test_not_shared_the_consultation_knows_nothing_of_it(walk):
    row = booked(walk, share=False)
    assert not SharedAnswers.objects.exists()
    assert set(Submission.objects.get(appointment=row).answers) == {"date_of_birth"}


def test_a_hold_of_a_consultation_keeps_no_answer_of_the_treatment(walk):
    walk.short(**PREGNANT)
    to_consult(walk, share=False).hold()
    assert set(Draft.objects.get().answers) == {"adult"}


def staff(role, name):
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.create_user(f"{name}@clinic.example", "x" * 16, role=role, name=name.title()))
    return client


def test_shared_a_practitioner_reads_the_finding_and_the_reading_is_written_down(walk):
    row = booked(walk, share=True)
    page = staff("practitioner", "selin").get(f"/review/shared/{row.pk}/")
    assert page.status_code == 200
    [flag] = page.context["sheet"].flags
    assert flag.outcome.value == "decline" and "pregnant" in flag.question.casefold() and flag.why
    entry = Entry.objects.filter(action="intake.read").latest("pk")
    assert entry.subject == f"shared:{SharedAnswers.objects.get().pk}"


def test_shared_nobody_else_reads_it_and_the_desk_is_not_told_that_there_is_anything(walk):
    row = booked(walk, share=True)
    for role in ("desk", "owner"):
        client = staff(role, role)
        assert client.get(f"/review/shared/{row.pk}/").status_code == 403
        panel = client.get(f"/desk/a/{row.pk}/").content.decode()
        assert "Shared by the patient" not in panel and "pregnan" not in panel.casefold()
    assert Client().get(f"/review/shared/{row.pk}/").status_code == 302
    assert staff("practitioner", "selin").get(f"/review/shared/{row.patient_id}/").status_code == 404


def test_shared_it_lies_sealed(walk):
    in_the_catalogue = rows_with("pregnan")
    booked(walk, share=True)
    assert SharedAnswers.objects.get().as_asked
    assert rows_with("pregnan") == in_the_catalogue and "pregnan" not in sessions().casefold()


def test_what_was_shared_for_a_time_nobody_took_goes_and_a_second_hold_takes_it_along(walk):
    walk.short(**PREGNANT)
    consult = to_consult(walk, share=True)
    first = consult.hold()
    later = consult.times().context["groups"][-1]["times"][-1]["value"]
    consult.hold(later)
    second = Appointment.objects.exclude(pk=first.pk).get()
    assert SharedAnswers.objects.get().appointment_id == second.pk != first.pk
    Appointment.objects.filter(pk=second.pk).update(state="lapsed")
    forget_unbooked(now=NOW)
    assert not SharedAnswers.objects.exists()
