from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from treatments.models import Offer
from treatments.money import money

register = template.Library()


@register.filter
def price(offer: Offer) -> SafeString:
    """The offer's price, kept in one piece and in its own direction inside Arabic text."""
    return format_html("<bdi>{}</bdi>", money(offer.price, offer.currency))


@register.simple_tag
def spread(least: int, most: int) -> SafeString:
    """ "3–6", or "3" when both are the same; never turned round in Arabic text."""
    return format_html('<bdi dir="ltr">{}</bdi>', least if least == most else f"{least}–{most}")
