"""What waits for a person, a patient's thread, answers, and the banner over every staff page."""

import datetime as dt
import uuid

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.utils import timezone

from clinic.audit.models import Entry
from clinic.messaging import consent, limits
from clinic.messaging.models import Heartbeat, Message, Reply
from clinic.messaging.plan import send_now
from clinic.messaging.replies import inbound
from clinic.messaging.states import State
from clinic.people.models import Patient
from tests.bookings.cast import confirmed, make_patient
from tests.bookings.views.conftest import TEN, signed_in

INBOX = "/desk/messages/"
READ = "/desk/messages/read/"
ORDINARY = "May I come ten minutes later?"
EMERGENCY = "My throat is swollen and I cannot breathe"
CALM = "(about their health: for practitioners)"


@pytest.fixture(autouse=True)
def _nothing_remembered():
    limits.forget_remembered()
    yield
    limits.forget_remembered()


@pytest.fixture
def elif_(clinic):
    """A patient of Ayse."""
    return confirmed("2027-03-04 10:00", practitioner="ayse", patient=make_patient("Elif Aydın")).patient


@pytest.fixture
def deniz(clinic):
    """The practitioner Deniz at an account of their own."""
    client = Client()
    client.user = type(signed_in("owner").user).objects.create_user(
        "deniz@clinic.example", "a long enough word", name="Deniz", role="practitioner"
    )
    clinic.deniz.practitioner.user = client.user
    clinic.deniz.practitioner.save()
    client.force_login(client.user)
    return client


def text(response):
    return response.content.decode()


def wrote(patient_or_number, body=ORDINARY, *, channel="whatsapp", minutes=0, **more):
    number = getattr(patient_or_number, "phone", patient_or_number)
    prefix = "whatsapp:" if channel == "whatsapp" else ""
    fields = {"MessageSid": f"SM{uuid.uuid4().hex}", "From": prefix + number, "Body": body} | more
    return inbound.accept(fields, now=TEN - dt.timedelta(minutes=minutes))


def asked(patient, kind="aftercare_24h"):
    """A message that went out an hour ago."""
    at = TEN - dt.timedelta(hours=1)
    facts = {"link": "/b/x/", "start": at.isoformat(), "timezone": "Europe/Istanbul"}
    row = send_now(kind, key=kind, language="en", facts=facts, patient=patient, channel="sms", now=at)
    row.state, row.accepted_at, row.due_at = State.DELIVERED, at, at
    row.save()
    return row


def stuck(patient, kind="booking_confirmed", channel="sms", **facts):
    facts = facts or {"link": "/b/x/", "start": TEN.isoformat(), "timezone": "Europe/Istanbul", "place": "Moda 12"}
    row = send_now(kind, key=uuid.uuid4().hex, language="en", facts=facts, patient=patient, channel=channel, now=TEN)
    Message.objects.filter(pk=row.pk).update(state=State.NEEDS_PERSON)
    return row


def page_of(patient):
    return f"/desk/messages/{patient.pk}/"


def give(client, patient, **fields):
    return client.post(f"{page_of(patient)}answer/", {"key": str(uuid.uuid4()), "kind": "desk_received"} | fields)


def write(client, patient, words="Come by tomorrow at nine.", **fields):
    return client.post(f"{page_of(patient)}write/", {"key": str(uuid.uuid4()), "text": words} | fields)


def answers(patient):
    return Message.objects.filter(patient=patient, ref=f"answer:{patient.pk}")


# What waits


def test_nothing_waits(desk):
    assert "Nothing waits for you" in text(desk.get(INBOX))


def test_urgent_ones_stand_first_with_a_word_then_the_one_waiting_longest(desk, elif_):
    wrote(make_patient("Late Comer"), minutes=5)
    wrote(make_patient("Early Bird"), minutes=50)
    wrote(make_patient("Redness Longer"), "the redness is still there, it will not go away", minutes=40)
    wrote(elif_, EMERGENCY)
    page = text(desk.get(INBOX))
    order = [page.index(name) for name in ("Elif Aydın", "Redness Longer", "Early Bird", "Late Comer")]
    assert order == sorted(order)
    assert "Emergency" in page
    assert "Within one working day" in page


def test_several_of_one_person_are_one_entry(desk, elif_):
    wrote(elif_, "One", minutes=9)
    wrote(elif_, "Two", minutes=3)
    page = text(desk.get(INBOX))
    assert page.count('class="wait ') == 1
    assert "2 messages" in page
    assert "since Mon 1 Mar 09:51" in page
    assert "Two" in page


