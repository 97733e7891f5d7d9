"""The two ways to answer a patient. The key makes an answer go out once, however often the button is pressed."""

import uuid
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from bookings.views.thread import without_links
from clinic.messaging.kinds import KINDS, PREPARED
from clinic.messaging.wording import texts
from clinic.messaging.wording.rules import LONGEST
from clinic.people.models import User

LABELS = {
    "desk_received": _("We have read it"),
    "desk_will_call": _("We will call"),
    "desk_call_us": _("Please call us"),
    "desk_directions": _("How to find us"),
    "desk_booking": _("Their visit and its link"),
}
CHOOSE = _("Choose one of the answers.")


class AssignForm(forms.Form):
    """Whose thread it is. ``instead_of`` is what the page said, so that two do not take it from each other unseen."""

    to = forms.TypedChoiceField(label=_("Who sees to it"), required=False, coerce=int, empty_value=None)
    instead_of = forms.TypedChoiceField(widget=forms.HiddenInput, required=False, coerce=int, empty_value=None)

    def __init__(self, data: Any = None, *, staff: list[User], whose: User | None = None) -> None:
        number = whose.pk if whose else ""
        super().__init__(data, initial={"to": number, "instead_of": number}, auto_id="assign_%s")
        people = [(user.pk, user.name) for user in staff]
        if whose and whose not in staff:
            people.append((whose.pk, whose.name))
        for name in self.fields:
            self.fields[name].choices = [("", _("Nobody yet")), *people]


class AnswerForm(forms.Form):
    """Prepared answers for which there are facts, each with its text as the patient will read it."""

    kind = forms.ChoiceField(
        label=_("Answer with"),
        widget=forms.RadioSelect,
        error_messages={"required": CHOOSE, "invalid_choice": CHOOSE},
    )
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, facts: Mapping[str, Any], language: str) -> None:
        super().__init__(data, initial={"key": uuid.uuid4()}, auto_id="answer_%s")
        possible = [kind for kind in PREPARED if _known(KINDS[kind].variables, facts)]
        self.fields["kind"].choices = [(kind, LABELS[kind]) for kind in possible]
        self.fields["kind"].choice_hints = {kind: _preview(kind, language, facts) for kind in possible}


class WriteForm(forms.Form):
    text = forms.CharField(
        label=_("Your own words"),
        required=True,
        max_length=LONGEST,
        help_text=_("It may show on a locked phone: no treatment, no area, nothing about health. For that, call."),
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
        error_messages={"required": _("Write something to send.")},
    )
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, initial={"key": uuid.uuid4()}, auto_id="write_%s")


def _known(variables: frozenset[str], facts: Mapping[str, Any]) -> bool:
    return variables <= set(facts) | ({"day", "time"} if "start" in facts else set())


def _preview(kind: str, language: str, facts: Mapping[str, Any]) -> str:
    body = without_links(texts.render(kind, language, facts).body)
    return format_html('<span lang="{}" dir="auto">{}</span>', language, body)
