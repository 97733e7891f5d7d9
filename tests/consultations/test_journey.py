"""Which step is next, and what lies at the end of the path."""

import pytest

from clinic.errors import DomainError, Invalid
from consultations import journey
from consultations.consent_words import LANGUAGES, consent_words
from consultations.models import ConsentText, TreatmentConsent
from consultations.services import changes
from consultations.services.consent import give_consent
from tests.bookings.cast import NOW, held, reserved
from tests.consultations.cast import submitted
from treatments.models import Modality

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _ready(clinic, questionnaire):
    pass


def next_name(row):
    step = journey.next_step(row)
    return step.name if step else None


def agree(row, **other):
    words = consent_words(row.modality.slug, "en")
    given = {"version": words.version, "typed_name": "Elif Aydın", "language": "en", "now": NOW} | other
    return give_consent(row, **given)


def test_details_then_form_then_consent_then_the_end():
    assert next_name(held()) == "details"
    assert next_name(reserved("2027-03-02 15:00")) == "form"
    row, _submission, _verdict = submitted()
    assert next_name(row) == "consent"
    agree(row)
    assert next_name(row) is None
    assert journey.settle(row, now=NOW).state == "confirmed"


def test_a_consultation_asks_no_consent():
    row, _submission, _verdict = submitted(modality="consult")
    assert next_name(row) is None


def test_settling_waits_for_what_is_missing_and_finishing_says_it():
    row = reserved()
    assert journey.settle(row, now=NOW).state == "reserved"
    with pytest.raises(DomainError) as refused:
        journey.finish(row, now=NOW)
    assert refused.value.code == "form_missing"


def test_an_open_change_is_a_step_again_and_settling_twice_is_no_error():
    row, _submission, _verdict = submitted()
    agree(row)
    row = journey.settle(row, now=NOW)
    row = changes.report_change(row, now=NOW)
    assert (row.state, next_name(row)) == ("pending_review", "form")
    assert journey.settle(row, now=NOW).state == "pending_review"
    row.draft.delete()
    assert journey.settle(row, now=NOW).state == "pending_review"


def test_consent_keeps_the_exact_words_once():
    first, _submission, _verdict = submitted()
    second, _submission, _verdict = submitted("2027-03-09 10:00")
    for row in (first, second):
        agree(row, photos=True)
    text = ConsentText.objects.get()
    assert "Doing nothing is a choice too." in text.body and len(text.text_hash) == 64
    assert TreatmentConsent.objects.filter(photos=True, teaching=False).count() == 2


@pytest.mark.parametrize("name", ["", " ", "E"])
def test_consent_needs_a_name(name):
    row, _submission, _verdict = submitted()
    with pytest.raises(Invalid) as refused:
        agree(row, typed_name=name)
    assert list(refused.value.fields) == ["name"]


def test_consent_to_words_of_another_version_is_refused():
    row, _submission, _verdict = submitted()
    with pytest.raises(DomainError) as refused:
        agree(row, version="2001-1/x")
    assert refused.value.code == "stale_consent"
    assert not TreatmentConsent.objects.exists()


def test_consent_is_somebodys():
    with pytest.raises(DomainError) as refused:
        agree(held("2027-03-02 15:00"))
    assert refused.value.code == "details_missing"


def test_every_treatment_has_the_same_sections_in_every_language():
    for modality in Modality.objects.exclude(slug="consult"):
        words = [consent_words(modality.slug, code) for code in LANGUAGES]
        shapes = {tuple((section.key, len(section.sentences)) for section in one.sections) for one in words}
        assert len(shapes) == 1, modality.slug
        assert len({one.hash for one in words}) == 4
        assert "material" in {section.key for section in words[0].sections}


def test_consent_is_in_short_plain_sentences():
    for modality in Modality.objects.exclude(slug="consult"):
        for line in consent_words(modality.slug, "en").body.splitlines():
            for sentence in line.replace("?", ".").replace(":", ".").split(". "):
                assert len(sentence.split()) <= 22, sentence
