import pytest

from consultations.consent_words import consent_words
from consultations.models import TreatmentConsent

pytestmark = pytest.mark.django_db


def words():
    return {"version": consent_words("pen", "en").version, "name": "Mia Çelik"}


def test_the_words_the_name_and_the_time_are_kept(clinic, filled):
    given = filled().call("put", "consent/", words())
    assert (given.status, given.body["version"]) == (200, words()["version"])
    kept = TreatmentConsent.objects.get()
    assert (kept.typed_name, kept.photos, kept.text_id) == ("Mia Çelik", False, given.body["text_hash"])


def test_a_program_reads_the_words_before_it_sends_a_name(clinic, filled):
    booking = filled()
    read = booking.call("get", "consent/")
    assert read.status == 200
    assert read.body["summary"] and read.body["agree"] and all(one["sentences"] for one in read.body["sections"])
    assert booking.call("put", "consent/", {"version": read.body["version"], "name": "Mia Çelik"}).status == 200


def test_a_stale_version_names_the_current_one(clinic, filled):
    assert filled().call("put", "consent/", words() | {"version": "2020-01"}).body["version"] == words()["version"]


def test_nobody_consents_to_a_visit_that_is_gone(clinic, filled):
    booking = filled()
    booking.call("post", "cancel/")
    answer = booking.call("put", "consent/", words())
    assert (answer.status, answer.code) == (409, "wrong_state")
    assert not TreatmentConsent.objects.exists()


def test_photos_are_a_choice_of_their_own(clinic, filled):
    filled().call("put", "consent/", words() | {"photos": True})
    kept = TreatmentConsent.objects.get()
    assert (kept.photos, kept.teaching, kept.publicity) == (True, False, False)


@pytest.mark.parametrize(
    ("change", "status", "code", "fields"),
    [
        ({"version": "2020-01"}, 409, "stale_consent", []),
        ({"name": ""}, 400, "invalid", ["name"]),
        ({"name": "   "}, 400, "invalid", ["name"]),
        ({"name": "x"}, 422, "invalid", ["name"]),
        ({"photos": "perhaps"}, 400, "invalid", ["photos"]),
    ],
)
def test_what_is_no_consent(clinic, filled, change, status, code, fields):
    answer = filled().call("put", "consent/", words() | change)
    assert (answer.status, answer.code, answer.fields) == (status, code, fields)
    assert not TreatmentConsent.objects.exists()


def test_nobody_consents_without_a_name_on_the_booking(clinic, hold):
    answer = hold().call("put", "consent/", words())
    assert (answer.status, answer.code) == (409, "details_missing")