def test_the_navigation_counts_what_this_person_can_do_something_about(desk, ayse, elif_):
    wrote(elif_)
    wrote(elif_, EMERGENCY)
    stuck(elif_)
    count = '<span class="count">{}</span>'
    assert count.format(2) in text(desk.get("/desk/"))
    assert count.format(3) in text(ayse.get("/desk/"))


def test_an_unknown_number_waits_too_and_is_put_away(desk, clinic):
    reply = wrote("+905329998877", "Who is this?", channel="sms")
    page = text(desk.get(INBOX))
    assert "+90 532 999 88 77" in page
    assert "nobody we know" in page
    assert desk.post(READ, {"reply": str(reply.pk)}).url == INBOX
    assert "Nothing waits for you" in text(desk.get(INBOX))


def test_query_counts_are_fixed(desk, clinic, django_assert_num_queries):
    wrote(make_patient("Person One"))
    stuck(make_patient("Person Two"))
    desk.get(INBOX)
    with django_assert_num_queries(8):  # session, user, replies, whose they are, stuck, and three for the navigation
        desk.get(INBOX)
    for number in range(9):
        wrote(make_patient(f"Person {number}", phone=f"+9053200000{number:02}"))
        stuck(make_patient(f"Stuck {number}", phone=f"+9053200001{number:02}"))
    with django_assert_num_queries(8):
        assert text(desk.get(INBOX)).count('class="wait ') == 20


def test_a_threads_query_count_does_not_grow(desk, elif_, django_assert_num_queries):
    wrote(elif_)
    desk.get(page_of(elif_))
    with django_assert_num_queries(13):
        desk.get(page_of(elif_))
    for number in range(9):
        wrote(elif_, f"Word {number}")
        give(desk, elif_)
    desk.get(page_of(elif_))
    with django_assert_num_queries(13):
        assert text(desk.get(page_of(elif_))).count('<li class="bubble') > 15


# Who reads what


@pytest.mark.parametrize("path", [INBOX, "/desk/messages/{}/"])
def test_visitors_sign_in_and_the_owner_is_refused(elif_, owner, path):
    path = path.format(elif_.pk)
    assert Client().get(path).status_code == 302
    assert owner.get(path).status_code == 403
    assert 'href="/desk/messages/"' not in text(owner.get("/desk/"))


def test_the_desk_reads_what_is_operational(desk, elif_):
    wrote(elif_)
    assert ORDINARY in text(desk.get(INBOX))
    assert ORDINARY in text(desk.get(page_of(elif_)))


def test_the_desk_sees_that_somebody_wrote_about_their_health_but_not_what(desk, elif_):
    wrote(elif_, EMERGENCY)
    patient = make_patient("After Care")
    asked(patient)
    wrote(patient, "A blue line near the ear", channel="sms")
    for page in map(text, map(desk.get, (INBOX, page_of(elif_), page_of(patient), f"/desk/p/{elif_.pk}/"))):
        assert "swollen" not in page
        assert "blue line" not in page
        assert CALM in page
    assert "Tell a practitioner now." in text(desk.get(INBOX))


def test_an_answer_to_a_message_that_never_went_out_is_no_answer_to_it(desk, elif_):
    assert Message.objects.filter(patient=elif_, kind="changed_72h", state=State.PENDING).exists()
    wrote(elif_)
    assert ORDINARY in text(desk.get(INBOX))


def test_the_desk_cannot_mark_as_read_what_it_may_not_read(desk, elif_):
    reply = wrote(elif_, EMERGENCY)
    assert desk.post(READ, {"reply": str(reply.pk)}).status_code == 302
    give(desk, elif_, reply=str(reply.pk))
    reply.refresh_from_db()
    assert reply.unread


def test_a_practitioner_reads_their_own_patients_words(ayse, deniz, elif_):
    asked(elif_)
    wrote(elif_, "A blue line near the ear", channel="sms")
    assert "A blue line near the ear" in text(ayse.get(INBOX))
    assert "A blue line near the ear" in text(ayse.get(page_of(elif_)))
    assert "Nothing waits for you" in text(deniz.get(INBOX))
    assert deniz.get(page_of(elif_)).status_code == 404
    assert Entry.objects.filter(action="thread.read", subject=f"patient:{elif_.pk}").count() == 1


