"""The tables of this floor, one file for each subject."""

from consultations.models.consent import ConsentText, TreatmentConsent
from consultations.models.plan import Plan, PlanAnswer, PlanAnswerKind, PlanVersion
from consultations.models.questionnaire import QuestionnaireVersion
from consultations.models.submission import Decision, Draft, QuestionAnswer, ReviewDecision, Submission

__all__ = [
    "ConsentText",
    "Decision",
    "Draft",
    "Plan",
    "PlanAnswer",
    "PlanAnswerKind",
    "PlanVersion",
    "QuestionAnswer",
    "QuestionnaireVersion",
    "ReviewDecision",
    "Submission",
    "TreatmentConsent",
]
