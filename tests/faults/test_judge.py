"""The judge of the drills sees what it is there to see, and is not misled."""

import pytest

from clinic.messaging.models import Message
from clinic.messaging.states import State
from clinic.messaging.sweep import sweep
from tests.faults.drill import doubled, judge
from tests.faults.test_sending import now  # noqa: F401

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(fake, text, now):  # noqa: F811
    for number in range(4):
        text(now=now, number=number)
    sweep(now=now, threads=1)


def found(fake) -> dict[str, int]:
    return {name: count for name, count in judge(fake).items() if count and name not in ("messages", "made")}


def test_all_is_well(fake, sent):
    assert found(fake) == {}


def test_one_made_twice_is_a_duplicate(fake, sent):
    fake.make(fake.made[0].fields)
    assert found(fake) == {"duplicates": 1}
    assert len(doubled(fake)) == 1


def test_two_messages_that_share_a_code_are_none(fake, sent):
    """Of ten thousand random codes some pair is the same in one run out of fourteen; the numbers differ."""
    first, second = Message.objects.order_by("created_at")[:2]
    for made in fake.made:
        made.body = made.body.replace(second.code, first.code)
    Message.objects.filter(pk=second.pk).update(code=first.code)
    assert found(fake) == {}


def test_one_not_made_is_lost_unless_a_person_has_it(fake, sent):
    gone = fake.made.pop()
    assert found(fake) == {"lost": 1, "bound to another's": 1}
    Message.objects.filter(provider_id=gone.sid).update(state=State.NEEDS_PERSON, provider_id=None)
    assert found(fake) == {"for a person": 1}


def test_one_made_that_we_believe_unsent_and_one_bound_to_another(fake, sent):
    first, second = Message.objects.order_by("created_at")[:2]
    Message.objects.filter(pk=first.pk).update(state=State.EXPIRED, provider_id=None)
    Message.objects.filter(pk=second.pk).update(provider_id=first.provider_id)
    assert found(fake) == {"believed unsent": 1, "bound to another's": 1}