def test_an_urgent_reply_is_every_practitioners_until_one_has_read_it(ayse, deniz, elif_):
    reply = wrote(elif_, EMERGENCY)
    assert EMERGENCY in text(deniz.get(INBOX))
    assert EMERGENCY in text(ayse.get(INBOX))
    assert EMERGENCY in text(deniz.get(page_of(elif_)))
    ayse.post(READ, {"reply": str(reply.pk)})
    assert EMERGENCY not in text(deniz.get(INBOX))
    assert deniz.get(page_of(elif_)).status_code == 404


def test_whoever_has_read_an_urgent_reply_keeps_the_thread_for_a_day(deniz, elif_):
    reply = wrote(elif_, EMERGENCY)
    assert deniz.post(READ, {"reply": str(reply.pk), "stay": "1"}).url == page_of(elif_)
    assert deniz.get(page_of(elif_)).status_code == 200
    Reply.objects.update(read_at=TEN - dt.timedelta(hours=25))
    assert deniz.get(page_of(elif_)).status_code == 404


@pytest.mark.parametrize("words", [(EMERGENCY, ORDINARY), (ORDINARY, EMERGENCY)])
def test_a_calm_word_beside_a_cry_does_not_hide_that_a_practitioner_has_to_read(desk, elif_, words):
    for minutes, body in enumerate(words):
        wrote(elif_, body, minutes=minutes)
    page = text(desk.get(INBOX))
    assert "Tell a practitioner now." in page and "Mark as read" in page


def test_health_words_of_somebody_nobody_treats_reach_all_practitioners(deniz, clinic):
    patient = make_patient("Of Nobody")
    asked(patient)
    wrote(patient, "A blue line near the ear", channel="sms")
    assert "A blue line" in text(deniz.get(INBOX))


def test_unknown_and_malformed_ids(desk, ayse, elif_):
    assert desk.get(f"/desk/messages/{uuid.UUID(int=4)}/").status_code == 404
    assert desk.post(f"/desk/messages/stuck/{uuid.UUID(int=4)}/", {"choice": "again"}).status_code == 404
    assert desk.post(READ, {"reply": "x"}).status_code == 302


# Unread → read


def test_looking_changes_nothing_and_the_button_does(desk, elif_):
    reply = wrote(elif_)
    desk.get(page_of(elif_))
    reply.refresh_from_db()
    assert reply.unread
    desk.post(READ, {"reply": str(reply.pk), "stay": "1"})
    reply.refresh_from_db()
    assert (reply.unread, reply.read_by, reply.read_at) == (False, desk.user, TEN)
    assert Entry.objects.filter(action="reply.read", actor=f"user:{desk.user.pk}").count() == 1
    desk.post(READ, {"reply": str(reply.pk)})
    assert Entry.objects.filter(action="reply.read").count() == 1


def test_what_came_after_the_page_was_drawn_stays_unread(desk, elif_):
    shown, later = wrote(elif_), wrote(elif_, "And one more thing")
    desk.post(READ, {"reply": str(shown.pk)})
    later.refresh_from_db()
    assert later.unread


# Answers


def test_a_prepared_answer_goes_out_once_in_the_patients_language(desk, elif_):
    Patient.objects.filter(pk=elif_.pk).update(language="tr")
    reply = wrote(elif_)
    key = str(uuid.uuid4())
    for _click in range(2):
        assert give(desk, elif_, key=key, reply=str(reply.pk)).url == page_of(elif_)
    message = answers(elif_).get()
    assert (message.kind, message.language, message.channel, message.state) == (
        "desk_received",
        "tr",
        "whatsapp",
        State.PENDING,
    )
    assert message.body.startswith("Merhaba Elif")
    assert Entry.objects.filter(action="message.answer", actor=f"user:{desk.user.pk}").count() == 1
    reply.refresh_from_db()
    assert not reply.unread
    assert "Your answer to Elif Aydın is on its way." in text(desk.get(page_of(elif_)))


def test_each_answer_is_shown_as_the_patient_will_read_it(desk, elif_):
    page = text(desk.get(page_of(elif_)))
    for word in ("We have read it", "How to find us", "Moda Caddesi 12", "Thursday 4 March at 10:00", "(their link)"):
        assert word in page
    assert "/b/" not in page


def test_no_answer_about_a_visit_where_there_is_none(desk, clinic):
    patient = make_patient("No Visit")
    page = text(desk.get(page_of(patient)))
    assert "Their visit and its link" not in page
    assert "How to find us" in page
    assert give(desk, patient, kind="desk_booking").status_code == 422


