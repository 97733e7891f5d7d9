"""The tables of this floor, one file for each subject."""

from consultations.models.adverse import (
    AdverseEvent,
    AdverseEventEntry,
    EventAct,
    EventOutcome,
    Page,
    Severity,
    Source,
)
from consultations.models.consent import PHOTO_CHOICES, Choice, ConsentText, ConsentWithdrawal, TreatmentConsent
from consultations.models.enquiry import Act, Enquiry, EnquiryDraft, EnquiryEntry, Standing
from consultations.models.photo import Photo
from consultations.models.plan import Plan, PlanAnswer, PlanAnswerKind, PlanVersion
from consultations.models.questionnaire import QuestionnaireVersion
from consultations.models.reminder import BookableReminder
from consultations.models.shared import SharedAnswers
from consultations.models.submission import (
    NO,
    YES,
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
    "NO",
    "PHOTO_CHOICES",
    "YES",
    "Act",
    "AdverseEvent",
    "AdverseEventEntry",
    "BookableReminder",
    "Choice",
    "ConsentText",
    "ConsentWithdrawal",
    "Decision",
    "DecisionEffect",
    "Draft",
    "Permit",
    "Enquiry",
    "EnquiryDraft",
    "EnquiryEntry",
    "EventAct",
    "EventOutcome",
    "Page",
    "Photo",
    "Plan",
    "PlanAnswer",
    "PlanAnswerKind",
    "PlanVersion",
    "QuestionAnswer",
    "QuestionnaireVersion",
    "ReviewAlert",
    "ReviewDecision",
    "Severity",
    "SharedAnswers",
    "Source",
    "Standing",
    "Submission",
    "TreatmentConsent",
]
