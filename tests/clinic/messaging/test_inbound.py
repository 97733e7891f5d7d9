import datetime as dt
import itertools
import uuid

import pytest

from clinic.messaging import consent, registry
from clinic.messaging.models import Consent, Message, Reply, WhatsAppWindow
from clinic.messaging.plan import reconcile, send_now
from clinic.messaging.replies import hearing, inbound
from clinic.messaging.replies.red_flags import urgency_of
from clinic.messaging.states import State
from clinic.people.models import Patient

pytestmark = pytest.mark.django_db
NUMBER = "+905325550101"


@pytest.fixture
def say(now):
    count = itertools.count()

    def write(body, *, payload="", channel="whatsapp:", number=NUMBER, **more):
        fields = {"MessageSid": f"SM{next(count)}", "From": channel + number, "Body": body, "ButtonPayload": payload}
        return inbound.accept(fields | more, now=now)

    return write


@pytest.fixture
def asked(wish, now):
    """Elif has the reminder that asks 1 or 2."""
    reconcile(wish.ref, [wish(at_once=True, due_at=now)], now=now)
    Message.objects.update(state=State.DELIVERED, due_at=now)
    return Message.objects.get()


@pytest.fixture
def heard(monkeypatch):
    """A higher floor that answers confirmations, and what it heard."""
    events = []

    def handler(event):
        events.append((event.ref, event.version, event.choice, event.urgency))
        return hearing.Answer("reply_confirmed", event.about.facts) if event.choice == "confirm" else None

    monkeypatch.setattr(hearing, "_handlers", [])
    hearing.on_reply(handler, prefix="visit:")
    return events


def replies():
    return list(Message.objects.filter(ref__startswith="reply:").order_by("created_at").values_list("kind", flat=True))


@pytest.mark.parametrize("body", ["1", " 1. ", "١", "Confirm", "Onaylıyorum", "confirmar"])
def test_one_confirms_in_any_script_and_is_answered(asked, heard, say, body):
    reply = say(body)
    assert heard == [(asked.ref, 1, "confirm", "")]
    assert (reply.choice, reply.unread, reply.about) == ("confirm", False, asked)
    assert replies() == ["reply_confirmed"]
    answer = Message.objects.get(kind="reply_confirmed")
    assert (answer.channel, answer.address, answer.language, answer.crosses_quiet) == ("whatsapp", NUMBER, "tr", True)


@pytest.mark.parametrize(
    "body", ["1️⃣", "1 👍", "(1)", "1)", "Confirm 👍", "yes", "Yes!", "Evet", "sí", "Si.", "نعم", "ايوه", "۱"]
)
def test_one_is_understood_however_the_phone_writes_it(asked, heard, say, body):
    assert say(body).choice == "confirm"
    assert replies() == ["reply_confirmed"]


@pytest.mark.parametrize("body", ["1?", "1 or 2", "12", "0", "3", "no", "Hayır", "لا", "yes but later", "½", "1:30"])
def test_what_is_no_plain_answer_is_left_to_a_person(asked, heard, say, body):
    reply = say(body)
    assert (reply.choice, reply.unread) == ("", True)
    assert replies() == ["reply_received"]


@pytest.mark.parametrize(("body", "choice"), [("no", "same"), ("Hayır", "same"), ("yes", "changed"), ("Sí", "changed")])
def test_yes_and_no_answer_the_question_that_was_asked(elif_, wish, heard, say, now, body, choice):
    reconcile(wish.ref, [wish(kind="changed_72h", at_once=True, due_at=now)], now=now)
    Message.objects.update(state=State.DELIVERED, due_at=now)
    say(body)
    assert heard[0][2] == choice


@pytest.mark.parametrize("body", ["yes", "no", "good"])
def test_yes_and_no_say_nothing_about_how_skin_is(elif_, wish, heard, say, now, body):
    reconcile(wish.ref, [wish(kind="aftercare_24h", at_once=True, due_at=now, facts={"link": "/a/t/"})], now=now)
    Message.objects.update(state=State.DELIVERED, due_at=now)
    assert (say(body).choice, Reply.objects.get().unread) == ("", True)


@pytest.mark.parametrize("body", ["2", "yes"])
def test_a_number_after_a_person_has_written_answers_the_person(asked, heard, say, now, elif_, body):
    """“Is it 1 mild or 2 bad?” was the last thing they read."""
    facts = {"practitioner": "Ayse", "text": "1 or 2?"}
    send_now("free_text", key="k", ref="answer:x", language="en", facts=facts, patient=elif_, channel="whatsapp",
             address=NUMBER, now=now)  # fmt: skip
    Message.objects.filter(kind="free_text").update(state=State.DELIVERED, due_at=now + dt.timedelta(seconds=1))
    reply = say(body)
    assert (reply.choice, reply.unread, reply.about.kind) == ("", True, "free_text")
    assert replies() == ["reply_received"]


