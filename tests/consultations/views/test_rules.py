"""The page on which a clinician reads the rules and signs them."""

import pytest
from django.contrib.auth import get_user_model
from django.utils.html import escape

from clinic.audit.models import Entry
from consultations.models import QuestionnaireVersion
from consultations.questionnaire import current
from consultations.questionnaire.matrix import lines
from consultations.selectors.questionnaire import published_version

pytestmark = pytest.mark.django_db
SIGNED = {"name": "Dr Selin Aydın", "read": "on"}


@pytest.fixture
def as_(client, clinic, questionnaire):
    def sign_in(role):
        user = get_user_model().objects.create_user(f"{role}@clinic.example", "x" * 16, name=f"The {role}", role=role)
        client.force_login(user)
        return client

    return sign_in


def sign(client, **other):
    return client.post("/rules/sign/", SIGNED | {"version": published_version().version} | other)


@pytest.mark.parametrize("role", ["practitioner", "owner"])
def test_who_decides_reads_every_answer_and_that_it_is_a_draft(as_, role):
    told = as_(role).get("/rules/").content.decode()
    assert "Draft content" in told
    assert told.count('scope="row"') == len({(rule.question, rule.answer, rule.ages) for rule in current().rules})
    assert ("Sign these rules" in told) == (role == "practitioner")


def test_the_desk_does_not(as_):
    assert as_("desk").get("/rules/").status_code == 403


def test_one_treatment_alone_says_why(as_):
    told = as_("practitioner").get("/rules/?treatment=peel").content.decode()
    (line,) = (line for line in lines(current()) if line.rules == ("peel_allergy.yes",))
    assert escape(line.reasons[0]) in told
    columns = told.partition("<thead>")[2].partition("</thead>")[0]
    assert ("peel" in columns, "laser" in columns) == (True, False)


def test_a_practitioner_signs_once_and_the_page_says_so(as_):
    client = as_("practitioner")
    assert sign(client).status_code == 302
    version = QuestionnaireVersion.objects.get()
    assert (version.signed_off_by, version.draft) == ("Dr Selin Aydın", False)
    assert Entry.objects.get(action="questionnaire.sign_off").actor.startswith("user:")
    told = client.get("/rules/").content.decode()
    assert "Signed by Dr Selin Aydın" in told
    assert "Sign these rules" not in told
    assert sign(client).status_code == 409


@pytest.mark.parametrize("lacks", [{"name": ""}, {"read": ""}, {"version": "2020.1-aaaaaaaa"}])
def test_an_incomplete_signature_signs_nothing_and_keeps_the_name(as_, lacks):
    answer = sign(as_("practitioner"), **lacks)
    assert answer.status_code == (409 if "version" in lacks else 422)
    assert QuestionnaireVersion.objects.get().draft
    assert lacks.get("name") == "" or "Dr Selin Aydın" in answer.content.decode()


def test_the_owner_does_not_sign(as_):
    assert sign(as_("owner")).status_code == 403
