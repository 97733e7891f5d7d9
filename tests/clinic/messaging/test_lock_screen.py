"""What a message may say where anybody who sees the phone can read it: words as people write them, in four languages."""

import pytest

from clinic.messaging.wording.shipped import forbidden_word

REVEALING = {
    "en": ["Your microneedling", "the LASER visit", "for your face", "stretch-mark visit", "accutane"],
    "tr": [
        "yüzünüz için", "yanağınıza", "alnınız", "boynunuzda", "karnınız", "uyluğunuz", "çatlağınız", "saç deriniz",
        "uçuğunuz çıkarsa", "iğne sonrası", "lazerden sonra", "GEBELİK", "gül hastalığı", "kalp pili", "göz altı",
    ],
    "es": ["su cara", "el rostro", "las ojeras", "la exfoliación química", "VIH", "si amamanta", "con láser", "estrías"],
    "ar": [
        "جلسة بالليزر", "جلسة لليزر", "والليزر", "للتقشير", "بالإبر", "الوخز بالإبر", "بالبلازما", "البوتوكس", "بالفيلر",
        "الميزوثيرابي", "للوجه", "ووجهك", "للرقبة", "بطنك", "فخذيك", "جبينك", "لخدك", "لحب الشباب", "الندبات", "الندوب",
        "إن كنتِ حاملًا", "للحامل", "لحملك", "للحمل", "ترضعين", "المرضعة", "بالسكري", "السرطان", "بالصرع", "الهربس",
    ],
}  # fmt: skip
HARMLESS = {
    "en": ["on Facebook", "face to face", "bring a scarf", "no necklace", "please cancel", "the interface", "scarcely"],
    "tr": ["Mesajınız alındı", "Numara alın", "bu yüzden arıyoruz", "yüzyıl", "karar verin", "cildiniz", "dudağınız"],
    "es": ["enfrente", "en frente del banco", "frente a la plaza", "características", "cancelar"],
    "ar": [
        "خدمة العملاء", "للخدمة", "خدماتنا", "مع إبراهيم", "5 أبريل",
        "فروعنا", "وجهة نظر", "بشرتك", "الشفتان", "الخزانة", "وجهازك",
    ],
}  # fmt: skip
SAID = [(code, text) for code, texts in REVEALING.items() for text in texts]
UNSAID = [(code, text) for code, texts in HARMLESS.items() for text in texts]


@pytest.mark.parametrize(("code", "text"), SAID)
def test_a_word_that_gives_health_away_is_found_however_it_is_inflected(code, text):
    assert forbidden_word(text)


@pytest.mark.parametrize(("code", "text"), UNSAID)
def test_a_word_that_only_looks_like_one_is_no_reason_to_refuse(code, text):
    assert forbidden_word(text) == ""


def test_the_name_of_whom_is_written_to_and_of_the_clinic_give_nothing_away():
    names = ["Scarlett", "Laserman", "Needle & Co"]
    assert forbidden_word("Dear Scarlett, come to Needle & Co", names=names) == ""
    assert forbidden_word("Dear Scarlett, your scars", names=names)
    assert forbidden_word("Dear Scarlett, the needle", names=names)
