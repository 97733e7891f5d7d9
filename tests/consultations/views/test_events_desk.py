"""A worry that reaches the desk by phone: what is read out, what is sent, who is paged, and what the desk may not read."""

import datetime as dt
import re

import pytest
import time_machine
from django.urls import reverse

from clinic.messaging.models import Message
from clinic.people.models import Patient
from consultations.models import AdverseEvent, AdverseEventEntry
from consultations.services import adverse
from tests.bookings.cast import confirmed, make_patient
from tests.consultations.adverse_cast import OVER, by, front_desk, staff, treated

pytestmark = pytest.mark.django_db
NEXT_DAY = OVER + dt.timedelta(days=1)
CANARY = "It throbs like a canary"


@pytest.fixture(autouse=True)
def clock(clinic):
    with time_machine.travel(NEXT_DAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def ayse(clinic):
    return staff("ayse", phone="+905321112233")


@pytest.fixture
def row(ayse):
    return treated(patient=make_patient("Elif Aydın", language="ar"))


@pytest.fixture
def desk(client, clinic):
    client.force_login(front_desk())
    return client


def url(row, name="report", *, visit=False):
    return reverse(f"events:{name}", args=[row.patient_id]) + (f"?visit={row.pk}" if visit else "")


def text(response):
    return response.content.decode()


def fields(page):
    """What the page's form would send as it stands."""
    key = re.search(r'name="key" value="([^"]+)"', page)[1]
    return {"key": key, "phone": re.search(r'name="phone" value="([^"]*)"', page)[1]}


def send(client, row, **typed):
    address = url(row, visit=True)
    return client.post(address, fields(text(client.get(address))) | typed, follow=True)


def test_what_to_read_out_stands_before_every_question_in_both_languages(desk, row):
    page = text(desk.get(url(row)))
    first = page.index('name="now"')
    assert page.index("112") < first and page.index("Your lips, tongue or throat swell") < first
    arabic = re.search(r'<blockquote lang="ar" dir="rtl">(.+?)</blockquote>', page, re.S)
    assert "112" in arabic[1] and page.index(arabic[0]) < first


def test_in_their_own_language_it_is_read_out_once(desk, row):
    Patient.objects.filter(pk=row.patient_id).update(language="en")
    assert text(desk.get(url(row))).count("<blockquote") == 1


def test_an_emergency_is_paged_and_the_desk_sees_whom_by_when_and_what_to_say(desk, row, ayse):
    answer = send(desk, row, now=["breathing"], words=CANARY)
    page = text(answer)
    assert answer.redirect_chain == [(url(row, "reported", visit=True), 302)]
    assert "A practitioner has been paged" in page and "Ayse" in page
    assert page.index("Call <bdi") < page.index("Paged")
    due = (NEXT_DAY + dt.timedelta(minutes=30)).astimezone(dt.timezone(dt.timedelta(hours=3)))
    assert f"{due:%H:%M}" in page
    assert Message.objects.filter(kind="page_practitioner", state="pending").count() == 2  # text message and email
    event = AdverseEvent.objects.get()
    assert (event.source, event.urgency, event.appointment) == ("desk", "emergency", row)
    assert event.entries.get().content == {"signs": ["breathing"], "words": CANARY, "heard": "phone"}


def test_what_can_wait_pages_nobody_and_says_by_when(desk, row):
    page = text(send(desk, row, soon=["dark_marks"]))
    assert "It is with the practitioners" in page and "gets in touch by Thursday 4 March" in page
    assert not Message.objects.filter(kind="page_practitioner").exists()


def test_another_number_to_call_back_is_the_one_the_practitioner_presses(desk, row, ayse, client):
    send(desk, row, today=["pain"], phone="0532 555 01 99")
    event = AdverseEvent.objects.get()
    assert event.entries.get().content["phone"] == "+905325550199"
    client.force_login(ayse)
    page = text(client.get(reverse("events:one", args=[event.pk])))
    assert page.index("tel:+905325550199") < page.index(f"tel:{row.patient.phone}")
    assert "They called the front desk." in page and "Derya" in page


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"words": "It throbs"}, "Choose at least one"),
        ({"words": "It throbs", "today": ["pain"], "phone": "12"}, "does not look like a phone number"),
        ({"words": "It throbs", "today": ["pain"], "phone": ""}, "Ask which number"),
    ],
)
def test_a_refusal_keeps_what_was_typed(desk, row, typed, says):
    answer = send(desk, row, **typed)
    page = text(answer)
    assert answer.status_code == 422 and says in page and "It throbs" in page
    assert ('value="pain" id="id_today_2" checked' in page) == ("today" in typed)
    assert f'value="{typed["phone"]}"' in page if typed.get("phone") else True
    assert not AdverseEvent.objects.exists()


def test_pressed_twice_it_is_one_report(desk, row):
    sent = fields(text(desk.get(url(row)))) | {"today": ["pain"]}
    for _press in range(2):
        assert desk.post(url(row), sent).status_code == 302
    assert AdverseEventEntry.objects.count() == 1


@pytest.mark.parametrize("key", ["", "nonsense"])
def test_without_a_key_nothing_is_sent(desk, row, key):
    assert desk.post(url(row), {"today": ["pain"], "phone": row.patient.phone, "key": key}).status_code == 422
    assert not AdverseEvent.objects.exists()


