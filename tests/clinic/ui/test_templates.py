"""What no template may hold, and what every part must do in all four languages."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import get_template
from django.test import RequestFactory
from django.utils import translation

from clinic.ui import specimen

TEMPLATES = sorted((Path(settings.BASE_DIR) / "templates").rglob("*.html"))
INLINE = re.compile(r"""<style|\sstyle\s*=|\son[a-z]+\s*=\s*["']|hx-on[:-]|javascript:|<script(?![^>]*\bsrc=)""", re.I)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: str(p.relative_to(settings.BASE_DIR)))
def test_no_inline_script_or_style(path):
    assert INLINE.findall(path.read_text("utf-8")) == []


@pytest.mark.parametrize("name", ["400.html", "500.html"])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_refusals_without_a_request_can_be_drawn(name, language):
    with translation.override(language):
        html = get_template(name).render()
    assert f'lang="{language}"' in html
    assert f'dir="{"rtl" if language == "ar" else "ltr"}"' in html


@pytest.mark.parametrize("name", ["403.html", "404.html", "429.html", "refused.html"])
def test_refusals_say_what_the_error_says(name, shell_context):
    html = get_template(name).render({**shell_context, "error": "This link is over."}, RequestFactory().get("/"))
    assert "This link is over." in html
    assert html.count("<h1") == 1


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/look/", "/look/staff/"])
@pytest.mark.parametrize("language", ["en", "tr", "es", "ar"])
def test_the_style_guide_shows_every_part(client, settings, path, language):
    settings.DEBUG = True
    client.cookies["language"] = language
    html = client.get(path).content.decode()
    assert f'lang="{language}"' in html
    assert html.count("<h1") == 1
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert sorted(ids) == sorted(set(ids))


@pytest.mark.django_db
def test_the_style_guide_is_for_builders_only(client):
    assert client.get("/look/").status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize(("cookie", "attribute"), [("dark", ' data-theme="dark"'), ("", ""), ("odd", "")])
def test_the_saved_theme_is_in_the_first_byte_of_the_page(client, settings, cookie, attribute):
    settings.DEBUG = True
    if cookie:
        client.cookies["theme"] = cookie
    opening = re.search(r"<html[^>]*>", client.get("/look/").content.decode()).group()
    assert opening == f'<html lang="en" dir="ltr"{attribute}>'


@pytest.mark.django_db
def test_a_page_stays_within_30_kb(client, settings):
    import gzip

    settings.DEBUG = True
    assert len(gzip.compress(client.get("/look/").content)) <= 30 * 1024


@pytest.fixture
def shell_context():
    return {"clinic": {"name": "Clinic", "phone": "+902165550140", "whatsapp": "", "email": "a@example.org"}}


def test_the_specimen_holds_a_refused_form():
    assert specimen.context()["refused"].errors
