"""The page that says how messages go out, the button that opens a channel again, and what somebody has stopped."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from clinic.audit.models import Entry
from clinic.messaging import consent, limits
from clinic.messaging.models import ChannelState, Message
from clinic.messaging.plan import send_now
from clinic.messaging.replies import inbound
from clinic.messaging.states import State
from tests.bookings.cast import make_patient
from tests.bookings.views.test_messages import text

pytestmark = pytest.mark.django_db
PAGE, OPEN = "/desk/messages/channels/", "/desk/messages/channels/open/"
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def elif_(clinic):
    return make_patient("Elif Aydın")


def pause(channel="sms", reason=limits.SPEND):
    limits.pause(channel, reason=reason, until=timezone.now() + HOUR, now=timezone.now() - HOUR)


def waiting(patient):
    facts = {"link": "/b/t/", "day": "Monday", "time": "10:00", "place": "here"}
    return send_now(
        "booking_confirmed", key="w", patient=patient, language="en", facts=facts, now=timezone.now() - HOUR
    )


def test_who_may_look_and_open(desk, owner, ayse):
    pause()
    assert Client().get(PAGE).status_code == 302
    assert ayse.get(PAGE).status_code == ayse.post(OPEN, {"channel": "sms", "looked": "on"}).status_code == 403
    assert desk.get(PAGE).status_code == owner.get(PAGE).status_code == 200
    assert ChannelState.objects.get(channel="sms").reason == limits.SPEND
    assert owner.post(OPEN, {"channel": "sms", "looked": "on"}).status_code == 302
    assert ChannelState.objects.get(channel="sms").reason == ""


def test_it_says_what_is_paused_why_since_when_and_what_waits(desk, elif_):
    waiting(elif_)
    pause(Message.objects.get().channel, limits.CREDENTIALS)
    shown = text(desk.get(PAGE))
    assert "The provider refuses our account." in shown
    assert "Since Mon 1 Mar 09:00." in shown and "at Mon 1 Mar 11:00" in shown
    assert "1 message waits, since Mon 1 Mar 09:00." in shown
    assert shown.count("Goes out") == 2


def test_it_shows_the_day_against_its_allowance(desk, settings):
    settings.MESSAGING = {"daily_messages": 4000, "daily_cents": 20_000}
    for key, amount in (("spend", 1250), ("spend:cents", 312_600)):
        limits.take(key, limit=0, window=limits.DAY, amount=amount)
    shown = text(desk.get(PAGE))
    assert 'value="1250"' in shown and 'max="4000"' in shown
    assert "<bdi>1,250</bdi> of <bdi>4,000</bdi>" in shown
    assert "<bdi>31.26</bdi> of <bdi>200.00</bdi>" in shown


def test_after_the_spend_breaker_somebody_has_to_say_that_they_looked(desk):
    pause()
    refused = desk.post(OPEN, {"channel": "sms"})
    assert refused.status_code == 422 and "tick that you have" in text(refused)
    assert limits.paused() == ("sms",)
    assert desk.post(OPEN, {"channel": "sms", "looked": "on"}).status_code == 302
    assert limits.paused() == ()
    entry = Entry.objects.get(action="channel.open")
    assert (entry.subject, entry.actor) == ("channel:sms", f"user:{desk.user.pk}")


def test_other_pauses_need_no_tick_and_a_second_press_finds_it_open(desk):
    pause("whatsapp", limits.CREDENTIALS)
    assert desk.post(OPEN, {"channel": "whatsapp"}).status_code == 302
    again = desk.post(OPEN, {"channel": "whatsapp"})
    assert again.status_code == 409 and "It is open already." in text(again)
    assert desk.post(OPEN, {"channel": "pigeon"}).status_code == 404
    assert Entry.objects.filter(action="channel.open").count() == 1


def test_every_staff_page_says_that_a_channel_is_paused_and_leads_there(desk, ayse):
    assert "Sending is paused" not in text(desk.get("/desk/"))
    pause()
    assert "Sending is paused: Text messages." in text(desk.get("/desk/"))
    assert f'href="{PAGE}"' in text(desk.get("/desk/search/"))
    assert "Sending is paused" not in text(desk.get(PAGE))  # it says so itself
    theirs = text(ayse.get("/desk/search/"))
    assert "Sending is paused" in theirs and PAGE not in theirs


def test_what_a_cap_holds_back_is_said_with_its_reason(desk, elif_):
    message = waiting(elif_)
    Message.objects.update(due_at=timezone.now() + HOUR / 2, error_class="held", error_code="number_hour")
    assert "1 message waits: one number got very many within an hour." in text(desk.get(PAGE))
    Message.objects.update(state=State.NEEDS_PERSON)
    assert "It was held back: one number got very many within an hour." in text(desk.get("/desk/messages/"))
    message.refresh_from_db()
    assert message.state == State.NEEDS_PERSON


def test_the_desk_sees_what_somebody_stopped_when_and_that_only_they_can_change_it(desk, elif_):
    page = f"/desk/messages/{elif_.pk}/"
    assert "They wrote STOP" not in text(desk.get(page))
    inbound.accept({"MessageSid": "SM1", "From": elif_.phone, "Body": "STOP"}, now=timezone.now())
    for address in (page, f"/desk/p/{elif_.pk}/"):
        shown = text(desk.get(address))
        assert "Text messages: stopped on Mon 1 Mar 10:00. They wrote STOP." in shown
        assert "WhatsApp: stopped" not in shown
        assert "by writing START there" in shown
    inbound.accept({"MessageSid": "SM2", "From": elif_.phone, "Body": "START"}, now=timezone.now())
    assert "They wrote STOP" not in text(desk.get(page))


def test_a_stop_that_the_provider_told_us_of_is_said_so(desk, elif_):
    consent.stop(elif_.phone_index, reason="21610", now=timezone.now())
    assert "Their provider told us." in text(desk.get(f"/desk/messages/{elif_.pk}/"))
