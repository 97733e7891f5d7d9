from django import forms
from django.utils.translation import gettext_lazy as _

from treatments.selectors import list_modalities


class PermitForm(forms.Form):
    """Why somebody whom the rules would turn away is to be looked at."""

    modality = forms.ChoiceField(label=_("Treatment"))
    reason = forms.CharField(
        label=_("Why"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("For the record. The patient does not see it."),
    )
    confirmed = forms.BooleanField(
        label=_("I take it upon myself to decide about their form, whatever the rules say."), required=False
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["modality"].choices = [(one.slug, one.name) for one in list_modalities() if one.slug != "consult"]
