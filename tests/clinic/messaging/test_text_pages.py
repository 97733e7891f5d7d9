"""The owner's pages over HTTP: what is shown, what is kept when refused, and that looking changes nothing."""

import re

import pytest
from django.test import Client

from clinic.messaging.kinds import KINDS
from clinic.messaging.models import Template, TextEdition, TimingEdition
from clinic.messaging.wording import approving, editing, names
from clinic.messaging.wording.preview import preview, sample_values
from clinic.messaging.wording.shipped import LANGUAGES, Text, shipped
from clinic.people.access import Actor
from clinic.people.models import User
from tests.faults.conftest import fake  # noqa: F401

pytestmark = pytest.mark.django_db
OWN = "Dear {first_name}, see you on {day} at {time}, {place}. 1 for yes, 2 for another time: {link}"
LIST, PAGE = "/settings/messages/", "/settings/messages/reminder_24h/en/"


@pytest.fixture
def owner(db):
    return User.objects.create(email="o@example.org", name="Olga Owner", role="owner")


@pytest.fixture
def page(owner):
    client = Client(headers={"accept-language": "en"})
    client.force_login(owner)
    return client


def html(answer) -> str:
    return answer.content.decode()


def test_every_kind_has_a_name_a_place_and_known_variables():
    placed = [kind for _name, kinds in names.GROUPS for kind in kinds]
    assert sorted(placed) == sorted(KINDS) == sorted(names.NAMES)
    assert {name for kind in KINDS.values() for name in kind.allowed} == names.VARIABLES.keys()


@pytest.mark.parametrize("kind", KINDS)
def test_every_page_opens_in_every_language_of_the_text(page, kind):
    for language in LANGUAGES:
        answer = page.get(f"/settings/messages/{kind}/{language}/")
        assert answer.status_code == 200
        assert html(answer).count("<h1") == 1
        ids = re.findall(r'\sid="([^"]+)"', html(answer))
        assert sorted(ids) == sorted(set(ids))


def test_the_list_says_what_is_edited_and_when_it_goes(page, owner):
    assert "Your own" not in html(page.get(LIST))
    editing.edit_text("reminder_24h", "tr", subject="", body=shipped("tr").texts["reminder_24h"].body + " Hadi!",
                      actor=Actor("owner", user=owner))  # fmt: skip
    found = html(page.get(LIST))
    assert found.count("Your own<") == 1
    assert "1 day before the visit" in found
    assert "laser: 28 days before the visit" in found


@pytest.mark.parametrize("role", ["desk", "practitioner"])
def test_nobody_else_comes_in_or_sees_the_way(role):
    client = Client()
    client.force_login(User.objects.create(email="x@example.org", name="X", role=role))
    assert client.get(LIST).status_code == 403
    assert client.post(PAGE, {"body": OWN, "save": "1"}).status_code == 403
    assert not TextEdition.objects.exists()
    assert LIST not in html(client.get("/desk/"))


def test_the_owner_sees_the_way(page):
    assert f'href="{LIST}"' in html(page.get(LIST))


def test_a_text_is_saved_and_shown(page, owner):
    answer = page.post(PAGE, {"subject": "See you", "body": OWN, "seen": "0", "save": "1"}, follow=True)
    assert "Saved. It is used from now on" in html(answer)
    assert "Dear Elif, see you on Wednesday 12 May at 10:30" in html(answer)
    assert "Olga Owner" in html(answer)
    row = TextEdition.objects.get()
    assert (row.subject, row.body, row.edited_by) == ("See you", OWN, owner)


def test_a_preview_writes_nothing_and_keeps_what_was_typed(page):
    answer = page.post(PAGE, {"subject": "S", "body": OWN + " Bye {nobody}", "seen": "0"})
    assert answer.status_code == 200
    found = html(answer)
    assert "Dear Elif" in found
    assert "Bye {nobody}" in found
    assert "{nobody} is not known here" in found
    assert "What you typed, on a phone" in found
    assert not TextEdition.objects.exists()


