"""Whatever is sent as an answer: a verdict only where every answer is one that was offered, else problems at fields."""

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bookings.models import Appointment
from consultations.models import Submission
from consultations.questionnaire import current
from consultations.questionnaire.definition import Kind
from tests.api.conftest import form

pytestmark = pytest.mark.django_db
QUIETLY = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

FIELDS = sorted(current().owner_of_field)
SIGNS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
ODD = st.sampled_from(
    ["", " ", "no\x00", "‮yes", "YES", "2027-13-01", "٢٠٢٧-٠١-٠١", "9999-12-31", "0001-01-01", "x" * 5000]
)
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**18), 10**18),
    st.floats(allow_nan=False, allow_infinity=False),
    SIGNS,
    ODD,
)
JUNK = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(SIGNS, inner, max_size=3), max_leaves=6
)
NAMES = st.one_of(st.sampled_from(FIELDS), SIGNS)


def offered(name, value) -> bool:
    """Whether this value is an answer to this question, its date or its name apart."""
    question = current().owner_of_field.get(name)
    if question is None or not isinstance(value, str):
        return False
    return question.kind != Kind.SINGLE or name != question.id or value in question.options


@given(st.dictionaries(NAMES, JUNK, min_size=1, max_size=4))
@QUIETLY
def test_a_screening_gives_a_verdict_on_offered_answers_only(clinic, api, change):
    answer = api(
        "post", "/screenings/", {"treatment": "pen", "areas": ["face"], "answers": form(api)["answers"] | change}
    )
    if answer.status == 200:
        known = {name: value for name, value in change.items() if name in FIELDS and value not in (None, "")}
        assert all(offered(name, value) for name, value in known.items())
        return
    assert (answer.status, answer.code) == (422, "invalid")
    assert "outcome" not in answer.body
    assert answer.fields
    assert all(sentence.strip() for sentences in answer.body["fields"].values() for sentence in sentences)


@given(st.dictionaries(NAMES, JUNK, min_size=1, max_size=4), st.lists(st.sampled_from(FIELDS), max_size=2))
@QUIETLY
def test_a_form_that_makes_no_sense_is_not_kept(clinic, api, known, change, gone):
    with transaction.atomic():
        booking, given = known(), form(api)
        answers = {name: value for name, value in (given["answers"] | change).items() if name not in gone}
        answer = booking.call("put", "intake/", given | {"answers": answers})
        if answer.status == 200:
            assert answer.body["outcome"] in ("ok", "caution", "review", "defer", "decline")
        else:
            assert (answer.status, answer.code) == (422, "invalid")
            assert answer.fields
            assert not Submission.objects.exists()
            assert Appointment.objects.get().clearance == "unknown"
        transaction.set_rollback(True)


@given(JUNK)
@QUIETLY
def test_a_body_that_is_no_form_is_a_problem_document(clinic, api, known, junk):
    assert api("post", "/screenings/", junk).status in (400, 422)
