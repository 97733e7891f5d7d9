"""The clinic's own texts: what may be written, what follows, and that nothing stored can stop a message."""

import logging
from dataclasses import replace

import pytest
from django.db import DatabaseError, transaction

from clinic.audit.models import Entry
from clinic.errors import DomainError, Invalid, NotFound
from clinic.messaging import limits
from clinic.messaging.kinds import BY_TEMPLATE, KINDS, SAMPLES
from clinic.messaging.models import Message, TextEdition
from clinic.messaging.plan import reconcile
from clinic.messaging.wording import editing, texts
from clinic.messaging.wording.rules import problems, required, stop_word
from clinic.messaging.wording.shipped import LANGUAGES, Text, shipped
from clinic.people.access import Actor
from clinic.people.models import User

KIND = "reminder_24h"
OWN = "Dear {first_name}, see you on {day} at {time}, {place}. 1 for yes, 2 for another time: {link}"


@pytest.fixture
def owner(db):
    return Actor("owner", user=User.objects.create(email="o@example.org", name="Olga", role="owner"))


def edit(owner, body=OWN, kind=KIND, language="en", subject="See you on {day}", **more):
    return editing.edit_text(kind, language, subject=subject, body=body, actor=owner, **more)


def said(kind=KIND, language="en"):
    return texts.sample(kind, language).body


def wrong(body, kind=KIND, language="en"):
    return problems(kind, language, Text("", body)).get("body", [])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_shipped_text_keeps_the_clinics_own_rules(kind, language):
    found = problems(kind, language, shipped(language).texts[kind])
    assert found == {}


def test_an_own_text_is_used_in_its_language_only_and_can_be_taken_back(owner, now):
    edition = edit(owner, now=now)
    assert said().startswith("Dear Elif, see you on 12 May")
    assert texts.sample(KIND, "en").subject == "See you on 12 May"
    _body, names = texts.as_template(texts.language("en").texts[KIND].body)
    assert names == ("first_name", "day", "time", "place", "link", "message_code")
    assert said(language="tr") == texts.fill(
        shipped("tr").texts[KIND].body, texts.variables("tr", {name: SAMPLES[name] for name in KINDS[KIND].allowed})
    )
    editing.restore_shipped(KIND, "en", actor=owner, now=now)
    assert said().startswith("Hello Elif")
    editing.restore(edition, actor=owner, now=now)
    assert said().startswith("Dear Elif")
    assert [one.restored for one in editing.history(KIND, "en")] == [False, True, False]


def test_what_is_said_already_is_not_written_again(owner):
    assert edit(owner) is not None
    assert edit(owner) is None
    given = shipped("en").texts[KIND]
    assert edit(owner, given.body, subject=given.subject).restored
    assert edit(owner, given.body, subject=given.subject) is None
    assert TextEdition.objects.count() == 2


def test_every_edition_is_on_record_without_its_words(owner):
    edit(owner)
    entry = Entry.objects.get(action="message.text_edited")
    assert (entry.actor, entry.subject) == (f"user:{owner.user.pk}", f"text:{KIND}:en")
    assert "Dear" not in str(entry.detail)


@pytest.mark.parametrize("change", [{"body": "x"}, None])
def test_the_database_keeps_what_was_said(owner, change):
    row = edit(owner)
    with pytest.raises(DatabaseError), transaction.atomic():
        TextEdition.objects.filter(pk=row.pk).update(**change) if change else row.delete()


def test_what_waits_is_written_anew_and_what_went_out_stays(owner, wish, now):
    reconcile(wish.ref, [wish(), wish(step="sent"), wish(step="tr", language="tr")], now=now)
    Message.objects.filter(step="sent").update(state="accepted", provider_id="SM1")
    edit(owner, now=now)
    bodies = {row.step: row.body for row in Message.objects.all()}
    assert bodies[""].startswith("Dear Elif, see you on Thursday 6 May at 10:30")
    assert bodies["sent"].startswith("Hello Elif")
    assert bodies["tr"].startswith("Merhaba")
    assert Entry.objects.get(action="message.text_edited").detail["waiting"] == 1


def test_the_planner_mends_what_an_edit_could_not_reach(owner, wish, now):
    reconcile(wish.ref, [wish()], now=now)
    edit(owner, now=now)
    waiting = Message.objects.get()
    waiting.body = "old"
    waiting.save()
    assert reconcile(wish.ref, [wish()], now=now).changed == 1
    assert Message.objects.get().body.startswith("Dear Elif")
    assert reconcile(wish.ref, [wish()], now=now).changed == 0


def test_a_page_that_was_open_too_long_overwrites_nothing(owner):
    first = edit(owner, seen=0)
    edit(owner, OWN.replace("Dear", "Good day"), seen=first.pk)
    with pytest.raises(DomainError) as refusal:
        edit(owner, OWN.replace("Dear", "Hi"), seen=first.pk)
    assert refusal.value.code == "edited_meanwhile"
    assert said().startswith("Good day Elif")


