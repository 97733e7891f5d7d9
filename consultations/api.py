"""Questions, screening, form, consent and confirmation for programs. Carries only; the rules are below."""

import datetime as dt
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import get_language
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from bookings import selectors as bookings
from bookings.api import KEY, REFUSALS, read, remembered
from bookings.api_serializers import BookingSerializer, booking_document
from bookings.callers import own_booking
from bookings.models import Location
from bookings.services.remembering import Answer
from clinic.people.access import DESK
from consultations import journey
from consultations.consent_words import consent_words
from consultations.questionnaire import current, texts
from consultations.questionnaire.asked import as_listed
from consultations.questionnaire.definition import FULL, STAGES
from consultations.questionnaire.validation import validate_answers
from consultations.screening import Finding, Verdict, screen
from consultations.services import consent, intake
from treatments.selectors import visit_plan

# Whose session may act for the patient: the desk fills a form in with them and never reads a rule or reason back.
HELPS_TO_FILL = frozenset({DESK})
NOBODY_ELSE: frozenset[str] = frozenset()


class QuestionsQuery(serializers.Serializer):
    treatment = serializers.SlugField()
    areas = serializers.CharField(help_text="Area slugs, separated by commas.")
    stage = serializers.ChoiceField(choices=STAGES, default=FULL)


class ChoiceSerializer(serializers.Serializer):
    value = serializers.CharField()
    label = serializers.CharField()


class QuestionSerializer(serializers.Serializer):
    id = serializers.CharField()
    text = serializers.CharField()
    hint = serializers.CharField(allow_blank=True)
    kind = serializers.ChoiceField(choices=["single", "date", "text"])
    options = ChoiceSerializer(many=True)
    when = serializers.DictField(allow_null=True, help_text="Asked only beside these answers of another question.")
    required = serializers.BooleanField(help_text="The key must be sent.")
    may_be_empty = serializers.BooleanField()
    stage = serializers.ChoiceField(choices=["short", "rest"])
    page = serializers.CharField()


class QuestionnaireSerializer(serializers.Serializer):
    version = serializers.CharField()
    questions = QuestionSerializer(many=True)


class FindingSerializer(serializers.Serializer):
    rule = serializers.CharField()
    outcome = serializers.ChoiceField(choices=["caution", "review", "defer", "decline"])
    until = serializers.DateField(allow_null=True)
    reason = serializers.CharField()
    source = serializers.CharField()


class VerdictSerializer(serializers.Serializer):
    outcome = serializers.ChoiceField(choices=["ok", "caution", "review", "defer", "decline"])
    bookable_from = serializers.DateField(allow_null=True)
    version = serializers.CharField()
    findings = FindingSerializer(many=True)


class ScreeningRequest(serializers.Serializer):
    treatment = serializers.SlugField()
    areas = serializers.ListField(child=serializers.SlugField(), max_length=20)
    answers = serializers.DictField(help_text="Question id → answer value; date_of_birth among them.")


class IntakeRequest(serializers.Serializer):
    version = serializers.CharField(max_length=32)
    answers = serializers.DictField()


class ConsentRequest(serializers.Serializer):
    version = serializers.CharField(max_length=32)
    name = serializers.CharField(max_length=160)
    photos = serializers.BooleanField(default=False)
    teaching = serializers.BooleanField(default=False)
    publicity = serializers.BooleanField(
        default=False, help_text="Photos may be shown to the public, without the name."
    )


class ConsentSectionSerializer(serializers.Serializer):
    title = serializers.CharField()
    sentences = serializers.ListField(child=serializers.CharField())


class ConsentWordsSerializer(serializers.Serializer):
    version = serializers.CharField(help_text="Send it back with the name.")
    language = serializers.CharField()
    title = serializers.CharField()
    summary = serializers.ListField(child=serializers.CharField())
    sections = ConsentSectionSerializer(many=True)
    agree = serializers.CharField(help_text="The sentence that the name is put under.")


class ConsentSerializer(serializers.Serializer):
    version = serializers.CharField()
    text_hash = serializers.CharField()
    given_at = serializers.DateTimeField()


def verdict_body(verdict: Verdict) -> dict[str, Any]:
    language = get_language()

    def line(finding: Finding) -> dict[str, Any]:
        return {
            "rule": finding.rule,
            "outcome": finding.outcome.value,
            "until": finding.until,
            "reason": texts.reason(finding, language),
            "source": finding.source,
        }

    body = {
        "outcome": verdict.outcome.value,
        "bookable_from": verdict.bookable_from,
        "version": current().version,
        "findings": [line(finding) for finding in verdict.findings],
    }
    return dict(VerdictSerializer(body).data)