def test_a_number_from_a_phone_that_two_share_confirms_for_neither(asked, heard, say, wish, now, elif_):
    sister = Patient.objects.create(name="Defne Aydın", phone=NUMBER, language="tr", timezone="Europe/Istanbul")
    other = f"visit:{uuid.uuid4()}"
    reconcile(other, [wish(ref=other, patient_id=sister.pk, at_once=True, due_at=now)], now=now)
    Message.objects.filter(ref=other).update(state=State.DELIVERED, due_at=now + dt.timedelta(seconds=1))
    reply = say("1")
    assert (reply.choice, reply.unread) == ("", True) and replies() == ["reply_received"]
    assert say("", payload=f"{asked.code}.confirm").about == asked
    assert say("1").about.ref == other  # hers is the only question left


@pytest.mark.parametrize(
    ("kind", "attached"),
    [("image/jpeg", "photo"), ("audio/ogg", "voice"), ("video/mp4", "video"), ("application/pdf", "file")],
)
def test_what_we_cannot_open_is_answered_with_what_to_do_and_a_person_sees_that_it_came(elif_, say, kind, attached):
    media = {"NumMedia": "1", "MediaContentType0": kind, "MediaUrl0": "https://provider.example/m"}
    reply = say("", **media)
    assert (reply.attached, reply.unread) == (attached, True)
    assert replies() == ["reply_attached"]
    body = Message.objects.get(kind="reply_attached").body
    assert "112" in body and "provider.example" not in body
    say("", **media)
    assert replies() == ["reply_attached"]  # ten photos are one answer


def test_nothing_that_soothes_comes_after_the_word_to_call_for_help(elif_, say, now):
    """The sweep sends what answers an emergency first; "somebody reads it in opening hours" would be the last they read."""
    say("fine thanks")
    say("I can't breathe")
    say("my husband is with me")
    waiting = Message.objects.filter(ref__startswith="reply:", state=State.PENDING)
    assert list(waiting.values_list("kind", flat=True)) == ["emergency_now"]
    assert Reply.objects.filter(unread=True).count() == 3


def test_words_under_a_photo_count_first(elif_, say):
    say("I can't breathe", NumMedia="1", MediaContentType0="image/jpeg")
    assert replies() == ["emergency_now"]


def test_a_place_is_not_an_empty_message(elif_, say):
    assert say("", Latitude="41.0", Longitude="29.0").attached == "place"


@pytest.mark.parametrize("length", [4096, 5000])
def test_a_long_text_is_kept_and_read_to_its_end(elif_, say, length):
    end = " my lips are swollen"
    body = ("thanks " * 1000)[: length - len(end)] + end
    reply = say(body)
    assert (reply.body, reply.urgency) == (body, "emergency")


def test_an_unknown_number_is_answered_in_the_language_of_its_cry(say):
    say("عندي ضيق في التنفس", number="+905329990000")
    assert Message.objects.get(kind="emergency_now").language == "ar"


def test_two_leads_to_the_page_where_it_can_be_moved(asked, heard, say):
    say("2")
    assert replies() == ["reply_move"]
    assert "/b/t/" in Message.objects.get(kind="reply_move").body


def test_a_button_names_its_message_and_a_second_tap_is_not_answered_twice(asked, heard, say):
    for _tap in range(2):
        say("Confirm", payload=f"{asked.code}.confirm")
    assert len(heard) == 2
    assert replies() == ["reply_confirmed"]


def test_a_button_of_an_older_version_says_that_the_time_has_changed(asked, heard, say, monkeypatch):
    monkeypatch.setitem(registry._references, "visit", registry.Reference(lambda _ref, version: version == 2, str))
    say("", payload=f"{asked.code}.confirm", ButtonText="Confirm")
    assert heard == []
    assert replies() == ["time_changed"]


def test_a_button_of_somebody_elses_message_means_nothing(asked, heard, say, jonas):
    reply = say("hello", payload=f"{asked.code}.confirm", number=jonas.phone)
    assert (reply.choice, reply.patient, reply.about) == ("", jonas, None)


