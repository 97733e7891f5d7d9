"""A published questionnaire stays as it was; only a clinician's name may be added, once."""

import copy
from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from clinic.audit.models import Entry
from clinic.errors import DomainError, Invalid
from consultations.models import QuestionnaireVersion
from consultations.questionnaire import QuestionnaireError, current, from_content
from consultations.questionnaire.loader import content_hash
from consultations.questionnaire.texts import question_text
from consultations.services.questionnaire import publish, sign_off

pytestmark = pytest.mark.django_db


def run(command, *arguments):
    out = StringIO()
    call_command(command, *arguments, stdout=out)
    return out.getvalue()


def test_publishing_twice_keeps_one_version():
    assert run("load_questionnaire").strip().endswith("published; draft, not signed off yet.")
    assert "already published" in run("load_questionnaire")
    (version,) = QuestionnaireVersion.objects.all()
    assert (version.version, version.content_hash) == (current().version, current().content_hash)
    assert QuestionnaireVersion.objects.current() == version
    assert [entry.action for entry in Entry.objects.filter(subject=f"questionnaire:{version}")] == [
        "questionnaire.publish"
    ]


def test_only_checking_writes_nothing():
    assert "is sound" in run("load_questionnaire", "--check")
    assert QuestionnaireVersion.objects.count() == 0


def test_an_old_version_is_asked_and_weighed_as_it_was():
    content = copy.deepcopy(dict(current().content))
    content["texts"]["en"]["questions"]["smoking"]["text"] = "Do you smoke?"
    old, is_new = publish(from_content(content))
    publish(current())
    assert is_new
    assert QuestionnaireVersion.objects.count() == 2
    assert old.questionnaire().texts["en"]["questions"]["smoking"]["text"] == "Do you smoke?"
    assert old.questionnaire().rules == current().rules


def test_what_was_published_stays_readable_when_todays_checks_would_refuse_it():
    content = copy.deepcopy(dict(current().content))
    rule = content["rules"]["rule"][0]
    rule["sources"], rule["seen_by"] = [], "a committee"
    content["questions"]["question"][1]["tone"] = "warm"
    content["texts"].pop("ar")
    with pytest.raises(QuestionnaireError):
        from_content(content)
    old = QuestionnaireVersion.objects.create(
        version="2025.9-old", content=content, content_hash=content_hash(content), published_at="2025-09-01T00:00Z"
    )
    read = old.questionnaire()
    assert (read.rules[0].sources, read.content_hash, read.languages) == ((), old.content_hash, ("en", "es", "tr"))
    assert question_text("smoking", "tr", questionnaire=read) == question_text("smoking", "tr")
    assert question_text("smoking", "ar", questionnaire=read) == question_text("smoking", "en")


@pytest.mark.parametrize(
    "change", [{"content": {}}, {"content_hash": "0" * 64}, {"version": "x"}, {"published_at": "2020-01-01T00:00Z"}]
)
def test_the_database_refuses_to_change_what_was_published(change):
    version, _ = publish(current())
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        QuestionnaireVersion.objects.filter(pk=version.pk).update(**change)
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        version.delete()


def test_a_clinician_signs_once():
    version, _ = publish(current())
    signed = sign_off(version, name=" Dr Deniz Aydin ", on=date(2027, 3, 1))
    assert (signed.signed_off_by, signed.signed_off_on, signed.draft) == ("Dr Deniz Aydin", date(2027, 3, 1), False)
    assert "signed off by Dr Deniz Aydin" in run("load_questionnaire")
    with pytest.raises(DomainError, match="signed already"):
        sign_off(version, name="Somebody else", on=date(2027, 3, 2))
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        QuestionnaireVersion.objects.filter(pk=version.pk).update(signed_off_by="Somebody else")


def test_a_signature_needs_a_name():
    version, _ = publish(current())
    with pytest.raises(Invalid):
        sign_off(version, name=" ", on=date(2027, 3, 1))
    with pytest.raises(IntegrityError), transaction.atomic():
        QuestionnaireVersion.objects.filter(pk=version.pk).update(draft=False)


def test_the_command_signs_today_once():
    with pytest.raises(CommandError, match="load_questionnaire first"):
        run("sign_off_questionnaire", "--name", "Dr Deniz Aydin")
    publish(current())
    with pytest.raises(CommandError, match="Write the name"):
        run("sign_off_questionnaire", "--name", " ")
    assert "signed off by Dr Deniz Aydin" in run("sign_off_questionnaire", "--name", "Dr Deniz Aydin")
    with pytest.raises(CommandError, match="signed already"):
        run("sign_off_questionnaire", "--name", "Dr Deniz Aydin")