def clinic_today() -> dt.date:
    """Today where the clinic is."""
    zone = Location.objects.order_by("pk").values_list("timezone", flat=True).first() or "UTC"
    return timezone.now().astimezone(ZoneInfo(zone)).date()


def area_groups(treatment: str, areas: list[str]) -> dict[str, str]:
    return {area.slug: area.group for area in visit_plan(modality=treatment, areas=areas).areas}


class QuestionnaireView(APIView):
    policy = "screening.ask"
    authentication_classes = []

    @extend_schema(
        operation_id="questionnaire",
        summary="What has to be asked for a treatment",
        parameters=[QuestionsQuery],
        responses={200: QuestionnaireSerializer, **REFUSALS},
        tags=["screening"],
    )
    def get(self, request: Request) -> Response:
        query = read(QuestionsQuery, request.query_params)
        areas = area_groups(query["treatment"], [one for one in query["areas"].split(",") if one])
        questions = as_listed(
            current(), modality=query["treatment"], areas=areas, language=get_language(), stage=query["stage"]
        )
        return Response({"version": current().version, "questions": questions})


class ScreeningView(APIView):
    policy = "screening.ask"
    authentication_classes = []

    @extend_schema(
        operation_id="screen",
        summary="A verdict on answers; nothing is stored",
        request=ScreeningRequest,
        responses={200: VerdictSerializer, **REFUSALS},
        tags=["screening"],
    )
    def post(self, request: Request) -> Response:
        asked = read(ScreeningRequest, request.data)
        frame = {
            "modality": asked["treatment"],
            "areas": area_groups(asked["treatment"], asked["areas"]),
            "today": clinic_today(),
        }
        clean = validate_answers(current(), answers=asked["answers"], **frame)
        return Response(
            verdict_body(screen(current(), answers=clean.answers, date_of_birth=clean.date_of_birth, **frame))
        )


class IntakeView(APIView):
    policy = "intake.own"

    @extend_schema(
        operation_id="booking_intake",
        summary="The whole health form; gives the booking its clearance",
        request=IntakeRequest,
        responses={200: VerdictSerializer, **REFUSALS},
        tags=["bookings"],
    )
    def put(self, request: Request, identifier: UUID) -> Response:
        appointment, actor = own_booking(request, identifier, staff=HELPS_TO_FILL)
        form = read(IntakeRequest, request.data)
        _submission, verdict = intake.submit(appointment, language=get_language(), actor=actor, **form)
        body = verdict_body(verdict)
        return Response(body | {"findings": []} if actor.kind in HELPS_TO_FILL else body)


class ConsentView(APIView):
    policy = "intake.own"

    @extend_schema(
        operation_id="booking_consent_words",
        summary="The words to read and agree to, in the language asked for",
        responses={200: ConsentWordsSerializer, 404: REFUSALS[404]},
        tags=["bookings"],
    )
    def get(self, request: Request, identifier: UUID) -> Response:
        appointment, _actor = own_booking(request, identifier, staff=NOBODY_ELSE)
        return Response(ConsentWordsSerializer(consent_words(appointment.modality.slug, get_language())).data)

    @extend_schema(
        operation_id="booking_consent",
        summary="Consent to the visit, with the version of the words that were read",
        request=ConsentRequest,
        responses={200: ConsentSerializer, **REFUSALS},
        tags=["bookings"],
    )
    def put(self, request: Request, identifier: UUID) -> Response:
        appointment, actor = own_booking(request, identifier, staff=NOBODY_ELSE)
        given = read(ConsentRequest, request.data)
        row = consent.give_consent(
            appointment,
            typed_name=given.pop("name"),
            language=get_language(),
            actor=actor,
            **given,
        )
        return Response(
            ConsentSerializer({"version": row.text.version, "text_hash": row.text_id, "given_at": row.given_at}).data
        )


class ConfirmView(APIView):
    policy = "booking.own"

    @extend_schema(
        operation_id="booking_confirm",
        summary="Confirms, or hands over to a practitioner",
        request=None,
        responses={200: BookingSerializer, **REFUSALS},
        parameters=[KEY],
        tags=["bookings"],
    )
    def post(self, request: Request, identifier: UUID) -> Response:
        appointment, actor = own_booking(request, identifier)

        def act() -> Answer:
            journey.finish(appointment, actor=actor)
            return 200, booking_document(bookings.get_appointment(appointment.pk))

        return remembered(request, act)
