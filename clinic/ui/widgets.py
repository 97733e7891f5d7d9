"""Day, month and year as three boxes: easier than a calendar for a date somebody knows by heart."""

from datetime import date

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class DateParts(forms.MultiWidget):
    use_fieldset = True
    template_name = "django/forms/widgets/multiwidget.html"
    PARTS = (
        ("day", pgettext_lazy("date", "Day"), 2),
        ("month", pgettext_lazy("date", "Month"), 2),
        ("year", _("Year"), 4),
    )

    def __init__(self, attrs: dict | None = None, *, birthday: bool = False) -> None:
        boxes = []
        for part, _label, length in self.PARTS:
            own = {"inputmode": "numeric", "maxlength": length, "class": f"input w-{length}", "autocomplete": "off"}
            if birthday:
                own["autocomplete"] = f"bday-{part}"
            boxes.append(forms.TextInput(own))
        super().__init__(boxes, attrs)

    def decompress(self, value: date | None) -> list:
        return [value.day, value.month, value.year] if value else [None, None, None]

    def value_from_datadict(self, data, files, name) -> list[str]:
        values = super().value_from_datadict(data, files, name)
        return [(value or "").strip() if isinstance(value, str) else value for value in values]
