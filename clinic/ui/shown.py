"""How a bound form field is shown: its kind, its ids, and the attributes that tie label, hint and error to it."""

from collections.abc import Iterator
from typing import NamedTuple

from django import forms
from django.forms import BoundField
from django.utils.safestring import SafeString

from clinic.ui.widgets import DateParts


class Choice(NamedTuple):
    tag: SafeString
    label: object
    hint: object
    first_exclusive: bool


class Shown:
    """A field ready for `parts/_field.html`."""

    def __init__(self, bound: BoundField, *, hint: str = "", label: str = "", width: int = 0) -> None:
        self.bound, self.width = bound, width
        self.label = label or bound.label
        self.hint = hint or bound.help_text
        self.id = bound.auto_id or bound.html_name
        self.hint_id, self.error_id = f"{self.id}_helptext", f"{self.id}_error"
        self.errors = list(bound.errors)
        # A field that only some answers open is needed whenever it is seen.
        self.optional = not bound.field.required and not getattr(bound.field, "needed_when_shown", False)

    @property
    def kind(self) -> str:
        widget = self.bound.field.widget
        if widget.is_hidden:
            return "hidden"
        if isinstance(widget, DateParts):
            return "date"
        if isinstance(widget, forms.CheckboxSelectMultiple | forms.RadioSelect):
            return "choices"
        return "tick" if isinstance(widget, forms.CheckboxInput) else "box"

    @property
    def described_by(self) -> str:
        """Error last, so that it is what a screen reader says last."""
        return " ".join(([self.hint_id] if self.hint else []) + ([self.error_id] if self.errors else []))

    @property
    def control(self) -> SafeString:
        widget = self.bound.field.widget
        if isinstance(widget, forms.Textarea):
            css = "textarea"
        elif isinstance(widget, forms.Select):
            css = "select"
        else:
            css = "" if self.kind == "tick" else "input"
        css = " ".join(filter(None, (css, f"w-{self.width}" if self.width else "", widget.attrs.get("class", ""))))
        attrs: dict[str, object] = {"class": css} if css else {}
        attrs["aria-describedby"] = self.described_by or False
        attrs["aria-invalid"] = "true" if self.errors else False
        return self.bound.as_widget(attrs=attrs)

    @property
    def choices(self) -> Iterator[Choice]:
        field = self.bound.field
        hints, exclusive = getattr(field, "choice_hints", {}), getattr(field, "exclusive", ())
        drawn_apart = False
        for option in self.bound:
            value = str(option.data["value"])
            if value in exclusive:
                option.data["attrs"]["data-exclusive"] = True
            if self.errors:
                option.data["attrs"]["aria-invalid"] = "true"
            option.data["attrs"].pop("aria-describedby", None)
            yield Choice(
                option.tag(), option.choice_label, hints.get(value, ""), value in exclusive and not drawn_apart
            )
            drawn_apart = drawn_apart or value in exclusive

    @property
    def date_parts(self) -> Iterator[dict]:
        """The three boxes, each with its own label; hint and error hang on the fieldset."""
        values = self.bound.value()
        widget = self.bound.field.widget
        values = values if isinstance(values, list) else widget.decompress(values)
        for number, (box, value, (_part, label, _length)) in enumerate(
            zip(widget.widgets, values, widget.PARTS, strict=True)
        ):
            own_id = f"{self.id}_{number}"
            attrs = {"id": own_id} | ({"aria-invalid": "true"} if self.errors else {})
            yield {"id": own_id, "label": label, "tag": box.render(f"{self.bound.html_name}_{number}", value, attrs)}

    @property
    def target(self) -> str:
        """Id of the first control, for the link in the error summary."""
        return f"{self.id}_0" if self.kind in ("choices", "date") else self.id


class Problem(NamedTuple):
    text: str
    target: str
    about: str = ""
    """The field's label where the text alone would not say which field is meant."""
    label: str = ""


def _about(bound: BoundField, text: str) -> str:
    return str(bound.label) if text == str(forms.Field.default_error_messages["required"]) else ""


def problems(*shown_forms: object) -> list[Problem]:
    """Every refused field in the order it stands on the page; form-wide problems first, without a link."""
    found: list[Problem] = []
    for form in shown_forms:
        if not getattr(form, "errors", None):
            continue
        if not hasattr(form, "fields"):  # a formset
            found += [Problem(str(text), "") for text in form.non_form_errors()] + problems(*form.forms)
            continue
        found += [Problem(str(text), "") for text in form.non_field_errors()]
        for bound in form:
            target, label = Shown(bound).target, str(bound.label)
            found += [Problem(str(text), target, _about(bound, str(text)), label) for text in bound.errors]
    return [_named(one, found) for one in found]


def _named(problem: Problem, among: list[Problem]) -> Problem:
    """The same sentence at two fields says nothing in a list of links: there each names its field."""
    alike = sum(one.text == problem.text for one in among) > 1
    return problem if problem.about or not alike else problem._replace(about=problem.label)
