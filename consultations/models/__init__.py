"""The tables of this floor, one file for each subject."""

from consultations.models.consent import Choice, ConsentText, ConsentWithdrawal, TreatmentConsent
from consultations.models.questionnaire import QuestionnaireVersion
from consultations.models.submission import Decision, Draft, QuestionAnswer, ReviewDecision, Submission

__all__ = [
    "Choice",
    "ConsentText",
    "ConsentWithdrawal",
    "Decision",
    "Draft",
    "QuestionAnswer",
    "QuestionnaireVersion",
    "ReviewDecision",
    "Submission",
    "TreatmentConsent",
]
