"""Questions, screening, form, consent and confirmation for programs. Carries only; the rules are below."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import get_language
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from bookings.api import BookingSerializer, appointment_for, idempotent
from bookings.models import Location
from consultations import journey
from consultations.questionnaire import current, texts
from consultations.questionnaire.asked import as_listed
from consultations.questionnaire.definition import FULL, STAGES
from consultations.questionnaire.validation import validate_answers
from consultations.screening import Finding, Verdict, screen
from consultations.services import consent, intake
from treatments.selectors import visit_plan


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


class ConsentSerializer(serializers.Serializer):
    version = serializers.CharField()
    text_hash = serializers.CharField()
    given_at = serializers.DateTimeField()


def checked(serializer: type[serializers.Serializer], data: Any) -> dict[str, Any]:
    """The serializer's values; its refusal becomes a problem document."""
    bound = serializer(data=data)
    bound.is_valid(raise_exception=True)
    return bound.validated_data


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
        responses=QuestionnaireSerializer,
        tags=["screening"],
    )
    def get(self, request: Request) -> Response:
        query = checked(QuestionsQuery, request.query_params)
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
        responses=VerdictSerializer,
        tags=["screening"],
    )
    def post(self, request: Request) -> Response:
        asked = checked(ScreeningRequest, request.data)
        frame = {
            "modality": asked["treatment"],
            "areas": area_groups(asked["treatment"], asked["areas"]),
            "today": clinic_today(),
        }
        clean = validate_answers(current(), answers=asked["answers"], **frame)
        return Response(verdict_body(screen(current(), answers=clean.answers, date_of_birth=clean.date_of_birth, **frame)))


class IntakeView(APIView):
    policy = "intake.own"

    @extend_schema(
        operation_id="booking_intake",
        summary="The whole health form; gives the booking its clearance",
        request=IntakeRequest,
        responses=VerdictSerializer,
        tags=["bookings"],
    )
    def put(self, request: Request, booking: str) -> Response:
        appointment = appointment_for(request, booking)
        form = checked(IntakeRequest, request.data)
        _submission, verdict = intake.submit(appointment, language=get_language(), actor=request.actor, **form)
        return Response(verdict_body(verdict))


class ConsentView(APIView):
    policy = "intake.own"

    @extend_schema(
        operation_id="booking_consent",
        summary="Consent to the visit, with the version of the words that were read",
        request=ConsentRequest,
        responses=ConsentSerializer,
        tags=["bookings"],
    )
    def put(self, request: Request, booking: str) -> Response:
        appointment = appointment_for(request, booking)
        given = checked(ConsentRequest, request.data)
        row = consent.give_consent(
            appointment,
            typed_name=given.pop("name"),
            language=get_language(),
            actor=request.actor,
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
        responses=BookingSerializer,
        parameters=[OpenApiParameter("Idempotency-Key", location=OpenApiParameter.HEADER, required=False)],
        tags=["bookings"],
    )
    def post(self, request: Request, booking: str) -> Response:
        appointment = appointment_for(request, booking)
        return idempotent(
            request, lambda: Response(BookingSerializer(journey.finish(appointment, actor=request.actor)).data)
        )
