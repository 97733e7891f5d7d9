"""WhatsApp templates over HTTP: made once, approved or not, and used only while their words are the ones in force."""

import datetime as dt
import json
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.utils import timezone

from clinic.audit.models import Entry
from clinic.errors import DomainError, NotFound
from clinic.messaging import limits, tasks
from clinic.messaging.channels import content_api
from clinic.messaging.consent import record_consent
from clinic.messaging.kinds import BY_TEMPLATE, KINDS
from clinic.messaging.models import Message, Template
from clinic.messaging.sweep import sweep
from clinic.messaging.wording import approving, editing, templates
from clinic.messaging.wording.shipped import LANGUAGES
from clinic.people.access import Actor
from clinic.people.models import User
from tests.faults.conftest import fake, text  # noqa: F401
from tests.faults.fake_content import CREATE, READ, SUBMIT

pytestmark = pytest.mark.django_db
KIND = "booking_confirmed"
OWN = "Dear {first_name}, you are booked for {day} at {time}, {place}: {link}"
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def owner(db):
    return Actor("owner", user=User.objects.create(email="o@example.org", name="Olga", role="owner"))


@pytest.fixture
def content(fake):  # noqa: F811
    return fake.content


@pytest.fixture
def queued(text, now):  # noqa: F811
    """A message on WhatsApp to somebody who has not written lately."""

    def queue(number=1, **more):
        message = text(now=now, number=number, **more)
        record_consent(message.patient_id, channel="whatsapp", purpose="care", granted=True, source="t", now=now)
        Message.objects.filter(pk=message.pk).update(channel="whatsapp")
        return message

    return queue


def failing(act, *behaviours):
    """Behaves so at the first calls of one act, then as it should."""
    return lambda asked, number: behaviours[number] if asked == act and number < len(behaviours) else "as it should"


def approve(content, *rows, status="approved", reason=""):
    for row in rows:
        content.decide(row.content_sid, status, reason)
    approving.sync()


def own(owner, body=OWN):
    return editing.edit_text(KIND, "en", subject="", body=body, actor=owner)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", BY_TEMPLATE)
def test_every_template_is_one_that_whatsapp_can_approve(kind, language):
    wanted = templates.wording(kind, language)
    made = wanted.content()
    numbers = set(re.findall(r"\{\{(\d+)\}\}", wanted.numbered))
    assert made["variables"].keys() == numbers
    assert not wanted.numbered.startswith("{{")
    assert not wanted.numbered.endswith("}}")
    assert not re.search(r"\}\}\s*\{\{", wanted.numbered)
    assert len(wanted.numbered) <= 1024
    assert re.fullmatch(r"[a-z0-9_]{1,512}", wanted.name)
    assert all(len(label) <= templates.LONGEST_BUTTON for _choice, label in wanted.buttons)
    assert len(wanted.buttons) <= 3


def test_a_kind_with_choices_has_buttons_that_carry_the_messages_code():
    made = templates.wording("reminder_24h", "en").content()
    code = len(made["variables"])
    actions = made["types"]["twilio/quick-reply"]["actions"]
    assert [one["id"] for one in actions] == [f"{{{{{code}}}}}.confirm", f"{{{{{code}}}}}.move"]
    assert made["types"].keys() == {"twilio/quick-reply"}
    assert templates.wording(KIND, "en").content()["types"].keys() == {"twilio/text"}


def test_a_text_is_made_submitted_and_approved(content, owner):
    row = approving.submit(KIND, "en", actor=owner)
    assert row.status == "pending"
    assert content.made[row.content_sid]["friendly_name"] == templates.wording(KIND, "en").name
    assert content.approvals[row.content_sid]["category"] == "UTILITY"
    assert Entry.objects.get(action="message.template_submitted").actor == owner.label
    assert approving.sync() == 0
    approve(content, row)
    row.refresh_from_db()
    assert (row.status, row.synced_at is not None) == ("approved", True)


def test_pressing_again_makes_nothing_twice(content):
    for _again in range(3):
        approving.submit(KIND, "en")
    assert (content.acts(CREATE), content.acts(SUBMIT)) == (1, 1)


