"""The words: whole in four languages, short, plain, and never a judgement."""

import re

import pytest

from consultations.questionnaire import current, texts
from consultations.screening import screen

from .decisions import TODAY, fine_form

LANGUAGES = ("en", "tr", "es", "ar")
FORBIDDEN = {
    "en": ["you are safe", "you have", "contraindicat", "rejected", "refused", "stop taking", "safe to", "mg"],
    "tr": ["güvendesiniz", "kontrendike", "reddedil", "ilacı bırakın", "kesin olarak"],
    "es": ["está a salvo", "usted tiene", "contraindica", "rechaza", "deje de tomar"],
    "ar": ["أنت بأمان", "مضاد استطباب", "مرفوض", "توقف عن أخذ", "مصاب ب"],
}
ABOUT_SKIN = {
    "en": "This is about how skin heals, not about you.",
    "tr": "Bu sizinle değil, cildin nasıl iyileştiğiyle ilgili.",
    "es": "Se trata de cómo se cura la piel, no de usted.",
    "ar": "الأمر يتعلق بطريقة شفاء الجلد، لا بك أنت.",
}
KEEP_TAKING = {
    "en": "Keep taking it. Talk to the person who prescribed it.",
    "tr": "Kullanmaya devam edin. İlacı yazan kişiyle konuşun.",
    "es": "Siga tomándola. Hable con la persona que se la recetó.",
    "ar": "استمر في أخذه. تحدث مع من وصفه لك.",
}
MEDICINES = {
    "blood_thinner.yes",
    "blood_thinner.unsure",
    "antiplatelet.prescribed",
    "antiplatelet.unsure",
    "isotretinoin.taking",
    "isotretinoin.unsure",
    "immune.yes",
    "immune.yes.rf_prp",
    "immune.unsure",
    "steroids.cream_or_inhaler",
    "steroids.tablets",
    "steroids.tablets.prp",
    "steroids.unsure",
    "photosensitiser.yes",
    "photosensitiser.yes.light",
    "photosensitiser.unsure",
    "other_medicines.written",
}


def all_words(table):
    for value in table.values():
        if isinstance(value, dict):
            yield from all_words(value)
        else:
            yield value


def sentences(text):
    return [part for part in re.split(r"(?<=[.!?؟:;؛])\s+", text) if part.strip()]


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_are_short(language):
    words = list(all_words(current().texts[language]))
    too_long = [one for text in words for one in sentences(text) if len(one.split()) > 22]
    assert len(words) > 400
    assert too_long == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_judges_or_promises(language):
    said = [text.casefold() for text in all_words(current().texts[language])]
    found = [(text, word) for text in said for word in FORBIDDEN[language] if re.search(rf"\b{re.escape(word)}", text)]
    assert found == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_declined_person_hears_it_is_not_about_them(language):
    assert texts.outcome("decline", language)["text"].startswith(ABOUT_SKIN[language])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_reason_is_one_sentence_unless_it_says_keep_taking(language):
    reasons = current().texts[language]["reasons"]
    longer = {name for name, words in reasons.items() if len(sentences(words["patient"])) != 1}
    assert longer == {"blood_thinner", "antiplatelet_prescribed"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_medicines_are_kept_and_the_prescriber_is_asked(language):
    rules = [rule for rule in current().rules if rule.id in MEDICINES]
    assert len(rules) == len(MEDICINES)
    assert {texts.instruction(rule.instruction, language) for rule in rules} == {KEEP_TAKING[language]}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_languages_differ_and_are_not_left_in_english(language):
    english, other = current().texts["en"], current().texts[language]
    same = {
        name
        for name, words in english["reasons"].items()
        if language != "en" and words["patient"] == other["reasons"][name]["patient"]
    }
    assert same == set()
    if language == "ar":
        assert all(re.search(r"[\u0600-\u06FF]", text) for text in all_words(other))


def test_reasons_come_in_the_language_asked_for():
    (finding,) = screen(
        current(),
        modality="pen",
        areas={"face": "face"},
        answers=fine_form("pen", "face") | {"smoking": "yes"},
        today=TODAY,
    ).findings
    assert texts.reason(finding, "en") == "Smoking slows the way skin heals."
    assert texts.reason(finding, "tr-TR") == "Sigara cildin iyileşmesini yavaşlatır."
    assert texts.reason(finding, "fi") == texts.reason(finding, "en")
    assert texts.practitioner_reason(finding, "es") == "Fuma. Curación más lenta."
    assert texts.instruction(finding.instruction_id, "ar").startswith("التدخين")
    assert texts.instruction("", "en") == ""


def test_labels_keep_the_order_of_the_options():
    assert [value for value, _ in texts.option_labels("acne", "es")] == ["none", "few_spots", "inflamed"]
