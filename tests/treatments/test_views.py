import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from treatments import home
from treatments.models import Modality, Offer

pytestmark = pytest.mark.usefixtures("offered")

SLUGS = ["pen", "roller", "rf", "prp", "scalp", "peel", "laser", "consult"]


def page(client, path, language="en"):
    response = client.get(path, headers={"accept-language": language})
    assert response.status_code == 200
    return response.content.decode()


def test_home_names_every_treatment_with_price_minutes_and_healing(client):
    html = page(client, "/")
    assert [slug for slug in SLUGS if f'href="/treatments/{slug}/"' not in html] == []
    assert "2,800\u00a0TL" in html
    assert "60–75" in html
    assert "/book/consult/" in html


def test_home_is_no_dead_end_when_nothing_can_be_booked(client):
    Modality.objects.update(bookable=False)
    html = page(client, "/")
    assert "Nothing can be booked online" in html
    assert "tel:" in html or "+90" in html


def test_home_shows_what_higher_floors_registered(client):
    asked = []
    free = datetime(2027, 3, 2, 10, 30, tzinfo=ZoneInfo("Europe/Istanbul"))
    home.provide_next_free(lambda slugs: asked.append(list(slugs)) or {"pen": free})
    home.provide_practitioners(lambda: [{"name": "Dr Ece Aydın", "title": "Dermatologist", "skills": ["Pen"]}])
    home.provide_times_link(lambda slug: f"/elsewhere/{slug}/")
    html = page(client, "/")
    assert asked == [SLUGS]
    assert "10:30" in html
    assert "Tue 2 Mar" in html
    assert "Dr Ece Aydın" in html
    assert "/elsewhere/consult/" in html


def test_query_counts_do_not_grow(client, django_assert_num_queries):
    for path in ("/", "/compare/", "/treatments/pen/", "/treatments/pen/care/"):
        with django_assert_num_queries(2):
            client.get(path)
    Offer.objects.exclude(area__slug="face").delete()
    with django_assert_num_queries(2):
        client.get("/")


@pytest.mark.parametrize("language", ["en", "tr", "es", "ar"])
def test_every_treatment_and_care_page_stands_in_every_language(client, language, content):
    for slug in SLUGS:
        for path in (reverse("treatments:detail", args=[slug]), reverse("treatments:care", args=[slug])):
            html = page(client, path, language)
            assert content.texts[language]["modalities"][slug]["name"] in html
            assert html.count("<h1") == 1
            assert f'<html lang="{language}"' in html
            assert "style=" not in html
            assert not re.search(r">\s*@\w", html), path


def test_a_treatment_page_holds_every_section(client, content):
    html = page(client, "/treatments/rf/")
    text = content.texts["en"]["modalities"]["rf"]
    for section in (
        "what",
        "how",
        "benefits",
        "feels",
        "steps",
        "wait",
        "common",
        "rare",
        "healing",
        "results",
        "sessions",
    ):
        for sentence in text[section]:
            assert sentence.replace("'", "&#x27;") in html, sentence
    assert all(entry["question"] in html for entry in text["faq"])
    assert html.count('href="/book/rf/"') == 2
    assert '<link rel="canonical" href="http' in html
    assert f'<meta name="description" content="{text["line"]}">' in html


def test_a_withdrawn_treatment_is_explained_without_times(client):
    Modality.objects.filter(slug="pen").update(bookable=False)
    html = page(client, "/treatments/pen/")
    assert "/book/pen/" not in html
    assert "/book/consult/" in html


@pytest.mark.parametrize(("day", "marked"), [("0", 1), ("1", 1), ("9", 1), ("", 0), ("-1", 0), ("x", 0), ("9" * 50, 0)])
def test_care_marks_the_day_it_is_asked_for(client, day, marked):
    html = page(client, f"/treatments/pen/care/?day={day}")
    assert html.count("is-accent") == marked


def test_care_leads_with_the_emergency_number(client, settings):
    html = page(client, "/treatments/pen/care/")
    assert f"Call {settings.EMERGENCY_NUMBER} now" in html


def test_compare_explains_what_is_not_offered(client, content):
    html = page(client, "/compare/")
    for other in content.texts["en"]["comparators"].values():
        assert other["name"] in html


def test_an_unknown_treatment_is_a_calm_404(client):
    assert client.get("/treatments/cupping/").status_code == 404


def test_pages_are_read_only(client):
    assert client.post("/").status_code == 405