def test_a_refused_text_keeps_what_was_typed_and_says_why_at_the_field(page):
    answer = page.post(PAGE, {"subject": "Your laser visit", "body": "Hello {oops}", "seen": "0", "save": "1"})
    assert answer.status_code == 422
    found = html(answer)
    assert "Hello {oops}</textarea>" in found
    assert 'value="Your laser visit"' in found
    assert "Leave out “laser”" in found
    assert "Put {link} back in" in found
    assert "<title>Error:" in found.replace("\n", "").replace("  ", "")
    assert not TextEdition.objects.exists()


def test_a_page_open_too_long_is_told_so(page, owner):
    editing.edit_text("reminder_24h", "en", subject="", body=OWN, actor=Actor("owner", user=owner))
    answer = page.post(PAGE, {"body": OWN + " Bye", "seen": "0", "save": "1"})
    assert answer.status_code == 409
    assert "Somebody has changed this text since" in html(answer)
    assert OWN + " Bye</textarea>" in html(answer)


def test_earlier_texts_and_the_shipped_one_come_back(page, owner):
    first = editing.edit_text("reminder_24h", "en", subject="", body=OWN, actor=Actor("owner", user=owner))
    editing.edit_text("reminder_24h", "en", subject="", body=OWN + " Bye", actor=Actor("owner", user=owner))
    assert "Restored" in html(page.post(PAGE + "restore/", {"edition": first.pk}, follow=True))
    assert editing.history("reminder_24h", "en").first().body == OWN
    page.post(PAGE + "restore/")
    assert editing.history("reminder_24h", "en").first().restored
    assert page.post("/settings/messages/reminder_24h/tr/restore/", {"edition": first.pk}).status_code == 404
    assert page.post(PAGE + "restore/", {"edition": "9" * 18}).status_code == 404


@pytest.mark.parametrize("path", ["nothing/en/", "reminder_24h/de/", "nothing/en/timing/", "reminder_24h/de/template/"])
def test_what_is_not_there_is_not_there(page, path):
    assert page.post(f"/settings/messages/{path}", {}).status_code == 404


def test_a_moment_is_changed_and_refused_with_what_was_typed(page):
    answer = page.post(PAGE + "timing/", {"amount": "2", "unit": "days", "step": ""}, follow=True)
    assert "2 days before the visit" in html(answer)
    answer = page.post(PAGE + "timing/", {"amount": "99", "unit": "days", "step": ""})
    assert answer.status_code == 422
    assert 'value="99"' in html(answer)
    assert "Between 4 hours and 3 days." in html(answer)
    for typed in ("", "-1", "x", "1.5", "99999"):
        assert page.post(PAGE + "timing/", {"amount": typed, "unit": "days"}).status_code == 422
    assert page.post(PAGE + "timing/", {"amount": "2", "unit": "weeks"}).status_code == 422
    assert page.post(PAGE + "timing/", {"amount": "2", "unit": "days", "off": "on"}, follow=True).status_code == 200
    assert TimingEdition.objects.count() == 1
    assert page.post(PAGE + "timing/", {"step": "7d"}).status_code == 404


def test_a_message_is_switched_off(page):
    answer = page.post(
        "/settings/messages/prepare_7d/en/timing/", {"unit": "days", "step": "3d", "off": "on"}, follow=True
    )
    assert "once more, with needles: Switched off" in html(answer)


def test_quiet_hours(page):
    assert "Saved" in html(page.post(LIST + "quiet-hours/", {"start": "20:30", "end": "09:00"}, follow=True))
    answer = page.post(LIST + "quiet-hours/", {"start": "02:00", "end": ""})
    assert answer.status_code == 422
    assert "Choose a time from" in html(page.post(LIST + "quiet-hours/", {"start": "02:00", "end": "09:00"}))
    assert TimingEdition.objects.count() == 2