def test_a_second_call_is_added_to_the_open_one_and_the_page_says_so(desk, row):
    send(desk, row, today=["pain"])
    assert "One is open already" in text(desk.get(url(row)))
    send(desk, row, now=["collapse"])
    event = AdverseEvent.objects.get()
    assert (event.urgency, event.entries.count()) == ("emergency", 2)


def test_without_anybody_to_page_the_desk_is_told_to_ring(desk, clinic):
    row = treated()
    page = text(send(desk, row, today=["pain"]))
    assert "Nobody could be paged" in page and "Ring a practitioner yourself" in page


def test_the_desk_never_reads_it_back_and_sees_who_took_it_on(desk, row, ayse):
    send(desk, row, today=["pain"], words=CANARY)
    event = AdverseEvent.objects.get()
    adverse.write_down(event.pk, act="note", text=f"{CANARY} too", actor=by(ayse), now=NEXT_DAY)
    pages = [
        url(row, "reported"),
        url(row),
        reverse("desk:patient", args=[row.patient_id]),
        reverse("desk:thread", args=[row.patient_id]),
        reverse("desk:appointment", args=[row.pk]),
    ]
    for address in pages:
        page = text(desk.get(address))
        assert "Ayse sees to this" in page, address
        assert "canary" not in page, address
    # What can be ticked stands on the page itself; nothing of it is ticked.
    assert "checked" not in text(desk.get(url(row))).partition('name="now"')[2].partition("</form>")[0]
    assert "Pain that gets worse" not in text(desk.get(url(row, "reported")))
    for name in ("one", "take"):
        address = reverse(f"events:{name}", args=[event.pk])
        assert (desk.get if name == "one" else desk.post)(address).status_code == 403


def test_late_and_nobody_has_called(desk, row, clock):
    send(desk, row, today=["pain"])
    clock.move_to(NEXT_DAY + dt.timedelta(hours=3))
    desk.force_login(front_desk("Later"))
    page = text(desk.get(url(row, "reported")))
    assert "Somebody should have called you by now" in page and "Late" in page


def test_once_it_is_closed_the_page_leads_to_the_patient(desk, row, ayse):
    send(desk, row, today=["pain"])
    adverse.close(AdverseEvent.objects.get().pk, outcome="settled", text="Calm.", actor=by(ayse), now=NEXT_DAY)
    assert desk.get(url(row, "reported")).url == reverse("desk:patient", args=[row.patient_id])
    assert "sees to this" not in text(desk.get(reverse("desk:appointment", args=[row.pk])))


def test_the_visit_it_is_about_is_the_one_the_desk_came_from(desk, ayse, clock):
    person, weeks = make_patient(), dt.timedelta(days=35)
    first, other = treated(patient=person), treated("2027-03-02 15:00")
    last = treated("2027-04-06 10:00", patient=person, over=OVER + weeks)
    clock.move_to(NEXT_DAY + weeks)
    desk.force_login(front_desk("Later"))
    send(desk, first, today=["pain"])
    event = AdverseEvent.objects.get()
    assert event.appointment == first
    adverse.close(event.pk, outcome="settled", text="Calm.", actor=by(ayse), now=NEXT_DAY + weeks)
    address = url(last)
    for asked in ("", "?visit=nonsense", f"?visit={other.pk}"):
        desk.post(address + asked, fields(text(desk.get(address))) | {"soon": ["bumps"]})
    assert AdverseEvent.objects.get(closed_at=None).appointment == last


@pytest.mark.parametrize(("days", "there"), [(0, True), (29, True), (31, False)])
def test_the_visit_has_the_button_for_as_long_as_aftercare_lasts(desk, row, clock, days, there):
    clock.move_to(OVER + dt.timedelta(days=days))
    desk.force_login(front_desk("Later"))
    assert (url(row, visit=True) in text(desk.get(reverse("desk:appointment", args=[row.pk])))) == there
    assert url(row) in text(desk.get(reverse("desk:patient", args=[row.patient_id])))
    assert url(row) in text(desk.get(reverse("desk:thread", args=[row.patient_id])))


def test_a_visit_that_is_ahead_has_none(desk, ayse):
    ahead = confirmed("2027-03-09 10:00", now=NEXT_DAY)
    assert url(ahead) not in text(desk.get(reverse("desk:appointment", args=[ahead.pk])))


def test_a_practitioner_writes_on_their_own_page_and_reads_on(client, row, ayse):
    client.force_login(ayse)
    page = text(client.get(reverse("desk:patient", args=[row.patient_id])))
    assert reverse("events:new", args=[row.patient_id]) in page and url(row) not in page
    page = text(send(client, row, today=["pain"]))
    assert reverse("events:one", args=[AdverseEvent.objects.get().pk]) in page


def test_every_page_asks_a_fixed_number_of_queries(desk, row, django_assert_max_num_queries):
    for _call in range(3):
        send(desk, row, today=["pain"])
    with django_assert_max_num_queries(17):
        desk.get(url(row, visit=True))
    with django_assert_max_num_queries(17):
        desk.get(url(row, "reported", visit=True))
