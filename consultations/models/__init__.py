"""The tables of this floor, one file for each subject."""

from consultations.models.consent import Choice, ConsentText, ConsentWithdrawal, TreatmentConsent
from consultations.models.plan import Plan, PlanAnswer, PlanAnswerKind, PlanVersion
from consultations.models.questionnaire import QuestionnaireVersion
from consultations.models.reminder import BookableReminder
from consultations.models.shared import SharedAnswers
from consultations.models.submission import (
    Decision,
    DecisionEffect,
    Draft,
    Permit,
    QuestionAnswer,
    ReviewAlert,
    ReviewDecision,
    Submission,
)

__all__ = [
    "BookableReminder",
    "Choice",
    "ConsentText",
    "ConsentWithdrawal",
    "Decision",
    "DecisionEffect",
    "Draft",
    "Permit",
    "Plan",
    "PlanAnswer",
    "PlanAnswerKind",
    "PlanVersion",
    "QuestionAnswer",
    "QuestionnaireVersion",
    "ReviewAlert",
    "ReviewDecision",
    "SharedAnswers",
    "Submission",
    "TreatmentConsent",
]
