"""Language of a page: the saved choice, else the browser's, else English."""

from django.middleware.locale import LocaleMiddleware


class PatientLanguageMiddleware(LocaleMiddleware):
    """Django's own, under a name of ours so that staff pages can later follow the account's language."""
