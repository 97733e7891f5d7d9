"""The whole path with plain requests: no script runs here."""

import datetime as dt

import pytest
from django.apps import apps

from bookings.models import Appointment
from clinic.messaging.models import Consent, Message
from consultations.models import Draft, Submission, TreatmentConsent
from tests.consultations.views.walk import Walk, parts

pytestmark = pytest.mark.django_db


def test_a_healthy_patient_ends_confirmed(walk):
    row = walk.all()
    assert (row.state, row.clearance) == ("confirmed", "cleared")
    assert row.patient.name == "Elif Nur Aydın" and row.patient.phone == "+905325557701"
    assert Submission.objects.get().answers["pregnant"] == "no"
    assert TreatmentConsent.objects.get().typed_name == "Elif Nur Aydın"
    assert not Draft.objects.exists()
    page = walk.client.get(walk.base)
    assert "You are booked, Elif" in page.content.decode()
    assert Message.objects.filter(kind__startswith="booking_confirmed").exists()


def test_a_blood_thinner_leads_to_a_check_by_a_practitioner(walk):
    thinner = {"ticks": ["blood_thinner:yes"], "blood_thinner_name": "Apixaban"}
    answer = walk.short(medicines_history=thinner)
    assert "/time/" in answer["Location"]
    assert "A practitioner will look at your answers" in walk.times().content.decode()
    row = walk.hold()
    walk.reserve()
    walk.form()
    walk.send()
    walk.consent()
    row.refresh_from_db()
    assert (row.state, row.clearance) == ("pending_review", "review")
    assert "A practitioner is checking" in walk.client.get(walk.base).content.decode()
    assert "Apixaban" not in "".join(str(one) for one in Message.objects.values_list("kind", "step"))


def test_nothing_asked_before_is_asked_again(walk):
    walk.short()
    walk.hold()
    walk.reserve()
    first = walk.client.get(walk.base + "form/")["Location"]
    assert first.endswith("/form/you/")
    assert 'name="pregnant"' not in walk.client.get(first).content.decode()


def test_a_consultation_needs_one_page_before_and_no_consent(client, clinic, questionnaire):
    walk = Walk(client, "consult")
    assert "/time/" in walk.short()["Location"]
    row = walk.hold()
    walk.reserve()
    walk.form()
    walk.send()
    row.refresh_from_db()
    assert row.state == "confirmed"
    assert not TreatmentConsent.objects.exists()


def test_consents_to_messages_are_written_down_as_ticked(walk):
    walk.short()
    walk.hold()
    walk.reserve(whatsapp="on")
    given = {(one.channel, one.purpose): one.granted for one in Consent.objects.all()}
    assert given == {("whatsapp", "care"): True, ("any", "marketing"): False}


def test_the_path_stands_on_every_page_in_every_language(walk, client):
    for code, word in (("tr", "tr"), ("es", "es"), ("ar", "ar"), ("en", "en")):
        client.cookies["language"] = code
        walk.short()
        page = walk.times().content.decode()
        assert f'<html lang="{word}" dir="{"rtl" if code == "ar" else "ltr"}"' in page


def test_a_language_change_comes_back_to_the_same_place(walk, client):
    walk.short()
    here = walk.book("time")
    answer = client.post("/language/", {"language": "tr", "next": here})
    assert answer["Location"] == here


def test_get_requests_write_nothing(walk, client):
    walk.short()
    before = counts()
    for name in ("", "suitability", "suitability/about_you", "time", "later", "not-now"):
        client.get(walk.book(name))
    assert counts() == before
    assert client.get(walk.book("hold")).status_code == 405


def test_a_later_answer_puts_the_visit_off_and_frees_the_time(walk):
    walk.short()
    row = walk.hold()
    walk.reserve()
    filler = dt.date.today() - dt.timedelta(days=2)
    walk.form(filler="yes", **parts("filler_on", filler))
    answer = walk.send()
    row.refresh_from_db()
    assert (row.state, row.cancelled_reason) == ("cancelled", "deferred")
    page = walk.client.get(answer["Location"])
    assert page.context["verdict"].bookable_from == filler + dt.timedelta(days=28)
    assert "See times from" in page.content.decode()
    times = walk.times()
    assert dt.datetime.fromisoformat(times.context["earliest"]["value"]).date() >= filler + dt.timedelta(days=28)


def counts() -> dict[str, int]:
    return {model._meta.label: model.objects.count() for model in apps.get_models() if model._meta.managed}


def test_a_keloid_is_declined_kindly_and_leaves_no_trace(walk):
    before = counts()
    answer = walk.short(medicines_history={"ticks": ["scars:keloid"]})
    page = walk.client.get(answer["Location"])
    text = page.content.decode()
    assert "/not-now/" in answer["Location"]
    assert page.status_code == 200 and 'class="errors"' not in text
    assert "I get keloid scars" in text and "not about you" in text
    assert "/book/consult/" in text and "tel:" in text and "suitability/medicines_history" in text
    assert counts() == before
    assert walk.client.post(walk.book("hold"), {"start": "2030-01-07T09:00:00+03:00"})["Location"].startswith("/book/")
    assert counts() == before
    assert not Appointment.objects.exists()


def test_a_decline_in_the_later_form_forgets_the_person(walk):
    before = counts()
    walk.short()
    row = walk.hold()
    walk.reserve(whatsapp="on")
    walk.form(changing_mole="yes")
    check = walk.client.get(walk.base + "check/")
    assert "Was one of them a wrong tap?" in check.content.decode()
    answer = walk.send()
    row.refresh_from_db()
    assert (row.state, row.cancelled_reason, row.patient_id) == ("cancelled", "declined", None)
    after = counts()
    left = {name for name in after if after[name] > before[name]}
    assert left == {"audit.Entry", "bookings.Appointment", "bookings.AppointmentArea", "bookings.Allocation",
                    "people.Link", "sessions.Session"}  # fmt: skip
    page = walk.client.get(answer["Location"]).content.decode()
    assert "not about you" in page and "form/" not in page
    assert "see your doctor soon" in page
    assert walk.client.get(walk.base).status_code == 404


def test_a_wrong_tap_in_the_later_form_can_be_changed_and_booked_again(walk):
    walk.short()
    walk.hold()
    walk.reserve()
    walk.form(changing_mole="yes")
    page = walk.client.get(walk.send()["Location"])
    change = page.context["findings"][0]["change_url"]
    assert "/suitability/treated_skin/" in change
    data = {"warts": "no", "rosacea": "none", "changing_mole": "no", "skin_cancer": "never"}
    answer = walk.client.post(change, data)
    assert "/time/" in answer["Location"]
    walk.hold()
    walk.reserve()
    assert walk.client.get(walk.base + "form/")["Location"].endswith("/check/")
