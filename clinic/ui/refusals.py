"""A service's refusal at the form that was sent."""

from collections.abc import Mapping

from django import forms

from clinic.errors import DomainError


def take_over(form: forms.Form, refusal: DomainError) -> None:
    """The service's sentences at the form's fields; any other at its head."""
    found: Mapping[str, list] = refusal.fields or {"": [refusal]}
    for name, sentences in found.items():
        form.add_error(name if name in form.fields else None, [str(one) for one in sentences])
