"""The template tags: how a field, its hint and its error hang together."""

from datetime import date

import pytest
from django import forms
from django.template import Context, Template
from django.utils import translation

from clinic.ui.fields import DatePartsField
from clinic.ui.icons import ICONS
from clinic.ui.specimen import Specimen


def render(source: str, **context) -> str:
    return Template("{% load ui %}" + source).render(Context(context))


class Short(forms.Form):
    name = forms.CharField(label="Name", help_text="As on your card.", error_messages={"required": "Enter your name."})
    pick = forms.ChoiceField(label="Pick", widget=forms.RadioSelect, choices=[("a", "A"), ("b", "B")])
    born = DatePartsField(label="Born", birthday=True)


def test_a_hint_describes_its_control():
    html = render("{% field form.name %}", form=Short())
    assert '<label class="label" for="id_name">Name</label>' in html
    assert 'id="id_name_helptext">As on your card.' in html
    assert 'aria-describedby="id_name_helptext"' in html
    assert "aria-invalid" not in html


def test_an_error_is_told_after_the_hint_and_marks_the_control():
    html = render("{% field form.name %}", form=Short({}))
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert 'aria-invalid="true"' in html
    assert "Enter your name." in html


def test_an_error_of_choices_is_on_the_group_and_each_radio_is_named():
    html = render("{% field form.pick %}", form=Short({}))
    assert '<fieldset class="fieldset has-error" aria-describedby="id_pick_error"' in html
    assert html.count('type="radio"') == 2
    assert html.count('<label class="choice">') == 2


def test_the_summary_links_to_the_first_control_of_every_refused_field():
    html = render("{% errors form %}", form=Short({"born_0": "31", "born_1": "2", "born_2": "1990"}))
    assert [part.split('"')[0] for part in html.split('href="')[1:]] == ["#id_name", "#id_pick_0", "#id_born_0"]
    assert "Pick – This field is required." in html
    assert 'tabindex="-1" data-focus' in html


def test_the_first_control_of_every_refused_field_exists():
    form = Short({})
    drawn = "".join(render("{% field bound %}", bound=bound) for bound in form)
    for target in ("id_name", "id_pick_0", "id_born_0"):
        assert f'id="{target}"' in drawn


def test_no_errors_draw_no_summary():
    assert render("{% errors form %}", form=Short()).strip() == ""


@pytest.mark.parametrize(
    ("context", "prefix"),
    [({}, ""), ({"form": Short()}, ""), ({"form": Short({})}, "Error: "), ({"has_errors": True}, "Error: ")],
)
def test_the_title_says_error_first(context, prefix):
    assert render("{% error_prefix %}", **context) == prefix


def test_none_of_these_stands_apart():
    html = render("{% field form.skin %}", form=Specimen())
    assert html.count("data-exclusive") == 1
    assert html.index("choices-or") < html.index("data-exclusive")


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (("27", "3", "1990"), date(1990, 3, 27)),
        (("٢٧", "٣", "١٩٩٠"), date(1990, 3, 27)),
        ((" 1 ", "12", "2001"), date(2001, 12, 1)),
    ],
)
def test_three_boxes_make_a_date(parts, expected):
    data = {f"born_{n}": part for n, part in enumerate(parts)}
    assert Short({"name": "A", "pick": "a", **data}).fields["born"].clean(list(parts)) == expected


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        (("31", "2", "1990"), "Enter a real date, such as 27 3 1990."),
        (("x", "2", "1990"), "Enter a real date, such as 27 3 1990."),
        (("1", "2", "90"), "Enter the year with four digits, such as 1990."),
        (("1", "", "1990"), "Enter a date with day, month and year."),
    ],
)
def test_a_date_that_is_none_says_why(parts, sentence):
    with pytest.raises(forms.ValidationError) as refusal:
        DatePartsField().clean(list(parts))
    assert refusal.value.messages == [sentence]


def test_a_refused_date_keeps_what_was_typed():
    html = render("{% field form.born %}", form=Short({"born_0": "31", "born_1": "2", "born_2": "1990"}))
    assert 'value="31"' in html
    assert 'autocomplete="bday-year"' in html


@pytest.mark.parametrize("name", sorted(ICONS))
def test_an_icon_is_silent_unless_labelled(name):
    assert 'aria-hidden="true"' in render("{% icon name %}", name=name)
    assert 'role="img" aria-label="Words"' in render("{% icon name 'Words' %}", name=name)


def test_only_arrows_turn_round():
    assert "is-mirrored" in render('{% icon "arrow-end" %}')
    assert "is-mirrored" not in render('{% icon "tick" %}')


def test_labels_and_values_are_escaped():
    assert "<b>" not in render("{% icon 'tick' words %}{{ words|ltr }}{% change '/' words %}", words="<b>")
    assert "<b>" not in render("{% notice 'info' title=words %}{{ words }}{% endnotice %}", words="<b>")


def test_a_phone_reads_left_to_right():
    assert render("{{ '+902165550140'|phone }}") == '<bdi dir="ltr">+90 216 555 01 40</bdi>'


def test_a_status_is_icon_and_word():
    html = render('{% status "no_show" %}')
    assert "<svg" in html
    assert "No-show" in html


def test_a_nav_entry_without_a_page_is_not_drawn():
    assert render('{% nav_link "nowhere:at_all" "Nowhere" %}') == ""


def test_the_step_is_words():
    with translation.override("en"):
        assert "Step 2 of 5" in render("{% step 2 5 %}")
