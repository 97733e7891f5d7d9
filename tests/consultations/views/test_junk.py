"""Whatever is posted to a page of the form: the page again with what was typed, or the next one. Never a fault."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consultations.questionnaire import current
from consultations.questionnaire.definition import REST, SHORT
from tests.consultations.views.walk import Walk

pytestmark = pytest.mark.django_db
QUIETLY = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
PAGES = {stage: [page.id for page in current().pages if page.stage == stage] for stage in (SHORT, REST)}
SIGNS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
VALUES = st.one_of(
    SIGNS, st.sampled_from(["none", "sun:burn", "sun:tan", "acne:inflamed", "yes", "unsure", "x" * 5000, "-1"])
)
NAMES = st.one_of(
    st.sampled_from(["ticks", "sun_on_0", "sun_on_1", "sun_on_2", "other_conditions", *current().owner_of_field]), SIGNS
)
POSTED = st.dictionaries(NAMES, st.lists(VALUES, max_size=3), max_size=6)


@given(st.sampled_from(PAGES[SHORT]), POSTED)
@QUIETLY
def test_a_page_of_the_short_set(client, clinic, questionnaire, page, posted):
    answer = client.post(Walk(client).book(f"suitability/{page}"), posted)
    assert answer.status_code in (302, 422)
    if answer.status_code == 422:
        assert 'class="errors"' in answer.content.decode()


@given(st.sampled_from(PAGES[REST]), POSTED, SIGNS)
@QUIETLY
def test_a_page_of_the_rest_keeps_what_was_typed(walked, page, posted, typed):
    client, base = walked
    answer = client.post(f"{base}form/{page}/", posted)
    assert answer.status_code in (302, 422)
    if answer.status_code == 422:
        told = answer.content.decode()
        assert 'class="errors"' in told
        assert "data-focus" in told


def test_what_was_typed_is_still_there_beside_the_error(walked):
    client, base = walked
    told = client.post(
        f"{base}form/anything_else/", {"other_medicines": "Vitamin D, daily", "other_conditions": "x" * 5000}
    )
    assert told.status_code == 422
    assert "Vitamin D, daily" in told.content.decode()
    assert "x" * 5000 in told.content.decode()


@pytest.fixture
def walked(client, clinic, questionnaire):
    walk = Walk(client)
    walk.short()
    walk.hold()
    walk.reserve()
    return client, walk.base
