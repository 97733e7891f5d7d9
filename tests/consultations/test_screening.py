"""What is true of every verdict, whatever the answers."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consultations.questionnaire import current
from consultations.questionnaire.asking import questions_for
from consultations.questionnaire.definition import SEVERITY, Kind
from consultations.questionnaire.validation import validate_answers
from consultations.screening import CannotScreen, add_months, age_on, screen

from .decisions import ALL, AREA, BORN, GROUPS_OF, TODAY, days, fine_form

EVERY = {slug: group for group, slug in AREA.items()} | {"face": "face", "abdomen": "body"}


def rank(verdict):
    return SEVERITY[verdict.outcome], verdict.bookable_from or date.min


def verdict(modality, areas, answers, **more):
    return screen(current(), modality=modality, areas=areas, answers=answers, today=TODAY, **more)


def answer_fields(question, answer, when):
    follow_up = question.follow_up
    if not follow_up or answer not in follow_up.when:
        return {question.id: answer}
    return {question.id: answer, follow_up.id: when if follow_up.kind == Kind.DATE else "a name"}


past_days = st.integers(0, 500).map(lambda back: TODAY - timedelta(days=back))
births = st.dates(min_value=date(1930, 1, 1), max_value=date(2012, 1, 1))


@st.composite
def visits(draw):
    modality = draw(st.sampled_from(ALL))
    slugs = [slug for slug, group in EVERY.items() if group in GROUPS_OF[modality]]
    chosen = draw(st.lists(st.sampled_from(slugs), min_size=1, unique=True))
    return modality, {slug: EVERY[slug] for slug in chosen}


def some_answer(draw, question):
    if question.kind == Kind.DATE:
        return {question.id: draw(births)}
    if question.kind == Kind.TEXT:
        return {question.id: draw(st.sampled_from(["", " ", "asthma"]))}
    return answer_fields(question, draw(st.sampled_from(question.options)), draw(past_days))


def after(answers, born):
    """The same answers with no date before birth."""
    return {name: max(value, born) if isinstance(value, date) else value for name, value in answers.items()}


@st.composite
def forms(draw):
    """A whole form: answers to *every* question there is, so that areas can be added freely."""
    modality, areas = draw(visits())
    full = {one.id: one for one in current().questions if one.id != "adult"}
    answers = {}
    for question in full.values():
        answers |= some_answer(draw, question)
    return modality, areas, after(answers, answers["date_of_birth"])


@given(forms(), st.randoms())
@settings(max_examples=60, deadline=None)
def test_the_same_answers_in_any_order_give_the_same_verdict(form, random):
    modality, areas, answers = form
    shuffled = list(answers.items())
    random.shuffle(shuffled)
    turned = dict(reversed(areas.items()))
    assert verdict(modality, areas, answers) == verdict(modality, turned, dict(shuffled))


@given(forms(), st.data())
@settings(max_examples=100, deadline=None)
def test_a_worse_answer_never_gives_a_better_verdict(form, data):
    modality, areas, answers = form
    asked = questions_for(current(), modality=modality, areas=areas, stage="full")
    question = data.draw(st.sampled_from([one for one in asked if one.kind != Kind.DATE]), label="question")
    born = answers["date_of_birth"]
    one, other = (after(some_answer(data.draw, question), born) for _ in range(2))
    fine = fine_form(modality, *sorted(set(areas.values()))) | {"date_of_birth": born}
    rest = {name: value for name, value in answers.items() if name not in question.fields}
    if rank(verdict(modality, areas, fine | one)) > rank(verdict(modality, areas, fine | other)):
        one, other = other, one
    assert rank(verdict(modality, areas, rest | one)) <= rank(verdict(modality, areas, rest | other))


@given(forms(), births)
@settings(max_examples=60, deadline=None)
def test_being_younger_never_gives_a_better_verdict(form, other):
    modality, areas, answers = form
    older, younger = sorted((answers["date_of_birth"], other))
    common = after({name: value for name, value in answers.items() if name != "date_of_birth"}, younger)
    verdicts = [verdict(modality, areas, common, date_of_birth=born) for born in (older, younger)]
    assert rank(verdicts[0]) <= rank(verdicts[1])


@given(forms())
@settings(max_examples=100, deadline=None)
def test_the_verdict_is_the_worst_answer_alone(form):
    modality, areas, answers = form
    fine = fine_form(modality, *sorted(set(areas.values()))) | {"date_of_birth": BORN}
    alone = [rank(verdict(modality, areas, {**fine, "date_of_birth": answers["date_of_birth"]}))]
    for question in questions_for(current(), modality=modality, areas=areas, stage="full"):
        if question.kind != Kind.DATE:
            mine = {name: answers[name] for name in question.fields if name in answers}
            alone.append(rank(verdict(modality, areas, fine | after(mine, BORN))))
    assert rank(verdict(modality, areas, answers)) == max(alone)


@given(forms(), st.data())
@settings(max_examples=100, deadline=None)
def test_another_area_never_gives_a_better_verdict(form, data):
    modality, areas, answers = form
    slugs = [slug for slug, group in EVERY.items() if group in GROUPS_OF[modality]]
    more = areas | {(slug := data.draw(st.sampled_from(slugs))): EVERY[slug]}
    assert rank(verdict(modality, more, answers)) >= rank(verdict(modality, areas, answers))


@given(forms(), st.integers(1, 400))
@settings(max_examples=60, deadline=None)
def test_something_longer_ago_is_never_worse(form, back):
    modality, areas, answers = form
    born = answers["date_of_birth"]
    earlier = {
        name: max(value - timedelta(days=back), born) if isinstance(value, date) and name != "date_of_birth" else value
        for name, value in answers.items()
    }
    assert rank(verdict(modality, areas, earlier)) <= rank(verdict(modality, areas, answers))


@given(forms())
@settings(max_examples=60, deadline=None)
def test_answers_that_are_not_asked_for_change_nothing(form):
    modality, areas, answers = form
    wanted = {name for q in questions_for(current(), modality=modality, areas=areas, stage="full") for name in q.fields}
    only = {name: value for name, value in answers.items() if name in wanted}
    assert verdict(modality, areas, only) == verdict(modality, areas, answers)


@given(forms())
@settings(max_examples=60, deadline=None)
def test_what_passes_validation_is_weighed_the_same_after_being_stored(form):
    modality, areas, answers = form
    clean = validate_answers(current(), modality=modality, areas=areas, answers=answers, today=TODAY)
    again = validate_answers(current(), modality=modality, areas=areas, answers=clean.as_json(), today=TODAY)
    assert again == clean
    assert verdict(modality, areas, clean.answers) == verdict(modality, areas, answers)


@given(forms())
@settings(max_examples=60, deadline=None)
def test_a_verdict_says_what_its_findings_say(form):
    modality, areas, answers = form
    found = verdict(modality, areas, answers)
    severities = [SEVERITY[one.outcome] for one in found.findings]
    assert severities == sorted(severities, reverse=True)
    assert max(severities, default=0) == SEVERITY[found.outcome]
    defers = [one.until for one in found.findings if one.outcome == "defer"]
    assert found.bookable_from == (max(defers) if found.outcome == "defer" else None)
    assert all(one.until > TODAY for one in found.findings if one.outcome == "defer")
    assert all(one.until is None for one in found.findings if one.outcome != "defer")
    assert len({one.question for one in found.findings}) == len(found.findings)
    assert found.clears == (found.outcome in ("ok", "caution"))


@given(forms(), st.data())
@settings(max_examples=60, deadline=None)
def test_a_missing_answer_is_refused(form, data):
    modality, areas, answers = form
    asked = questions_for(current(), modality=modality, areas=areas, stage="full")
    needed = [name for q in asked for name in q.fields if name in answers]
    gone = data.draw(st.sampled_from(needed))
    with pytest.raises(CannotScreen):
        verdict(modality, areas, {name: value for name, value in answers.items() if name != gone})


@given(
    st.sampled_from(ALL),
    st.data(),
    st.one_of(st.none(), st.text(max_size=6), st.booleans(), st.integers(), st.just(["no"]), st.just({"a": 1})),
)
@settings(max_examples=100, deadline=None)
def test_an_answer_nobody_offered_is_refused(modality, data, junk):
    group = GROUPS_OF[modality][0]
    areas = {AREA[group]: group}
    asked = [q for q in questions_for(current(), modality=modality, areas=areas, stage="full") if q.options]
    question = data.draw(st.sampled_from(asked))
    if isinstance(junk, str) and junk in question.options:
        return
    with pytest.raises(CannotScreen):
        verdict(modality, areas, fine_form(modality, group) | {question.id: junk})


FACE = {"face": "face"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"nonsense": "no"},
        {"sun": "burn"},
        {"sun": "burn", "sun_on": "2027-02-01"},
        {"sun": "burn", "sun_on": days(1)},
        {"sun": "burn", "sun_on": date(1990, 5, 4)},
        {"sun": "none", "sun_on": days(-1)},
        {"blood_thinner": "yes"},
        {"blood_thinner": "yes", "blood_thinner_name": "  "},
        {"other_conditions": None},
        {"date_of_birth": days(1)},
        {"date_of_birth": "1990-05-05"},
        {"adult": "no"},
    ],
)
def test_a_form_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(CannotScreen):
        verdict("pen", FACE, fine_form("pen", "face") | wrong)


@pytest.mark.parametrize(
    ("modality", "areas", "more"),
    [
        ("botox", FACE, {}),
        ("pen", {}, {}),
        ("pen", {"face": "elbow"}, {}),
        ("pen", FACE, {"stage": "rest"}),
        ("pen", FACE, {"date_of_birth": date(1991, 1, 1)}),
    ],
)
def test_a_visit_that_makes_no_sense_is_refused(modality, areas, more):
    with pytest.raises(CannotScreen):
        verdict(modality, areas, fine_form("pen", "face"), **more)


def test_an_answer_without_any_rule_is_refused():
    bare = replace(current(), rules=tuple(rule for rule in current().rules if rule.question != "warts"))
    with pytest.raises(CannotScreen):
        screen(bare, modality="pen", areas=FACE, answers=fine_form("pen", "face") | {"warts": "yes"}, today=TODAY)


def test_the_latest_of_several_waits_counts():
    answers = fine_form("pen", "face") | {"unwell": "yes", "acne": "inflamed", "cold_sore": "now"}
    found = verdict("pen", FACE, answers)
    assert (found.outcome, found.bookable_from) == ("defer", days(28))
    assert [one.rule for one in found.findings] == ["acne.inflamed", "cold_sore.now", "unwell.yes"]


def test_a_decline_gives_no_date():
    found = verdict("pen", FACE, fine_form("pen", "face") | {"unwell": "yes", "warts": "yes"})
    assert (found.outcome, found.bookable_from, found.clears) == ("decline", None, False)


def test_the_pause_for_strong_creams_depends_on_the_treatment():
    for modality in ALL:
        group = GROUPS_OF[modality][0]
        for answer in ("cosmetic", "prescribed"):
            found = verdict(modality, {AREA[group]: group}, fine_form(modality, group) | {"actives": answer})
            pause = 7 if modality in ("rf", "peel", "laser") else 3
            assert found.instructions == (f"pause_{answer}_{pause}",)


def test_a_finding_names_its_source():
    (finding,) = verdict("pen", FACE, fine_form("pen", "face") | {"pregnant": "yes"}).findings
    assert (finding.source, finding.confidence, finding.reason_id) == ("SKP, PREG, S1", "high", "pregnant")


SHORT_FORM = {name: value for name, value in fine_form("pen", "face").items() if name != "date_of_birth"}


def test_the_short_set_is_a_first_look_that_clears_nobody():
    found = verdict("pen", FACE, SHORT_FORM | {"adult": "yes"}, stage="short")
    assert (found.outcome, found.clears) == ("ok", False)


def test_the_short_set_asks_for_adults():
    found = verdict("pen", FACE, SHORT_FORM | {"adult": "no"}, stage="short")
    assert (found.outcome, found.findings[0].rule) == ("decline", "adult.no")
    with pytest.raises(CannotScreen):
        verdict("pen", FACE, SHORT_FORM, stage="short")
    with pytest.raises(CannotScreen):
        verdict("pen", FACE, SHORT_FORM | {"adult": "yes"}, stage="short", date_of_birth=date(2015, 1, 1))


def test_any_adult_may_book_a_consultation():
    assert verdict("consult", {}, {"date_of_birth": BORN}).clears
    assert verdict("consult", {}, {}, date_of_birth=BORN).clears
    assert verdict("consult", {}, {"adult": "yes"}, stage="short").outcome == "ok"
    assert verdict("consult", {}, {"adult": "no"}, stage="short").outcome == "decline"
    worst = fine_form("pen", "face") | {"pregnant": "yes", "warts": "yes"}
    assert verdict("consult", FACE, worst).clears
    with pytest.raises(CannotScreen):
        verdict("consult", {}, {})


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2027, 12, 15), 1, date(2028, 1, 15)),
        (date(2027, 3, 31), 3, date(2027, 6, 30)),
        (date(2027, 3, 31), -1, date(2027, 2, 28)),
    ],
)
def test_calendar_months_clip_at_the_months_end(start, months, end):
    assert add_months(start, months) == end


def test_age_is_counted_in_whole_years():
    assert age_on(date(2027, 3, 1), date(2009, 3, 1)) == 18
    assert age_on(date(2027, 3, 1), date(2009, 3, 2)) == 17
    assert age_on(date(2027, 2, 28), date(2008, 2, 29)) == 18
    assert age_on(date(2026, 2, 28), date(2008, 2, 29)) == 17
