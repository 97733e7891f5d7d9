"""A finding's severity as icon and word, never colour alone."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinic.ui.templatetags.ui import icon
from consultations.views.review_form import CHOICES

register = template.Library()

WORDS = {
    "ok": ("tick", "tone-ok", _("Nothing flagged")),
    "caution": ("info", "tone-info", _("Take care")),
    "review": ("triangle", "tone-warn", _("Needs your decision")),
    "defer": ("clock", "tone-clay", _("Not before a date")),
    "decline": ("slash", "tone-danger", _("Rule says no")),
}

CONFIDENCE = {
    "high": pgettext_lazy("confidence", "high"),
    "medium": pgettext_lazy("confidence", "medium"),
    "low": pgettext_lazy("confidence", "low"),
}


@register.filter
def confidence(level: str) -> str:
    return CONFIDENCE.get(level, level)


@register.simple_tag
def severity(outcome: str) -> SafeString:
    name, tone, word = WORDS[outcome]
    return format_html('<span class="tag {}">{} {}</span>', tone, icon(name), word)


@register.simple_tag
def outcome_mark(outcome: str) -> SafeString:
    """The icon alone, beside words that say the same."""
    name, tone, _word = WORDS[outcome]
    return format_html('<span class="outcome-mark {}">{}</span>', tone, icon(name))


@register.simple_tag
def severity_tone(outcome: str) -> str:
    return WORDS[outcome][1]


@register.simple_tag
def decision_word(decision: str) -> str:
    """A decision as its button says it."""
    return dict(CHOICES)[decision]