def test_nothing_is_written_of_a_text_that_may_not_be_used(owner):
    with pytest.raises(Invalid) as refusal:
        edit(owner, "Your laser visit {oops}", subject="Line\nbreak")
    assert set(refusal.value.fields) == {"subject", "body"}
    assert not TextEdition.objects.exists()
    with pytest.raises(NotFound):
        edit(owner, kind="no_such_kind")
    with pytest.raises(NotFound):
        edit(owner, language="de")


@pytest.mark.parametrize(
    ("body", "hint"),
    [
        ("", "Write what"), ("   \n ", "Write what"),
        (OWN.replace("{place}", "{room}"), "{room} is not known"),
        (OWN.replace("{place}", "{first_name.__class__}"), "not known"),
        (OWN + " {", "single brace"), (OWN + " }", "single brace"),
        (OWN.replace("{link}", "our page"), "{link} back in"), (OWN.replace("{day}", "soon"), "{day} back in"),
        (OWN.replace("{time}", "noon"), "{time} back in"), (OWN.replace("{place}", "here"), "{place} back in"),
        (OWN + " Your face will thank you", "“face”"), (OWN + " Yüzünüz", "“yuz”"),
        (OWN + "a" * 600, "600 characters"),
        (OWN + " Reply CANCEL if you cannot come", "CANCEL"), (OWN + " or text stop.", "stop"),
        (OWN + " İptal için DUR yazın", "DUR"), (OWN + " Responda BAJA", "BAJA"), (OWN + " Reply YES", "YES"),
        (OWN + " أرسل توقف", "توقف"), (OWN + " or write “cancel”", "cancel"),
        (OWN.replace("1 for yes, 2 for another time", "tell us"), "number 1"),
        (OWN.replace("2 for another time", "10 else"), "number 2"),
        ("{first_name}" + OWN[4:], "before the first variable"), (OWN.replace(" at {time}", " {time}"), "side by side"),
        (OWN.replace(" at {time}", "\n{time}"), "side by side"),
    ],
)  # fmt: skip
def test_each_mistake_says_what_to_do(body, hint):
    assert any(hint in sentence for sentence in wrong(body)), wrong(body)


@pytest.mark.parametrize(
    "text",
    [
        "Your visit is cancelled.", "If you need to cancel, use the link.", "At the end of the day we call you.",
        "Reply 1 to confirm, 2 to move.", "Tu cita está cancelada", "Randevunuz duruyor", "Yes, we are open. Reply 1.",
    ],
)  # fmt: skip
def test_ordinary_words_are_no_orders(text):
    assert stop_word(text) == ""


def test_numbers_may_stand_in_any_script():
    assert not [one for one in wrong(OWN.replace("1", "١").replace("2", "٢")) if "number" in one]


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("sign_in_code", ("code",)), ("emergency_now", ("emergency", "phone")), ("waitlist_offer", ("day", "time", "by", "link")),
        ("desk_directions", ("place", "phone")), ("free_text", ("text", "phone")), ("reply_received", ("phone",)),
    ],
)  # fmt: skip
def test_what_a_kind_cannot_do_without(kind, names):
    assert required(kind, "en") == names


def test_a_code_may_come_first_but_not_vanish():
    assert "sign_in_code" not in BY_TEMPLATE
    assert wrong("{code} is your code.", "sign_in_code") == []
    assert wrong("Here is your code.", "sign_in_code")


@pytest.mark.parametrize("body", ["Your laser visit, {first_name}", "{nothing}", "a { b"])
def test_a_broken_stored_text_gives_way_to_the_shipped_one_and_the_log_does_not_repeat_it(owner, now, body, caplog):
    TextEdition.objects.create(kind=KIND, language="en", body=body, edited_by=owner.user, at=now)
    limits.forget_remembered()
    with caplog.at_level(logging.ERROR):
        assert said().startswith("Hello Elif")
        assert said().startswith("Hello Elif")
    assert "reminder_24h (en) cannot be used" in caplog.text
    assert body not in caplog.text


def test_a_kind_that_is_no_more_stops_nothing(owner, now):
    TextEdition.objects.create(kind="gone", language="en", body="x", edited_by=owner.user, at=now)
    TextEdition.objects.create(kind=KIND, language="de", body="x", edited_by=owner.user, at=now)
    limits.forget_remembered()
    assert said().startswith("Hello Elif")


def test_a_variable_that_nobody_gives_stops_nothing(owner, monkeypatch, caplog):
    """A text may use what its kind lists; a planner that does not give it must not fail for the clinic's words."""
    monkeypatch.setitem(KINDS, "reply_received", replace(KINDS["reply_received"], variables=frozenset({"day"})))
    edit(owner, "Thank you, we read it by {day}. Call {phone}.", kind="reply_received", subject="")
    assert texts.render("reply_received", "en", {"day": "Monday"}).body.startswith("Thank you, we read it by Monday")
    assert texts.render("reply_received", "en", {}).body.startswith("Thank you, your message has reached")
    assert "reply_received (en) cannot be filled" in caplog.text


def test_texts_cost_no_query_a_message(owner, wish, now, django_assert_num_queries):
    edit(owner)
    said()
    with django_assert_num_queries(0):
        for _again in range(50):
            said()
            said("changed_72h", "ar")
