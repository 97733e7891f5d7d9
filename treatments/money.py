from decimal import Decimal

from django.utils.formats import number_format

SIGNS = {"TRY": "TL", "EUR": "€"}


def money(amount: Decimal, currency: str) -> str:
    """An amount in the active language's grouping, with cents only where there are any: "6,500 TL"."""
    whole = amount == amount.to_integral_value()
    number = number_format(amount, decimal_pos=0 if whole else 2, use_l10n=True, force_grouping=True)
    return f"{number}\u00a0{SIGNS.get(currency, currency)}"
