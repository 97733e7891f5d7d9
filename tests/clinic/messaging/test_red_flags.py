"""What people really type, in `said/`: none of it is taken for less than it is, and words of every day stay that."""

import time
import tomllib
from pathlib import Path

import pytest

from clinic.messaging.replies.red_flags import ORDER, language_of, urgency_of
from clinic.messaging.wording.shipped import LANGUAGES

SAID = {
    code: tomllib.loads((Path(__file__).parent / "said" / f"{code}.toml").read_text(encoding="utf-8"))
    for code in LANGUAGES
}


@pytest.mark.parametrize("level", ORDER)
@pytest.mark.parametrize("code", LANGUAGES)
def test_a_sign_is_never_taken_for_less(code, level):
    enough = ORDER[: ORDER.index(level) + 1]
    assert [text for text in SAID[code][level] if urgency_of(text) not in enough] == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_words_of_every_day_call_nobody(code):
    assert [(text, urgency_of(text)) for text in SAID[code]["harmless"] if urgency_of(text)] == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_has_enough_to_go_by(code):
    assert all(len(SAID[code][level]) >= 40 for level in [*ORDER, "harmless"])


@pytest.mark.parametrize(
    "text",
    [
        "I CAN’T BREATHE", "i can´t breathe", "I can`t breathe", "can't breathe…", "😰can't breathe😰", "can't\nbreathe",
        "NEFES ALAMIYORUM", "nefes alamiyorum", "NEFES ALAMİYORUM", "nefes\u200b alamıyorum",
        "NO PUEDO RESPIRAR", "no puedo respiraaaar", "لا أســتطيع التنفّس", "لا استطیع التنفس", "\u200fضيق\u200f تنفس\u200f",
    ],
)  # fmt: skip
def test_how_a_phone_writes_does_not_matter(text):
    assert urgency_of(text) == "emergency"


@pytest.mark.parametrize("text", ["", " ", "…", "👍", "1", "١", "\u200f", "https://clinic.example/b/AbC/"])
def test_next_to_nothing_is_nothing(text):
    assert urgency_of(text) == "" == language_of(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [("I can't breathe", "en"), ("nefes alamıyorum", "tr"), ("me falta el aire", "es"), ("عندي ضيق في التنفس", "ar")],
)
def test_the_language_of_a_sign_is_known(text, code):
    assert language_of(text) == code


def test_a_long_text_is_read_to_its_end_and_soon():
    began = time.process_time()
    assert urgency_of("thank you for everything " * 200 + "but my lips are swollen") == "emergency"
    assert time.process_time() - began < 1
