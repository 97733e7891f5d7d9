"""What the texts may and may not say, in four languages."""

import re

import pytest

from treatments.catalogue import LANGUAGES

PAUSE = re.compile(r"(?<=[.!?:])\s+")

BANNED = {
    "en": [
        "safe for all", "scientifically proven", "product absorption", "absorb better", "enhances absorption",
        "stop blood thinner", "stop taking", "rarely needed", "painless", "pain-free", "you are safe", "risk-free",
        "you have no risk", "contraindicated", "rejected", "cures melasma", "cure melasma", "removes fat", "burns fat",
        "removes cellulite", "cures hair loss", "guarantee", "miracle", "no side effects", "100%",
    ],
    "tr": [
        "herkes için güvenli", "tüm ciltler için güvenli", "bilimsel olarak kanıtlan", "acısız", "ağrısız",
        "ilacı bırakın", "garanti", "mucize", "risksiz", "selüliti giderir", "kontrendike",
    ],
    "es": [
        "seguro para todo", "científicamente probado", "indoloro", "sin dolor", "deje de tomar", "garantiza", "milagro",
        "sin riesgo", "elimina la celulitis", "contraindicado",
    ],
    "ar": [
        "آمن لجميع", "مثبت علمي", "بلا ألم", "بدون ألم", "توقفوا عن تناول", "مضمون", "معجزة", "خالٍ من المخاطر",
    ],
}  # fmt: skip

# The only sentences that may use these words say that the treatment does *not* do it.
DENIED_ONLY = {"en": ["cure", "cellulite", "melasma", " fat "]}
DENIALS = ("does not cure", "not a treatment for fat or cellulite", "Loss of fat", "fat loss")


def sentences(node, where=""):
    if isinstance(node, dict):
        for key, value in node.items():
            yield from sentences(value, f"{where}.{key}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from sentences(value, f"{where}[{index}]")
    else:
        yield where, node


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_repeats_a_claim_that_cannot_be_kept(content, language):
    said = [
        (where, phrase)
        for where, text in sentences(content.texts[language])
        for phrase in BANNED[language]
        if phrase.casefold() in text.casefold()
    ]
    assert said == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_in_another_language_slips_into_english_claims(content, language):
    said = [
        where
        for where, text in sentences(content.texts[language])
        if any(phrase in text.casefold() for phrase in BANNED["en"])
    ]
    assert said == []


def test_cures_fat_and_cellulite_are_only_named_to_deny_them(content):
    said = [
        (where, text)
        for where, text in sentences(content.texts["en"])
        if any(word in f" {text} " for word in DENIED_ONLY["en"]) and not any(denial in text for denial in DENIALS)
    ]
    assert said == []


def test_english_sentences_have_22_words_at_most(content):
    long = [
        (where, sentence)
        for where, text in sentences(content.texts["en"])
        for sentence in PAUSE.split(text)
        if len(sentence.split()) > 22
    ]
    assert long == []


def test_needle_depth_is_never_stated_for_a_treatment(content):
    for language in LANGUAGES:
        for where, text in sentences(content.texts[language]["modalities"]):
            if re.search(r"\d\s*(mm|مم)", text):
                assert "0.25" in text or "0,25" in text, where
                assert ".faq" in where, where


@pytest.mark.parametrize(
    ("language", "risks"),
    [
        ("en", ["Burns", "Scarring", "Loss of fat", "Nerve damage"]),
        ("tr", ["Yanık", "Yara izi", "yağ kaybı", "Sinir hasarı"]),
        ("es", ["Quemaduras", "Cicatrices", "Pérdida de grasa", "nervio"]),
        ("ar", ["حروق", "ندبات", "فقدان دهون", "الأعصاب"]),
    ],
)
def test_radio_frequency_names_the_reported_risks(content, language, risks):
    rare = " ".join(content.texts[language]["modalities"]["rf"]["rare"])
    assert [risk for risk in risks if risk not in rare] == []


@pytest.mark.parametrize("slug", ["pen", "roller", "rf", "prp", "peel", "laser"])
def test_the_strictest_aftercare_is_the_one_told(content, slug):
    after = {step["key"]: step for step in content.texts["en"]["modalities"][slug]["after"]}
    assert any("Make-up" in item for item in after["today"]["avoid"])
    assert any("48 hours" in item for item in after["day_1"]["avoid"])
    assert any("72 hours" in item for item in after["day_1"]["avoid"])
    assert any("whole week" in item for item in after["days_2_7"]["avoid"])
    assert any("SPF 30" in item for item in after["later"]["do"])


def test_laser_asks_for_four_weeks_without_sun_the_others_for_two(content):
    modalities = content.texts["en"]["modalities"]
    first = {slug: text["before"][0]["key"] for slug, text in modalities.items() if slug != "consult"}
    assert first.pop("laser") == "before_28"
    assert set(first.values()) == {"before_14"}


def test_actives_are_paused_3_days_before_needles_and_7_before_heat_and_acid(content):
    modalities = content.texts["en"]["modalities"]
    for slug in ("pen", "roller", "prp", "scalp", "rf", "peel", "laser"):
        pause = next(
            step["key"] for step in modalities[slug]["before"] if any("retinoids" in item for item in step["items"])
        )
        assert pause == ("before_7" if slug in ("rf", "peel", "laser") else "before_3"), slug


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_treatment_says_to_keep_taking_medicines(content, language):
    keep = {"en": "Keep taking", "tr": "kullanmaya devam", "es": "Siga tomando", "ar": "استمروا في تناول"}[language]
    for slug, text in content.texts[language]["modalities"].items():
        assert any(keep in item for step in text["before"] for item in step["items"]), slug


@pytest.mark.parametrize("language", ["tr", "es", "ar"])
def test_nothing_is_left_in_english(content, language):
    english = dict(sentences(content.texts["en"]["modalities"]))
    same = [
        where
        for where, text in sentences(content.texts[language]["modalities"])
        if text == english[where] and not where.endswith(".key")
    ]
    assert same == []