@pytest.mark.parametrize("kind", ["", "free_text", "booking_confirmed", "sign_in_code"])
def test_only_prepared_answers_are_taken(desk, elif_, kind):
    page = give(desk, elif_, kind=kind)
    assert page.status_code == 422
    assert "Choose one of the answers." in text(page)
    assert "<title>Error:" in text(page)
    assert not answers(elif_).exists()


def test_without_a_fresh_word_on_whatsapp_it_goes_as_they_agreed(desk, elif_):
    give(desk, elif_)
    assert answers(elif_).get().channel == "sms"
    consent.record_consent(elif_.pk, channel="whatsapp", purpose="care", granted=True, source="test")
    give(desk, elif_)
    assert answers(elif_).filter(channel="whatsapp").count() == 1


def test_nobody_is_written_to_who_asked_not_to_be(desk, elif_):
    wrote(elif_, "STOP", channel="sms")
    page = give(desk, elif_)
    assert page.status_code == 422
    assert "no number or email to which we may write" in text(page)
    assert not answers(elif_).exists()


def test_the_desk_writes_no_text_of_its_own(desk, elif_):
    assert "Your own words" not in text(desk.get(page_of(elif_)))
    assert write(desk, elif_).status_code == 403
    assert not answers(elif_).exists()


def test_a_practitioners_own_words(ayse, elif_):
    wrote(elif_)
    key = str(uuid.uuid4())
    assert "It may show on a locked phone" in text(ayse.get(page_of(elif_)))
    for _click in range(2):
        assert write(ayse, elif_, "Come by tomorrow.\r\nBring a friend.", key=key).status_code == 302
    message = answers(elif_).get()
    assert (message.kind, message.channel) == ("free_text", "whatsapp")
    assert "a message from Practitioner at Derma Studio Moda:\nCome by tomorrow.\nBring a friend.\n" in message.body


def test_own_words_go_as_text_message_when_whatsapp_is_not_open(ayse, elif_):
    consent.record_consent(elif_.pk, channel="whatsapp", purpose="care", granted=True, source="test")
    wrote(elif_, minutes=25 * 60)
    write(ayse, elif_)
    assert answers(elif_).get().channel == "sms"


def test_the_desk_does_not_read_a_practitioners_own_words(desk, ayse, elif_):
    write(ayse, elif_)
    page = text(desk.get(page_of(elif_)))
    assert "Come by tomorrow" not in page
    assert "(a practitioner’s own words)" in page


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("Your laser is booked", "“laser” could be read on a locked phone"),
        ("  \n ", "Write something to send."),
        ("a" * 601, "at most 600 characters"),
    ],
)
def test_own_words_that_are_refused_stay_in_the_box(ayse, elif_, words, sentence):
    page = write(ayse, elif_, words)
    assert page.status_code == 422
    assert sentence in text(page)
    assert words.strip() in text(page)
    assert not answers(elif_).exists()


def test_a_name_that_begins_like_a_word_of_health_may_be_said_to_whom_it_belongs(ayse, elif_):
    elif_.name = "Scarlett Needles"
    elif_.save()
    assert write(ayse, elif_, "Dear Scarlett, your scars look well").status_code == 422
    assert write(ayse, elif_, "Dear Scarlett, come by tomorrow").status_code == 302
    assert answers(elif_).count() == 1


def test_own_words_carry_no_variables_and_no_hidden_signs(ayse, elif_):
    write(ayse, elif_, "See {phone} \u202egnp and {link}")
    body = answers(elif_).get().body
    assert "See {phone} gnp and {link}" in body


def test_another_practitioner_answers_nobody_elses_patient(deniz, elif_):
    assert give(deniz, elif_).status_code == 404
    assert write(deniz, elif_).status_code == 404
    assert not answers(elif_).exists()


# Messages for a person


def test_both_choices_stand_by_a_message_in_doubt(desk, elif_):
    stuck(elif_)
    page = text(desk.get(INBOX))
    for word in ("In doubt", "It did not arrive: send again", "Done by hand", "(their link)"):
        assert word in page


@pytest.mark.parametrize(("choice", "state"), [("again", State.PENDING), ("by_hand", State.CANCELLED)])
def test_a_choice_settles_it_once(desk, elif_, choice, state):
    message = stuck(elif_)
    path = f"/desk/messages/stuck/{message.pk}/"
    assert desk.post(path, {"choice": choice}).url == INBOX
    message.refresh_from_db()
    assert (message.state, message.settled_by) == (state, desk.user)
    again = desk.post(path, {"choice": choice})
    assert again.status_code == 409
    assert "Somebody has already dealt with this message." in text(again)