def test_the_demonstration_needs_no_templates(page, settings):
    settings.MESSAGE_PROVIDER = "demo"
    assert "Not needed here" in html(page.get(LIST))
    assert "Not needed here" in html(page.get(PAGE))
    assert "not needed here" in html(page.post(PAGE + "template/", follow=True))
    assert not Template.objects.exists()


def test_a_template_is_sent_rejected_and_explained(page, fake):  # noqa: F811
    assert "was not sent for approval yet" in html(page.get(PAGE))
    assert "waiting for approval" in html(page.post(PAGE + "template/", follow=True))
    row = Template.objects.get()
    fake.content.decide(row.content_sid, "rejected", "INVALID_FORMAT")
    page.post(LIST + "templates/", {"do": "sync"})
    found = html(page.get(PAGE))
    assert "INVALID_FORMAT" in found
    assert "Send for approval" not in found
    assert "rejected" in html(page.get(LIST))


def test_a_provider_that_refuses_us_says_so_on_the_page(page, fake):  # noqa: F811
    fake.content.behave = lambda _act, _number: "401"
    assert "does not accept our account" in html(page.post(PAGE + "template/", follow=True))
    assert "Send for approval" in html(page.get(PAGE))
    assert "does not accept our account" in html(page.post(LIST + "templates/", {"do": "sync"}, follow=True))


def test_all_missing_ones_go_by_a_task(page, fake, monkeypatch):  # noqa: F811
    from clinic.messaging.wording import pages

    asked = []
    monkeypatch.setattr(pages.current_app, "send_task", lambda name, **_more: asked.append(name))
    page.post(LIST + "templates/", {"do": "submit"})
    assert asked == ["messaging.submit_templates"]

    def away(*_given, **_more):
        raise ConnectionError

    monkeypatch.setattr(pages.current_app, "send_task", away)
    assert "cannot be started just now" in html(page.post(LIST + "templates/", {"do": "submit"}, follow=True))


def test_looking_costs_few_queries(page, fake, django_assert_max_num_queries):  # noqa: F811
    approving.submit("reminder_24h", "en")
    page.get(LIST)
    with django_assert_max_num_queries(14):
        page.get(LIST)


def test_the_preview_names_the_character_that_makes_a_text_dearer():
    plain = preview("reply_confirmed", "en", Text("", "Thank you {first_name}, see you on {day} at {time}."))
    assert (plain.length.encoding, plain.odd) == ("GSM-7", ())
    curly = preview("reply_confirmed", "en", Text("", "Thank you {first_name}, we’ll see you on {day} at {time}."))
    assert curly.length.encoding == "UCS-2"
    assert curly.slip
    assert [one.code for one in curly.odd] == ["U+2019 right single quotation mark"]
    assert curly.plain.encoding == "GSM-7"
    arabic = preview("reply_confirmed", "ar", shipped("ar").texts["reply_confirmed"])
    assert arabic.odd
    assert not arabic.slip


def test_the_preview_counts_the_code_that_the_text_message_carries():
    body = "a" * 151
    assert preview("reply_received", "en", Text("", body)).length.segments == 1
    assert preview("reply_received", "en", Text("", body + "a")).length.segments == 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_sample_links_are_as_long_as_real_ones(language, settings):
    assert len(sample_values("moved", language)["link"]) == len(settings.PUBLIC_URL) + len("/b//") + 43


@pytest.mark.parametrize("reader", ["en", "ar"])
def test_a_text_keeps_its_own_direction_whatever_the_page_is_in(page, reader):
    page.cookies["language"] = reader
    shown = '<div class="phone-screen" lang="{}" dir="{}">'
    assert shown.format("ar", "rtl") in html(page.get("/settings/messages/moved/ar/"))
    assert shown.format("en", "ltr") in html(page.get("/settings/messages/moved/en/"))