@pytest.mark.parametrize("how", ["drop_made", "500_made", "201_html", "201_then_gone", "hang_made"])
def test_what_nobody_saw_being_made_is_looked_for_and_not_made_again(content, how):
    content.behave = failing(CREATE, how)
    with pytest.raises(DomainError) as refusal:
        approving.submit(KIND, "en")
    assert refusal.value.code == "provider_unclear"
    assert Template.objects.get().status == "unknown"
    row = approving.submit(KIND, "en")
    assert row.status == "pending"
    assert list(content.made) == [row.content_sid]


@pytest.mark.parametrize("how", ["drop", "500", "hang"])
def test_what_was_not_made_is_made_at_the_next_press(content, how):
    content.behave = failing(CREATE, how)
    with pytest.raises(DomainError):
        approving.submit(KIND, "en")
    assert approving.submit(KIND, "en").status == "pending"
    assert len(content.made) == 1


@pytest.mark.parametrize("how", ["drop_made", "500_made", "drop", "201_html"])
def test_a_submission_nobody_saw_is_asked_after(content, how):
    content.behave = failing(SUBMIT, how)
    with pytest.raises(DomainError):
        approving.submit(KIND, "en")
    assert Template.objects.get().content_sid
    assert approving.submit(KIND, "en").status == "pending"
    assert len(content.made) == 1
    assert len(content.approvals) == 1


def test_looking_fails_so_nothing_is_made(content):
    content.behave = failing(CREATE, "drop_made")
    with pytest.raises(DomainError):
        approving.submit(KIND, "en")
    content.behave = failing(READ, *["500"] * 50)
    with pytest.raises(DomainError) as refusal:
        approving.submit(KIND, "en")
    assert refusal.value.code == "provider_away"
    assert content.acts(CREATE) == 1


def test_the_task_finds_what_nobody_saw(content):
    content.behave = failing(CREATE, "drop_made")
    with pytest.raises(DomainError):
        approving.submit(KIND, "en")
    assert tasks.sync_templates() == 1
    row = Template.objects.get()
    assert (row.status, row.content_sid) == ("created", next(iter(content.made)))


@pytest.mark.parametrize(
    ("how", "code"), [("401", "credentials"), ("429", "provider_away"), ("content_400", "refused")]
)
def test_a_refusal_says_what_it_is_and_leaves_nothing_behind(content, how, code):
    content.behave = failing(CREATE, how)
    with pytest.raises(DomainError) as refusal:
        approving.submit(KIND, "en")
    assert refusal.value.code == code
    assert content.made == {}
    row = Template.objects.get()
    assert (row.status, row.content_sid, row.claimed_until) == ("new", None, None)
    assert approving.submit(KIND, "en").status == "pending"


def test_wrong_credentials_or_silence_change_nothing_that_is_known(content, caplog):
    row = approving.submit(KIND, "en")
    approve(content, row)
    for how in ("401", "500", "drop", "429", "201_html"):
        content.behave = lambda _act, _number, how=how: how
        assert tasks.sync_templates() == 0
    row.refresh_from_db()
    assert row.status == "approved"
    assert "BadCredentials" in caplog.text


def test_a_rejection_keeps_its_reason(content):
    row = approving.submit(KIND, "en")
    approve(content, row, status="rejected", reason="INVALID_FORMAT. Too many variables")
    row.refresh_from_db()
    assert (row.status, row.rejection_reason) == ("rejected", "INVALID_FORMAT. Too many variables")
    assert approving.submit(KIND, "en").status == "rejected", "the same words would be rejected again"
    assert content.acts(SUBMIT) == 1


def test_more_templates_than_a_page_are_all_read(content, monkeypatch):
    monkeypatch.setattr(content_api, "PAGE", 3)
    assert approving.submit_missing() == len(BY_TEMPLATE) * len(LANGUAGES)
    approve(content, *Template.objects.all())
    assert set(Template.objects.values_list("status", flat=True)) == {"approved"}
    assert list(approving.missing()) == []
    assert approving.submit_missing() == 0


def test_submitting_all_stops_when_the_provider_is_away(content):
    content.behave = lambda act, number: "429" if act == CREATE and number >= 2 else "as it should"
    assert approving.submit_missing() == 2
    assert content.acts(CREATE) == 3


def test_a_template_deleted_at_the_provider_can_be_made_again(content):
    row = approving.submit(KIND, "en")
    approve(content, row)
    content.made.clear()
    assert approving.sync(now=timezone.now() + dt.timedelta(hours=1)) == 1
    assert templates.choose(KIND, "en", {}) is None
    assert approving.submit(KIND, "en").status == "pending"
    assert len(content.made) == 1


