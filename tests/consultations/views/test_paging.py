"""Your pager: set, changed, taken away and tried out on a page; and the owner's view of everybody's."""

import re

import pytest
from django.urls import reverse

from clinic.messaging.models import Message
from clinic.people.models import User
from consultations.selectors.paging_numbers import number_of
from tests.consultations.adverse_cast import front_desk, staff

pytestmark = pytest.mark.django_db
PAGE, OWN, TEST = "/events/paging/", "/events/paging/own/", "/events/paging/test/"
MOBILE = "+905321112233"


@pytest.fixture
def ayse(clinic):
    return staff("ayse", phone=MOBILE)


@pytest.fixture
def deniz(clinic):
    return staff("deniz")


@pytest.fixture
def own(client, ayse):
    client.force_login(ayse)
    return client


@pytest.fixture
def owner(client, clinic):
    user = User.objects.create_user("o@clinic.example", "long enough password", name="Nihal", role="owner")
    client.force_login(user)
    return client


def text(response):
    return response.content.decode()


def test_ones_own_number_is_shown_whole_and_nobody_elses(own, deniz):
    page = text(own.get(PAGE))
    assert "+90 532 111 22 33" in page and "Deniz" not in page


def test_it_is_changed_and_taken_away(own, ayse):
    assert own.post(OWN, {"phone": "0532 111 44 55"}).url == PAGE
    assert number_of(ayse) == "+905321114455"
    assert own.post(OWN, {"phone": "0532 111 44 55", "remove": "1"}).url == PAGE
    assert number_of(ayse) == ""
    assert "You are paged by email only." in text(own.get(PAGE))


@pytest.mark.parametrize("typed", ["", "12", "+908881234567"])
def test_a_refused_number_stays_in_its_field_with_the_reason(own, ayse, typed):
    answer = own.post(OWN, {"phone": typed})
    page = text(answer)
    assert answer.status_code == 422 and 'href="#pager_own_phone"' in page
    assert number_of(ayse) == MOBILE
    if typed:
        assert f'value="{typed}"' in page


def test_a_test_is_sent_and_the_page_says_how_it_went(own):
    key = re.search(r'name="key" value="([^"]+)"', text(own.get(PAGE)))[1]
    for _press in range(2):
        assert own.post(TEST, {"key": key}).url == PAGE
    Message.objects.filter(kind="page_test", channel="sms").update(state="delivered")
    page = text(own.get(PAGE))
    assert "Text message" in page and "delivered" in page
    assert Message.objects.filter(kind="page_test").count() == 2


def test_too_many_tests_are_refused_in_words(own, settings, monkeypatch):
    from consultations.services import paging_numbers

    settings.RATE_LIMITS = True
    monkeypatch.setattr(paging_numbers, "TESTS", 1)
    answers = []
    for _time in range(2):
        key = re.search(r'name="key" value="([^"]+)"', text(own.get(PAGE)))[1]
        answers.append(own.post(TEST, {"key": key}))
    assert answers[1].status_code == 429 and "several tests" in text(answers[1])


def test_without_a_number_the_list_of_events_says_so(client, ayse, deniz):
    for user, there in ((ayse, False), (deniz, True)):
        client.force_login(user)
        page = text(client.get(reverse("events:list")))
        assert ("You are paged by email only." in page) == there
        assert PAGE in page


def test_an_account_without_a_diary_is_told_that_nobody_pages_it(client, clinic):
    user = User.objects.create_user("x@clinic.example", "long enough password", name="X", role="practitioner")
    client.force_login(user)
    assert "You are not paged yet" in text(client.get(PAGE))


def test_the_owner_sees_who_has_one_and_names_those_who_have_none(owner, ayse, deniz):
    page = text(owner.get(PAGE))
    assert "532 111" not in page and "1112233" not in page and ">33<" in page
    notice = page[page.index("Paged by email only") :].partition("</div>")[0]
    assert "Deniz" in notice and "Ayse" not in notice


def test_the_owner_sets_and_takes_away_for_others(owner, ayse, deniz):
    owner.post(reverse("events:paging_somebody", args=[deniz.pk]), {"phone": "0532 111 44 55"})
    owner.post(reverse("events:paging_somebody", args=[ayse.pk]), {"remove": "1"})
    assert (number_of(ayse), number_of(deniz)) == ("", "+905321114455")


def test_the_owners_refusal_stands_at_the_one_it_is_about(owner, ayse, deniz):
    answer = owner.post(reverse("events:paging_somebody", args=[deniz.pk]), {"phone": "12"})
    page = text(answer)
    assert answer.status_code == 422 and f'href="#pager_{deniz.pk}_phone"' in page
    assert page.count("<details open>") == 1 and 'value="12"' in page


def test_others_are_kept_out(own, client, ayse, deniz):
    assert own.post(reverse("events:paging_somebody", args=[deniz.pk]), {"phone": MOBILE}).status_code == 403
    assert number_of(deniz) == ""
    client.force_login(front_desk())
    assert {client.get(PAGE).status_code, client.post(OWN).status_code, client.post(TEST).status_code} == {403}


def test_nobody_known_and_nobody_who_is_paged_are_not_found(owner, clinic):
    desk = front_desk()
    for pk in (desk.pk, 10_000_000):
        assert owner.post(reverse("events:paging_somebody", args=[pk]), {"phone": MOBILE}).status_code == 404


def test_the_page_asks_a_fixed_number_of_queries(owner, ayse, django_assert_max_num_queries):
    staff("deniz", phone="+905321114455")
    with django_assert_max_num_queries(12):
        owner.get(PAGE)
