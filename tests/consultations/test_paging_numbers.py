"""On which number somebody is paged: who sets it, what is refused, and what the audit keeps of it."""

import datetime as dt
import uuid
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from clinic.audit.models import Entry
from clinic.errors import Invalid, NotAllowed, NotFound, TooMany
from clinic.messaging.models import Message
from clinic.people.access import Actor
from clinic.people.models import StaffPhone, User
from consultations.selectors.paging_numbers import newest_tests, number_of, pagers
from consultations.services import paging_numbers
from tests.bookings.cast import NOW
from tests.consultations.adverse_cast import by, front_desk, staff

pytestmark = pytest.mark.django_db
MOBILE, OTHER = "+905321112233", "+905321114455"


@pytest.fixture
def ayse(clinic):
    return staff("ayse", phone=MOBILE)


@pytest.fixture
def deniz(clinic):
    return staff("deniz")


@pytest.fixture
def owner():
    return User.objects.create_user("o@clinic.example", "long enough password", name="Nihal", role="owner")


def noted():
    return list(Entry.objects.filter(action="user.page_phone").values_list("actor", "subject", "detail"))


def test_ones_own_is_set_however_it_is_spaced_and_the_audit_has_no_number(deniz):
    assert paging_numbers.set_number(deniz, "0532 111 44 55", actor=by(deniz)) == OTHER
    assert number_of(deniz) == OTHER
    assert noted() == [(f"user:{deniz.pk}", f"user:{deniz.pk}", {"set": True})]


def test_the_same_again_is_nothing_new_and_another_takes_its_place(ayse):
    paging_numbers.set_number(ayse, MOBILE, actor=by(ayse))
    assert noted() == []
    paging_numbers.set_number(ayse, OTHER, actor=by(ayse))
    assert [one.number for one in StaffPhone.objects.all()] == [OTHER]


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("12", "does not look like a phone number"),
        ("", "does not look like a phone number"),
        ("+8613800138000", "no text messages"),  # a country we write to nobody in
        ("+908881234567", "no text messages"),  # its owner earns by it
    ],
)
def test_a_number_that_gets_no_texts_is_refused_in_words_and_the_old_one_stays(ayse, typed, says):
    with pytest.raises(Invalid) as refusal:
        paging_numbers.set_number(ayse, typed, actor=by(ayse))
    assert says in str(refusal.value.fields["phone"][0])
    assert number_of(ayse) == MOBILE


def test_taken_away_twice_is_noted_once(ayse):
    for _time in range(2):
        paging_numbers.remove_number(ayse, actor=by(ayse))
    assert number_of(ayse) == "" and len(noted()) == 1 and noted()[0][2] == {"set": False}


def test_the_owner_sees_to_everybodys_and_nobody_else_does(ayse, deniz, owner):
    paging_numbers.set_number(deniz, OTHER, actor=Actor("owner", user=owner))
    paging_numbers.remove_number(ayse, actor=Actor("owner", user=owner))
    assert (number_of(ayse), number_of(deniz)) == ("", OTHER)
    for actor in (by(ayse), by(front_desk()), Actor("anyone"), Actor("patient", patient_id="x")):
        with pytest.raises(NotAllowed):
            paging_numbers.set_number(deniz, MOBILE, actor=actor)
        with pytest.raises(NotAllowed):
            paging_numbers.remove_number(deniz, actor=actor)
    assert number_of(deniz) == OTHER


def test_only_somebody_who_may_be_paged_has_one(owner, deniz):
    desk = front_desk()
    for user in (owner, desk):
        with pytest.raises(NotAllowed):
            paging_numbers.set_number(user, MOBILE, actor=Actor("owner", user=owner))
        with pytest.raises(NotFound):
            paging_numbers.person_of(user.pk)
    assert paging_numbers.person_of(deniz.pk) == deniz


def test_who_is_paged_is_listed_with_the_end_of_a_number_only(ayse, deniz, django_assert_num_queries):
    with django_assert_num_queries(2):
        found = pagers()
    assert [(one.user.name, one.ending) for one in found] == [("Ayse", "33"), ("Deniz", "")]


# --- a test


def tried(user, *, key=None, now=NOW):
    paging_numbers.send_test(user, key=key or uuid.uuid4(), actor=by(user), now=now)


def test_a_test_takes_both_ways_of_a_page_and_pressed_twice_it_is_one(ayse):
    key = uuid.uuid4()
    for _press in range(2):
        tried(ayse, key=key)
    sent = Message.objects.filter(kind="page_test")
    assert {(one.channel, one.address) for one in sent} == {("sms", MOBILE), ("email", ayse.email)}
    assert all("test of your pager" in one.body and one.crosses_quiet for one in sent)
    assert sent.count() == 2


def test_it_goes_to_nobody_else_and_in_their_language(ayse, deniz):
    with pytest.raises(NotAllowed):
        paging_numbers.send_test(deniz, key=uuid.uuid4(), actor=by(ayse))
    deniz.language = "tr"
    deniz.save()
    tried(deniz)
    assert "deneme" in Message.objects.get(kind="page_test").body


def test_how_it_went_is_said_in_the_words_of_messages(ayse, django_assert_num_queries):
    tried(ayse)
    Message.objects.filter(channel="sms").update(state="delivered")
    Message.objects.filter(channel="email").update(state="failed")
    with django_assert_num_queries(2):
        found = newest_tests(ayse)
    assert [(one.way, one.stand, one.failed) for one in found] == [
        ("text message", "delivered", False),
        ("email", "failed", True),
    ]


def test_a_test_of_an_old_number_says_nothing_about_the_new_one(ayse):
    tried(ayse)
    paging_numbers.set_number(ayse, OTHER, actor=by(ayse))
    assert [one.way for one in newest_tests(ayse)] == ["email"]
    assert Message.objects.get(channel="sms").state == "cancelled"
    tried(ayse, now=NOW + dt.timedelta(minutes=1))
    assert [(one.way, one.stand) for one in newest_tests(ayse)] == [("text message", "queued"), ("email", "queued")]


def test_so_many_an_hour_and_no_more(ayse, settings):
    settings.RATE_LIMITS = True
    for _time in range(paging_numbers.TESTS):
        tried(ayse)
    with pytest.raises(TooMany, match="several tests"):
        tried(ayse)
    assert Message.objects.filter(kind="page_test", channel="sms").count() == paging_numbers.TESTS
    tried(ayse, now=NOW + dt.timedelta(hours=1, minutes=1))


# --- the command does the same


def command(*words):
    out = StringIO()
    call_command("page_phone", *words, stdout=out)
    return out.getvalue()


def test_the_command_sets_and_takes_away(deniz):
    assert "text message" in command(deniz.email.upper(), "0532 111 44 55")
    assert number_of(deniz) == OTHER
    assert "only" in command(deniz.email)
    assert number_of(deniz) == ""
    assert [detail for _actor, _subject, detail in noted()] == [{"set": True}, {"set": False}]


@pytest.mark.parametrize("number", ["12", "+908881234567"])
def test_the_command_refuses_the_same_numbers(deniz, number):
    with pytest.raises(CommandError):
        command(deniz.email, number)
    assert number_of(deniz) == ""


def test_the_command_knows_practitioners_only(clinic):
    with pytest.raises(CommandError):
        command(front_desk().email, MOBILE)
