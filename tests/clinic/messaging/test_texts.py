import pytest

from clinic.messaging.kinds import KINDS, SAMPLES
from clinic.messaging.wording import texts
from clinic.messaging.wording.segments import measure
from clinic.messaging.wording.shipped import LANGUAGES, VARIABLE, complaint


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_reads_in_every_language(kind, code):
    rendered = texts.sample(kind, code)
    assert rendered.body
    assert "{" not in rendered.body + rendered.subject
    assert [choice for choice, _label in rendered.choices] == list(KINDS[kind].choices)
    if "link" in KINDS[kind].variables:
        assert SAMPLES["link"] in rendered.body


@pytest.mark.parametrize("kind", KINDS)
def test_all_languages_use_the_same_variables(kind):
    used = {frozenset(VARIABLE.findall(texts.language(code).texts[kind].body)) - {"first_name"} for code in LANGUAGES}
    assert len(used) == 1


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_templates_neither_begin_nor_end_with_a_variable_nor_join_two(kind, code):
    body, names = texts.as_template(texts.language(code).texts[kind].body)
    assert names[-1] == "message_code"
    assert not body.endswith("}}")
    assert "}}{{" not in body
    assert "}} {{" not in body


@pytest.mark.parametrize(
    "text",
    [
        "Your microneedling",
        "Your LASER visit",
        "for your face",
        "Yüzünüz için",
        "lazer",
        "su cara",
        "بعد الليزر",
        "keloid",
        "gebelik",
    ],
)
def test_treatment_area_and_answer_words_are_refused(text):
    assert "lock screen" in complaint("booking_confirmed", text)


@pytest.mark.parametrize(
    "text", ["{first_name.__class__}", "{code}", "{0}", "{first_name!r}", "{time:>9}", "{", "a } b"]
)
def test_only_listed_variables_may_stand_in_a_text(text):
    assert complaint("booking_confirmed", text)


def test_a_name_cannot_smuggle_a_link_or_a_variable():
    body = texts.render(
        "reply_confirmed", "en", {"first_name": "http://evil.example {phone}", "day": "1 May", "time": "10:00"}
    ).body
    assert "http" not in body
    assert "{" not in body


@pytest.mark.parametrize(
    ("code", "day"),
    [
        ("en", "Wednesday 12 May"),
        ("tr", "12 Mayıs Çarşamba"),
        ("es", "miércoles 12 de mayo"),
        ("ar", "الأربعاء 12 مايو"),
    ],
)
def test_an_instant_reads_in_the_readers_language_and_the_clinics_zone(code, day):
    facts = {"start": "2027-05-12T07:30:00+00:00", "timezone": "Europe/Istanbul", "first_name": "Elif"}
    body = texts.render("reply_confirmed", code, facts).body
    assert day in body
    assert "10:30" in body


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a" * 160, ("GSM-7", 160, 1)), ("a" * 161, ("GSM-7", 161, 2)), ("€" * 80, ("GSM-7", 160, 1)),
        ("ş" * 70, ("UCS-2", 70, 1)), ("ş" * 71, ("UCS-2", 71, 2)), ("😀" * 35, ("UCS-2", 70, 1)),
        ("a" * 152 + "€" + "a" * 10, ("GSM-7", 164, 2)), ("😀" * 67, ("UCS-2", 134, 3)),
    ],
)  # fmt: skip
def test_segments(text, expected):
    length = measure(text)
    assert (length.encoding, length.units, length.segments) == expected


def test_a_phone_number_among_arabic_words_reads_in_its_own_order():
    """Its groups of digits would stand in reverse on the phone; a mark nobody sees holds them."""
    body = texts.render("emergency_now", "ar", {"emergency": "112"}).body
    assert "\u200e+90 216 555 01 40" in body
    assert "\u200e" not in texts.render("emergency_now", "en", {"emergency": "112"}).body