def test_a_choice_that_is_none_is_not_found(desk, elif_):
    message = stuck(elif_)
    assert desk.post(f"/desk/messages/stuck/{message.pk}/", {"choice": "burn"}).status_code == 404


def test_a_code_is_neither_shown_nor_sent_again(desk, elif_):
    message = stuck(elif_, "sign_in_code", code="493027", minutes=10)
    page = text(desk.get(INBOX))
    assert "493027" not in page
    assert "send again" not in page
    path = f"/desk/messages/stuck/{message.pk}/"
    assert desk.post(path, {"choice": "again"}).status_code == 409


def test_a_practitioner_settles_only_for_their_own_patients(ayse, deniz, elif_):
    message = stuck(elif_)
    assert "In doubt" in text(ayse.get(INBOX))
    assert "In doubt" not in text(deniz.get(INBOX))
    assert deniz.post(f"/desk/messages/stuck/{message.pk}/", {"choice": "again"}).status_code == 404
    assert ayse.post(f"/desk/messages/stuck/{message.pk}/", {"choice": "again"}).status_code == 302


# The banner


def test_an_urgent_reply_is_said_on_every_staff_page_but_its_own(desk, ayse, elif_):
    wrote(elif_, EMERGENCY)
    for client in (desk, ayse):
        assert "1 urgent message is unread." in text(client.get("/desk/"))
        assert "urgent message is unread" not in text(client.get(INBOX))
    ayse.post(READ, {"reply": str(Reply.objects.get().pk)})
    assert "urgent message" not in text(desk.get("/desk/"))


def test_standing_still_is_said_to_staff_and_remembered_for_a_while(desk, owner, elif_):
    Message.objects.all().delete()
    still = "Messages are standing still."
    Heartbeat.objects.create(component="sweep", at=timezone.now() - dt.timedelta(minutes=9))
    assert still in text(desk.get("/desk/"))
    assert still in text(owner.get("/desk/"))
    assert still not in text(Client().get("/staff/sign-in/"))
    Heartbeat.objects.update(at=timezone.now())
    assert still in text(desk.get("/desk/"))
    limits.forget_remembered()
    assert still not in text(desk.get("/desk/"))


def test_a_fragment_asks_nothing(desk, elif_, htmx):
    wrote(elif_, EMERGENCY)
    assert "urgent" not in text(desk.get("/desk/search/", {"q": "elif"}, **htmx))


# --- whose thread it is


def assign(client, patient, to, instead_of=""):
    return client.post(f"/desk/messages/{patient.pk}/assign/", {"to": to, "instead_of": instead_of})


def test_a_thread_is_taken_handed_on_and_let_go(elif_, clinic):
    desk = signed_in("desk")
    wrote(elif_)
    assert assign(desk, elif_, desk.user.pk).status_code == 302
    page = text(desk.get(INBOX))
    assert desk.user.name in page and ORDINARY in text(desk.get(INBOX + "?show=mine"))
    assert ORDINARY not in text(desk.get(INBOX + "?show=free"))
    assert assign(desk, elif_, "", desk.user.pk).status_code == 302
    assert ORDINARY in text(desk.get(INBOX + "?show=free"))


def test_two_take_a_thread_at_once_and_the_second_is_told_by_whom(elif_, clinic, deniz):
    desk = signed_in("desk")
    wrote(elif_)
    assign(desk, elif_, desk.user.pk)
    refused = assign(desk, elif_, deniz.user.pk, "")
    assert refused.status_code == 422 and f"{desk.user.name} has just taken this one" in text(refused)
    assert assign(desk, elif_, deniz.user.pk, desk.user.pk).status_code == 302


@pytest.mark.parametrize("to", ["999999", "x", "-1"])
def test_a_thread_goes_to_nobody_we_do_not_know(elif_, to):
    wrote(elif_)
    assert assign(signed_in("desk"), elif_, to).status_code == 422


def test_an_urgent_one_stands_on_every_list(elif_, clinic):
    desk = signed_in("desk")
    wrote(elif_, EMERGENCY)
    for show in ("", "?show=mine", "?show=free"):
        assert elif_.name in text(desk.get(INBOX + show))


def test_a_bubble_runs_as_its_own_words_do_and_not_as_the_word_before_them_that_nobody_sees():
    bubble = {"way": "in", "text": "help me", "at": "12:00"}
    html = render_to_string("parts/_bubbles.html", {"messages": [bubble]})
    assert '<div dir="auto">help me</div>' in html and html.count("dir=") == 1
