"""The tables of this floor, one file for each subject."""

from consultations.models.consent import Choice, ConsentText, ConsentWithdrawal, TreatmentConsent
from consultations.models.plan import Plan, PlanAnswer, PlanAnswerKind, PlanVersion
from consultations.models.questionnaire import QuestionnaireVersion
from consultations.models.reminder import BookableReminder
from consultations.models.shared import SharedAnswers
from consultations.models.submission import Decision, Draft, QuestionAnswer, ReviewDecision, Submission

__all__ = [
    "BookableReminder",
    "Choice",
    "ConsentText",
    "ConsentWithdrawal",
    "Decision",
    "Draft",
    "Plan",
    "PlanAnswer",
    "PlanAnswerKind",
    "PlanVersion",
    "QuestionAnswer",
    "QuestionnaireVersion",
    "ReviewDecision",
    "SharedAnswers",
    "Submission",
    "TreatmentConsent",
]
