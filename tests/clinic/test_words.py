"""The words of every language: complete, with the same blanks as the English, and on the pages."""

import ast
import gettext
import re
from datetime import datetime
from functools import cache
from html import unescape
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.conf import settings
from django.core.management import call_command
from django.utils import translation
from django.utils.html import strip_tags
from django.utils.translation import gettext as say_it
from django.utils.translation import ngettext, trans_real

from clinic.dates import say
from clinic.embedded.assets import compile_translations, translation_folders
from clinic.embedded.management.commands.extract_messages import Command, texts
from clinic.people.models import User

LANGUAGES = [code for code, _name in settings.LANGUAGES if code != "en"]
FOLDERS = translation_folders()
FILES = [folder / code / "LC_MESSAGES" / "django.po" for folder in FOLDERS if folder.is_dir() for code in LANGUAGES]
BLANK = re.compile(r"%\(\w+\)[sd]|%%|</?\w+>")
FORMS = {"tr": 2, "es": 2, "ar": 6}
FORM_OF = {"ar": {0: 0, 1: 1, 2: 2, 3: 3, 10: 3, 11: 4, 99: 4, 100: 5, 103: 3}, "tr": {1: 0, 2: 1}, "es": {1: 0, 2: 1}}
LONE_NUMBER = re.compile(r"\d[\d-]*[ -]\d")  # turns around in Arabic unless isolated
NEVER = {
    "tr": ("reddedildi", "kontrendike", "güvendesiniz"),
    "es": ("rechaz", "contraindica", "está a salvo"),
    "ar": ("مرفوض", "رُفض", "موانع", "أنت في أمان"),
}
# Words of our pages that are no word, name or abbreviation of another language.
ENGLISH = re.compile(
    r"\b(the|your|you|with|book|choose|times?|from|visits?|need|help|back|practitioner|minutes?|today|appointment|and"
    r"|patient|days?|front desk|confirmed|arrived|cancelled|view|search|which|would|until|booked|continue|week)\b",
    re.I,
)


def name_of(path: Path) -> str:
    return str(path.relative_to(settings.BASE_DIR))


@cache
def entries(path: Path) -> list:
    with path.open("rb") as file:
        return [entry for entry in read_po(file, locale=language_of(path), abort_invalid=True) if entry.id]


def language_of(path: Path) -> str:
    return path.parent.parent.name


def forms(words: object) -> list[str]:
    return list(words) if isinstance(words, tuple | list) else [words]


every_file = pytest.mark.parametrize("path", FILES, ids=name_of)


def test_every_language_has_its_files():
    assert len(FILES) == 2 * len(LANGUAGES)
    assert all(path.exists() for path in FILES)


@every_file
def test_everything_is_said(path):
    assert len(entries(path)) > 50
    assert [e.id for e in entries(path) if not all(forms(e.string)) or not forms(e.string)] == []
    assert [e.id for e in entries(path) if e.fuzzy] == []


@every_file
def test_blanks_are_those_of_the_english(path):
    wrong = []
    for entry in entries(path):
        english = [sorted(BLANK.findall(text)) for text in forms(entry.id)]
        said = [sorted(BLANK.findall(text)) for text in forms(entry.string)]
        if isinstance(entry.id, str):
            right = said == english
        else:  # the forms of one and two may say the number as a word
            last = english[-1]
            right = said[-1] == last and all(one == last or set(one) < set(last) for one in said)
        if not right:
            wrong.append((entry.id, entry.string))
    assert wrong == []


@every_file
def test_edges_are_those_of_the_english(path):
    """No space at an end; a sentence ends where the English one does, a label with a colon keeps it."""
    ends = {"?": ".?؟", ".": ".?؟", ":": ":", "…": "…?؟"}
    wrong = []
    for entry in entries(path):
        english = forms(entry.id)[-1]
        if english == "Need help?":  # beside the logo on a narrow phone: one short word
            continue
        for text in forms(entry.string):
            if text != text.strip() or "  " in text or english[-1] in ends and text[-1] not in ends[english[-1]]:
                wrong.append(text)
    assert wrong == []


@every_file
def test_nothing_is_left_in_english(path):
    same = {forms(e.id)[0] for e in entries(path) if forms(e.string)[0] == forms(e.id)[0]}
    # Names, figures and words that are the same.
    allowed = {"WhatsApp", "Normal", "Error:", "no", "Chat", "%(time)s, %(day)s", "%(n)s min", "%(span)s min", "model"}
    assert same - allowed - {"%(minutes)s min · %(price)s", "Form %(version)s", "Online"} == set()


@every_file
def test_what_is_never_said(path):
    said = " ".join(text.lower() for e in entries(path) for text in forms(e.string))
    assert [word for word in NEVER[language_of(path)] if word in said] == []


@every_file
def test_plural_forms(path):
    code = language_of(path)
    plurals = [e for e in entries(path) if isinstance(e.id, tuple | list)]
    assert plurals
    assert {len(e.string) for e in plurals} == {FORMS[code]}
    head = path.read_text(encoding="utf-8").partition("Plural-Forms: ")[2].partition('\\n"')[0]
    assert head.startswith(f"nplurals={FORMS[code]};")
    form = gettext.c2py(head.partition("plural=")[2].rstrip(";"))
    assert {n: form(n) for n in FORM_OF[code]} == FORM_OF[code]


