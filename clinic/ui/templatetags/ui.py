"""What templates are built with; docs/look.md says how to use each."""

import datetime as dt

import phonenumbers
from django import template
from django.forms import BoundField
from django.http import HttpRequest
from django.template.base import token_kwargs
from django.urls import NoReverseMatch, resolve, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from clinic.dates import clock, comma, say
from clinic.people.access import actor_of, may
from clinic.ui.icons import ICONS, MIRRORED
from clinic.ui.shown import Shown, problems
from clinic.ui.statuses import STATUSES, UNKNOWN

register = template.Library()


@register.filter(expects_localtime=True)
def day(value: dt.date | None, shape: str = "l j F") -> str:
    """Like ``date``, with weekday, day and month in the order of the reader's language."""
    return say(value, shape) if value else ""


@register.filter(expects_localtime=True)
def time_of_day(value: dt.datetime | None) -> str:
    """ "14:30", as `clinic.dates.clock` says it."""
    return clock(value) if value else ""


register.simple_tag(comma)


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """Inline SVG in the text's colour; hidden from screen readers unless labelled. Unknown names raise KeyError."""
    mirrored = " is-mirrored" if name in MIRRORED else ""
    said = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="icon{}" {} width="20" height="20" viewBox="0 0 20 20" fill="none" stroke="currentColor" '
        'stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round" focusable="false">{}</svg>',
        mirrored,
        said,
        mark_safe(ICONS[name]),  # noqa: S308 - our own constants
    )


_svg = icon  # for tags that have an argument of that name


@register.inclusion_tag("parts/_field.html")
def field(
    bound: BoundField,
    hint: str = "",
    label: str = "",
    width: int = 0,
    cards: bool = True,
    quiet_label: bool = False,
    heading: bool = False,
    row: bool = False,
) -> dict:
    """One form field with label, hint, error and control, wired for assistive technology."""
    return {
        "shown": Shown(bound, hint=hint, label=label, width=width),
        "cards": cards,
        "quiet_label": quiet_label,
        "heading": heading,
        "row": row,
    }


@register.inclusion_tag("parts/_errors.html")
def errors(*forms: object) -> dict:
    """The error summary of one or more forms, or lists of them; draws nothing when all is well."""
    every = [one for given in forms for one in (given if isinstance(given, list) else [given])]
    return {"problems": problems(*every)}


@register.simple_tag(takes_context=True)
def error_prefix(context: template.Context) -> str:
    """ "Error: " for the page title when anything on the page was refused."""
    candidates = [context.get("form"), context.get("formset"), *(context.get("forms") or ())]
    refused = context.get("has_errors") or context.get("errors") or any(getattr(c, "errors", None) for c in candidates)
    return _("Error:") + " " if refused else ""


@register.inclusion_tag("parts/_status.html")
def status(state: str, word: str = "", detail: str = "") -> dict:
    look = STATUSES.get(state, UNKNOWN)
    return {"state": state, "look": look, "word": word or look.word or state, "detail": detail}


@register.simple_tag
def appt_icon(state: str) -> SafeString:
    return icon(STATUSES.get(state, UNKNOWN).icon)


@register.inclusion_tag("parts/_step.html")
def step(number: int, total: int) -> dict:
    return {"number": number, "total": total, "bars": range(1, total + 1)}


@register.inclusion_tag("parts/_back.html")
def back(url: str, label: str = "") -> dict:
    return {"url": url, "label": label}


@register.simple_tag
def change(url: str, what: str, word: str = "") -> SafeString:
    """A "Change" link that says what it changes to those who can't see the row."""
    return format_html('<a class="change" href="{}">{}<span class="vh"> {}</span></a>', url, word or _("Change"), what)


@register.simple_tag
def external_attrs() -> SafeString:
    return mark_safe('rel="noopener noreferrer external"')


@register.filter
def ltr(value: object) -> SafeString:
    """Keeps a phone, reference, price or time in one piece inside right-to-left text."""
    return format_html('<bdi dir="ltr">{}</bdi>', value)


@register.filter
def digits(phone: str) -> str:
    """The digits of a phone number, as `wa.me` addresses want them."""
    return "".join(c for c in str(phone) if c.isdigit())


@register.filter
def phone(number: str) -> SafeString:
    """A phone number as people read it, kept left to right: "+90 216 555 01 40"."""
    try:
        shown = phonenumbers.format_number(
            phonenumbers.parse(str(number)), phonenumbers.PhoneNumberFormat.INTERNATIONAL
        )
    except phonenumbers.NumberParseException:
        shown = str(number)
    return ltr(shown)


@register.simple_tag(takes_context=True)
def nav_link(
    context: template.Context, name: str, word: str, icon: str = "", key: str = "", count: int = 0, under: bool = False
) -> SafeString:
    """A staff nav entry, or nothing while no URL has that name or this person may not open it.

    `under`: it is the current one on every page below its address.
    """
    try:
        url = reverse(name)
    except NoReverseMatch:
        return mark_safe("")
    request = context.get("request")
    if not _may_open(request, url):
        return mark_safe("")
    match = getattr(request, "resolver_match", None)
    here = bool(match) and (match.view_name == name or under and request.path.startswith(url))
    return format_html(
        '<a href="{}"{}{}>{}<span>{}</span>{}</a>',
        url,
        mark_safe(' aria-current="page"') if here else "",
        format_html(' data-key="{}" aria-keyshortcuts="{}"', key.lower(), key) if key else "",
        _svg(icon) if icon else "",
        word,
        format_html('<span class="count">{}</span>', count) if count else "",
    )


@register.simple_tag(takes_context=True)
def link_to(context: template.Context, name: str, word: str, otherwise: str = "") -> SafeString | str:
    """A link to a page this person may open; ``otherwise`` for somebody who may not, or while no URL has that name."""
    try:
        url = reverse(name)
    except NoReverseMatch:
        return otherwise
    if not _may_open(context.get("request"), url):
        return otherwise
    return format_html('<a href="{}">{}</a>', url, word)


def _may_open(request: HttpRequest | None, url: str) -> bool:
    action = getattr(resolve(url).func, "policy", None)
    return request is None or action is None or may(actor_of(request), action)


@register.tag
def notice(parser: template.base.Parser, token: template.base.Token) -> "NoticeNode":
    """`{% notice "info" title=… %}…{% endnotice %}`: a callout in one of the tones."""
    bits = token.split_contents()[1:]
    tone = parser.compile_filter(bits.pop(0)) if bits and "=" not in bits[0] else None
    options = token_kwargs(bits, parser)
    nodes = parser.parse(("endnotice",))
    parser.delete_first_token()
    return NoticeNode(tone, options, nodes)


class NoticeNode(template.Node):
    icons = {
        "info": "info",
        "ok": "ok",
        "warn": "warn",
        "danger": "danger",
        "clay": "leaf",
        "grey": "info",
        "accent": "ok",
    }

    def __init__(self, tone, options, nodes) -> None:
        self.tone, self.options, self.nodelist = tone, options, nodes

    def render(self, context: template.Context) -> SafeString:
        tone = self.tone.resolve(context) if self.tone else "info"
        options = {name: value.resolve(context) for name, value in self.options.items()}
        title = options.get("title")
        return format_html(
            '<div class="notice tone-{}"{}>{}<div class="notice-body">{}{}</div></div>',
            tone,
            format_html(' role="{}"', options["role"]) if options.get("role") else "",
            icon(options.get("icon") or self.icons.get(tone, "info")),
            format_html('<p class="notice-title">{}</p>', title) if title else "",
            self.nodelist.render(context),
        )