def test_free_text_waits_unread_and_is_acknowledged_once_in_half_a_day(asked, heard, say):
    say("Can I bring my sister?")
    say("And her dog?")
    assert Reply.objects.filter(unread=True).count() == 2
    assert replies() == ["reply_received"]


def test_a_handler_that_breaks_loses_nothing(asked, say, monkeypatch):
    def broken(event):
        Reply.objects.all().delete()
        raise RuntimeError

    monkeypatch.setattr(hearing, "_handlers", [("", broken)])
    assert say("1").unread
    assert Reply.objects.count() == 1


@pytest.mark.parametrize("word", ["STOP", "stop.", "Dur", "BAJA", "توقف"])
def test_stop_suppresses_at_once_and_is_a_recorded_decision(elif_, say, word, now):
    say(word)
    assert consent.is_stopped(elif_.phone_index)
    assert not consent.may_send(elif_.pk, channel="whatsapp")
    assert not Reply.objects.get().unread
    assert replies() == []


def test_cancel_stops_too_but_a_person_reads_it(elif_, say):
    assert say("Cancel").unread
    assert consent.is_stopped(elif_.phone_index)


def test_start_opens_again(elif_, say):
    say("stop")
    say("START")
    assert not consent.is_stopped(elif_.phone_index)
    assert consent.may_send(elif_.pk, channel="whatsapp")
    assert replies() == ["resumed"]
    decided = Consent.objects.exclude(source="test").order_by("id").values_list("channel", "granted")
    assert list(decided) == [("whatsapp", False), ("sms", False), ("whatsapp", True), ("sms", True)]


def test_writing_on_whatsapp_opens_the_window(elif_, say, now):
    say("hello")
    assert WhatsAppWindow.objects.get().last_inbound == now


@pytest.mark.parametrize(
    ("text", "urgency"),
    [
        ("My lips are swollen and I can't breathe", "emergency"),
        ("i fainted this morning", "emergency"),
        ("Nefes alamıyorum", "emergency"),
        ("dudağım şişti", "emergency"),
        ("No puedo respirar", "emergency"),
        ("عندي ضيق في التنفس", "emergency"),
        ("وجهي فيه تورم في الشفتين", "emergency"),
        ("The redness is spreading and there is pus", "same_day"),
        ("ateşim var", "same_day"),
        ("Tengo fiebre", "same_day"),
        ("عندي حمى", "same_day"),
        ("no fever", "same_day"),
        ("I see dark marks", "soon"),
        ("koyu lekeler çıktı", "soon"),
        ("tengo manchas oscuras", "soon"),
        ("ظهرت بقع داكنة", "soon"),
        ("Thank you, all good", ""),
        ("Teşekkürler, görüşürüz", ""),
        ("Gracias, todo bien", ""),
        ("شكرا كل شيء بخير", ""),
    ],
)
def test_red_flag_words(text, urgency):
    assert urgency_of(text) == urgency


@pytest.mark.parametrize(
    ("text", "kind"),
    [("I can't breathe", "emergency_now"), ("fever and pus", "urgent_same_day"), ("dark spots", "urgent_soon")],
)
def test_red_flags_are_answered_at_once_before_any_person(asked, heard, say, text, kind):
    reply = say(text)
    assert replies() == [kind]
    assert reply.unread
    assert heard[0][3] == reply.urgency != ""


def test_worried_leads_on_and_stays_unread(elif_, wish, heard, say, now):
    checkin = wish(kind="aftercare_24h", at_once=True, due_at=now, facts={"link": "/a/t/"})
    reconcile(wish.ref, [checkin], now=now)
    Message.objects.update(state=State.READ, due_at=now)
    reply = say("3")
    assert (reply.choice, reply.urgency, reply.unread) == ("worried", "same_day", True)
    assert replies() == ["reply_worried"]


# -- STOP, START, HELP ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "word",
    [
        "Stop please",
        "stop 🛑",
        "Please stop",
        "stop messages",
        "mesaj göndermeyin",
        "Mesaj atmayın!",
        "no quiero más mensajes",
        "¡Basta!",
        "لا ترسلوا رسائل",
        "وقف الرسائل",
        "ret",
        "DURDUR",
        "opt out",
        "darme de baja",
        "إيقاف",
        "الغاء الاشتراك",
    ],
)
def test_stop_words_of_every_language(elif_, say, word):
    say(word, channel="")
    assert consent.is_stopped(elif_.phone_index)


def test_red_is_skin_and_not_a_stop(elif_, say):
    assert say("Red", channel="").unread
    assert not consent.is_stopped(elif_.phone_index)


