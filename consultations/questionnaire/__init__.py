"""Questions, rules and words of the health form: data (``data/``), and how it is read, asked, checked and worded."""

from functools import cache

from .definition import Questionnaire
from .loader import DATA, QuestionnaireError, as_published, from_content, load

__all__ = ["Questionnaire", "QuestionnaireError", "as_published", "current", "from_content", "load"]


@cache
def current() -> Questionnaire:
    """The questionnaire of this release, read once. Forms filled in earlier keep the version they were asked with."""
    return load(DATA)
