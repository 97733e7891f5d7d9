"""Form fields of our own."""

from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from clinic.ui.widgets import DateParts


class DatePartsField(forms.MultiValueField):
    """Three boxes that clean to a `date`, or to None when all are empty and the field is optional.

    Any script's digits are read ("١٢" is 12). `birthday=True` lets the browser fill it in.
    """

    default_error_messages = {
        "required": _("Enter a date with day, month and year."),
        "incomplete": _("Enter a date with day, month and year."),
        "invalid": _("Enter a real date, such as 27 3 1990."),
        "year": _("Enter the year with four digits, such as 1990."),
    }

    def __init__(self, *, birthday: bool = False, **kwargs) -> None:
        kwargs.setdefault("widget", DateParts(birthday=birthday))
        parts = tuple(forms.CharField(max_length=length) for _part, _label, length in DateParts.PARTS)
        super().__init__(parts, require_all_fields=True, **kwargs)

    def compress(self, values: list[str]) -> date | None:
        if not any(values or ()):
            return None
        try:
            day, month, year = (int(value) for value in values)
        except ValueError:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None
        if year < 1000:
            raise ValidationError(self.error_messages["year"], code="year")
        try:
            return date(year, month, day)
        except ValueError:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None
