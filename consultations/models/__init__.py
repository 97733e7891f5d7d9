"""The tables of this floor, one file for each subject."""

from .questionnaire import QuestionnaireVersion

__all__ = ["QuestionnaireVersion"]