@pytest.mark.parametrize("path", [path for path in FILES if language_of(path) == "ar"], ids=name_of)
def test_arabic_stays_in_order(path):
    """Digits are Latin, commas and question marks Arabic, and figures in groups are isolated."""
    said = [text for e in entries(path) for text in forms(e.string)]
    assert [text for text in said if re.search("[٠-٩۰-۹]", text)] == []
    assert [text for text in said if re.search(r"[\u0600-\u06ff][,?;]", text)] == []
    for text in said:
        assert text.count("\u2066") == text.count("\u2069"), text
        assert not LONE_NUMBER.search(re.sub("\u2066[^\u2069]*\u2069", "", text)), text


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_files_hold_what_the_sources_say(code):
    """If this fails: `make messages`, then translate what is new."""
    for root, sources in Command().roots():
        found = {(context, *forms(words)) for path in sources for _line, words, _notes, context in texts(path)}
        kept = {(e.context, *forms(e.id)) for e in entries(root / code / "LC_MESSAGES" / "django.po")}
        assert found - kept == set()
        assert kept - found == set()


def test_python_says_nothing_through_a_built_string():
    """``_(f"…")`` or ``_("…" % x)`` can't be looked up: the whole sentence has to be in the sources."""
    wrong = []
    for app in ("clinic", "treatments", "bookings", "consultations"):
        for path in (settings.BASE_DIR / app).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                match node:
                    case ast.Call(
                        func=ast.Name(id="_" | "gettext" | "ngettext"), args=[ast.JoinedStr() | ast.BinOp(), *_]
                    ):
                        wrong.append(f"{name_of(path)}:{node.lineno}")
    assert wrong == []


@pytest.fixture
def compiled():
    """The words as a running clinic has them. Django and gettext keep what they read before: both forget it."""
    compile_translations(FOLDERS)
    trans_real._translations.clear()
    gettext._translations.clear()
    with translation.override("en"):
        yield


def test_compiled_words_are_used(compiled):
    assert all(path.with_suffix(".mo").exists() for path in FILES)
    said = {}
    for code in LANGUAGES:
        with translation.override(code):
            free = "%(day)s, %(n)s time free", "%(day)s, %(n)s times free"
            said[code] = [say_it("Need help?"), *(ngettext(*free, n) % {"day": "·", "n": n} for n in (1, 2, 5, 11))]
    assert said == {
        "tr": ["Yardım", "·, 1 saat boş", "·, 2 saat boş", "·, 5 saat boş", "·, 11 saat boş"],
        "es": ["Ayuda", "·, 1 hora libre", "·, 2 horas libres", "·, 5 horas libres", "·, 11 horas libres"],
        "ar": ["المساعدة", "·، وقت واحد متاح", "·، وقتان متاحان", "·، 5 أوقات متاحة", "·، 11 وقتًا متاحًا"],
    }


@pytest.mark.parametrize(
    ("code", "long", "short"),
    [
        ("en", "Tuesday 12 May 2026", "Tue 12 May, 10:30"),
        ("tr", "12 Mayıs 2026 Salı", "12 May Sal, 10:30"),
        ("es", "martes 12 de mayo de 2026", "mar 12 may, 10:30"),
        ("ar", "الثلاثاء 12 مايو 2026", "ثلاثاء 12 مايو، 10:30"),
    ],
)
def test_a_day_is_said_as_the_language_says_it(code, long, short):
    with translation.override(code):
        assert say(datetime(2026, 5, 12, 10, 30), "l j F Y") == long
        assert say(datetime(2026, 5, 12, 10, 30), "D j M, H:i") == short


@pytest.fixture
def demo(db):
    call_command("load_catalogue", verbosity=0)
    call_command("load_questionnaire", verbosity=0)
    from consultations.demo.loader import load_clinic

    return load_clinic()


def text_of(response) -> str:
    """What is read on the page: no scripts, no attributes, no languages in their own names, no names of people."""
    assert response.status_code == 200
    html = re.sub(r"(?s)<(script|style|svg)\b.*?</\1>|<[^>]*\blang=[^>]*>.*?</\w+>", " ", response.content.decode())
    return unescape(strip_tags(html[html.index("<body") :].replace("<", " <")))


@pytest.mark.parametrize("code", ["en", *LANGUAGES])
def test_pages_are_in_the_readers_language(code, compiled, demo, client):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = code
    client.force_login(User.objects.filter(role="desk").first())
    paths = ["/", "/treatments/peel/", "/book/peel/", "/book/peel/time/?areas=face", "/my/sign-in/"]
    paths += ["/desk/", "/desk/new/", "/desk/search/?q=zzzz"]
    found = {}
    for path in paths:
        response = client.get(path, follow=True)
        assert f'lang="{code}"' in response.content.decode()
        found[path] = set(ENGLISH.findall(text_of(response)))
    if code == "en":
        assert all(found.values())  # the list does know English
    else:
        assert {path: words for path, words in found.items() if words} == {}