def test_a_stop_by_text_leaves_whatsapp_alone_which_has_a_yes_of_its_own(elif_, say):
    say("STOP", channel="")
    assert consent.is_stopped(elif_.phone_index, channel="sms")
    assert not consent.is_stopped(elif_.phone_index, channel="whatsapp")
    assert consent.may_send(elif_.pk, channel="whatsapp") and not consent.may_send(elif_.pk, channel="sms")


def test_a_stop_on_whatsapp_is_not_answered_by_texts_to_the_same_phone(elif_, say):
    say("STOP")
    assert consent.is_stopped(elif_.phone_index, channel="sms") and consent.is_stopped(
        elif_.phone_index, channel="whatsapp"
    )
    say("START", channel="")
    assert not consent.is_stopped(elif_.phone_index, channel="sms")
    assert consent.is_stopped(elif_.phone_index, channel="whatsapp")


def test_a_start_on_whatsapp_does_not_open_texts_that_were_stopped_by_text(elif_, say):
    say("STOP", channel="")
    say("STOP")
    say("START")
    assert not consent.is_stopped(elif_.phone_index, channel="whatsapp")
    assert consent.is_stopped(elif_.phone_index, channel="sms")


def test_a_stop_takes_marketing_back_everywhere_and_a_start_does_not_return_it(elif_, say, now):
    consent.record_consent(elif_.pk, channel="any", purpose="marketing", granted=True, source="test", now=now)
    assert consent.may_send(elif_.pk, channel="email", purpose="marketing")
    say("STOP", channel="")
    say("START", channel="")
    assert not consent.may_send(elif_.pk, channel="email", purpose="marketing")
    assert consent.may_send(elif_.pk, channel="email")


@pytest.mark.parametrize("opt", ["STOP", "START", "HELP"])
def test_what_the_provider_has_answered_itself_is_not_answered_again(elif_, say, opt):
    consent.stop(elif_.phone_index, reason="keyword")
    reply = say("whatever they wrote", channel="", OptOutType=opt)
    assert replies() == []
    assert consent.is_stopped(elif_.phone_index) == (opt != "START")
    assert reply.unread == (opt == "HELP")


@pytest.mark.parametrize("word", ["HELP", "Yardım", "ayuda", "مساعدة"])
def test_help_is_told_who_we_are_once_a_day_and_a_person_reads_it(elif_, say, word, settings):
    assert say(word).unread and say(word).unread
    assert replies() == ["help"]
    body = Message.objects.get(kind="help").body
    assert settings.CLINIC_NAME in body and settings.EMERGENCY_NUMBER in body


def test_two_robots_do_not_talk_for_ever(elif_, say, settings):
    settings.MESSAGING = {"hourly_answers": 4}
    written = [say(f"fever and pus {number}") for number in range(9)]
    assert replies() == ["urgent_same_day"] * 4
    assert all(reply.unread for reply in written)


def test_an_answer_that_is_not_given_leaves_the_reply_to_a_person(asked, heard, say, settings):
    settings.MESSAGING = {"hourly_answers": 0}
    reply = say("1")
    assert heard[0][2] == "confirm"
    assert reply.unread and replies() == []


def test_the_emergency_text_is_given_whatever_the_caps_but_not_again_within_minutes(elif_, say, settings, now):
    settings.MESSAGING = {"hourly_answers": 0, "hourly_per_number": 0}
    for channel in ("whatsapp:", "", "whatsapp:"):
        assert say("I can't breathe", channel=channel).unread
    assert replies() == ["emergency_now"]
    later = {"MessageSid": "SM99", "From": NUMBER, "Body": "I can't breathe"}
    inbound.accept(later, now=now + dt.timedelta(minutes=11))
    assert replies() == ["emergency_now"] * 2


def test_an_emergency_is_answered_even_after_a_stop(elif_, say, settings, now):
    from clinic.messaging.sweep import sweep

    settings.MESSAGE_PROVIDER = "demo"
    say("STOP")
    say("I can't breathe")
    sweep(now=now, threads=1)
    assert Message.objects.get(kind="emergency_now").state == State.DELIVERED


@pytest.mark.parametrize("number", ["+18095551234", "+19005551234", "+904440123"])
def test_a_text_from_an_unserved_or_paid_number_is_read_and_not_answered(say, number):
    assert say("hello", channel="", number=number).unread
    assert replies() == []


def test_a_foreign_number_that_wrote_on_whatsapp_is_answered_there(say):
    say("hello", number="+18095551234")
    assert replies() == ["reply_received"]