def test_codes_answers_and_own_words_need_none_and_the_demonstration_neither(content, settings):
    for kind in ("sign_in_code", "reply_fine", "free_text", "nothing"):
        with pytest.raises(NotFound):
            approving.submit(kind, "en")
    settings.MESSAGE_PROVIDER = "demo"
    with pytest.raises(DomainError) as refusal:
        approving.submit(KIND, "en")
    assert refusal.value.code == "not_needed"
    assert tasks.sync_templates() == tasks.submit_templates() == 0
    assert content.log == []


def sent(fake, now):  # noqa: F811
    limits.forget_remembered()
    sweep(now=now, threads=1)
    return fake.made[-1].fields


def test_an_approved_template_is_sent_with_the_messages_values(content, fake, queued, now):  # noqa: F811
    row = approving.submit(KIND, "en")
    approve(content, row)
    message = queued()
    fields = sent(fake, now)
    assert fields["ContentSid"] == row.content_sid
    values = json.loads(fields["ContentVariables"])
    assert values == {
        str(number): {"first_name": "Person", "day": "Monday", "time": "10:00", "place": "here"}.get(name)
        or {"link": message.body.split()[-1], "message_code": message.code}.get(name) or values[str(number)]
        for number, name in enumerate(row.variables, 1)
    }  # fmt: skip


@pytest.mark.parametrize("status", ["pending", "rejected", "paused", "disabled", "unsubmitted"])
def test_without_an_approved_one_it_goes_as_a_text_message(content, fake, queued, now, status):  # noqa: F811
    approve(content, approving.submit(KIND, "en"), status=status)
    queued()
    fields = sent(fake, now)
    assert fields["To"].startswith("+")
    assert "ContentSid" not in fields


def test_after_an_edit_the_approved_earlier_words_go_and_the_thread_shows_them(content, fake, queued, owner, now):  # noqa: F811
    earlier = approving.submit(KIND, "en")
    approve(content, earlier)
    own(owner)
    message = queued()
    assert message.body.startswith("Dear Person")
    assert sent(fake, now)["ContentSid"] == earlier.content_sid
    message.refresh_from_db()
    assert message.body.startswith("Hello Person")
    later = approving.submit(KIND, "en")
    approve(content, later)
    queued(2)
    assert sent(fake, now)["ContentSid"] == later.content_sid
    editing.restore_shipped(KIND, "en", actor=owner)
    queued(3)
    assert sent(fake, now)["ContentSid"] == earlier.content_sid, "the hash decides, not the age"


def test_an_earlier_text_whose_variables_nobody_gives_is_passed_over(content, fake, queued, now):  # noqa: F811
    row = approving.submit(KIND, "en")
    approve(content, row)
    Template.objects.filter(pk=row.pk).update(body_hash="0" * 16, variables=["first_name", "shoe_size", "message_code"])
    queued()
    assert "ContentSid" not in sent(fake, now)


def test_choosing_a_template_costs_no_query_a_message(content, django_assert_num_queries):
    approve(content, approving.submit(KIND, "en"))
    templates.choose(KIND, "en", {})
    with django_assert_num_queries(0):
        for _again in range(20):
            templates.choose(KIND, "en", {})


@pytest.mark.django_db(transaction=True)
def test_two_people_pressing_at_once_make_one(content):
    def press(_number):
        try:
            return approving.submit(KIND, "en").status
        except DomainError as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        seen = list(pool.map(press, range(6)))
    assert set(seen) <= {"pending", "being_sent"}
    assert "pending" in seen
    assert (len(content.made), content.acts(SUBMIT)) == (1, 1)


def test_a_claim_that_a_dead_process_left_is_over_after_a_while(content):
    wanted = templates.wording(KIND, "en")
    Template.objects.create(
        kind=KIND, language="en", body_hash=wanted.hash, body=wanted.body, variables=list(wanted.names),
        claimed_until=timezone.now() + MINUTE,
    )  # fmt: skip
    content._create(wanted.content())
    with pytest.raises(DomainError) as refusal:
        approving.submit(KIND, "en")
    assert refusal.value.code == "being_sent"
    row = approving.submit(KIND, "en", now=timezone.now() + 2 * MINUTE)
    assert row.status == "pending"
    assert len(content.made) == 1
    assert set(KINDS) > set(BY_TEMPLATE)
