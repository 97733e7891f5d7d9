"""Courses for machines: proposals for anybody, booking for staff."""

from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, OpenApiTypes, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from bookings import selectors
from bookings.api import DAY, KEY, REFUSALS, SLUG, STAFF, read, refuse_unknown, remembered
from bookings.api_serializers import OTHER_YEAR, YEARS, ProblemSerializer, StartField, booking_document
from bookings.models import Appointment, Course
from bookings.planner import MOST_SESSIONS
from bookings.selectors import courses, desk
from bookings.selectors.courses import Chosen
from bookings.services.courses import book_course, told
from bookings.services.remembering import Answer
from clinic.people.access import Actor

AREAS = OpenApiParameter("areas", SLUG, required=True, description="Area slugs, separated by commas.")


class ProposalsQuery(serializers.Serializer):
    treatment = serializers.SlugField()
    areas = serializers.CharField(max_length=400)
    sessions = serializers.IntegerField(min_value=2, max_value=MOST_SESSIONS)
    practitioner = serializers.SlugField(required=False)
    location = serializers.SlugField(required=False)
    weekday = serializers.IntegerField(min_value=0, max_value=6, required=False)
    time = serializers.TimeField(input_formats=["%H:%M"], required=False)

    def get_fields(self) -> dict[str, serializers.Field]:
        return super().get_fields() | {"from": serializers.DateField(required=False)}

    def validate_from(self, value: date) -> date:
        if value.year not in YEARS:
            raise serializers.ValidationError(OTHER_YEAR)
        return value

    def validate_areas(self, value: str) -> list[str]:
        areas = [area for area in value.split(",") if area]
        if not areas:
            raise serializers.ValidationError(_("This is needed."))
        for area in areas:
            serializers.SlugField().run_validation(area)
        return areas


class SessionSerializer(serializers.Serializer):
    start = serializers.DateTimeField()
    practitioner = serializers.SlugField(allow_null=True)
    practitioner_name = serializers.CharField()


class ReasonSerializer(serializers.Serializer):
    code = serializers.CharField()
    sentence = serializers.CharField()


class PlanSerializer(serializers.Serializer):
    sessions = SessionSerializer(many=True)
    reasons = ReasonSerializer(many=True)


class ProposalsSerializer(serializers.Serializer):
    timezone = serializers.CharField()
    price = serializers.DecimalField(max_digits=10, decimal_places=2, help_text="Of the whole course.")
    currency = serializers.CharField()
    problem = serializers.CharField(
        allow_blank=True, help_text="Which session has no day within the spacing; the plans are then the best effort."
    )
    plans = PlanSerializer(many=True)


class SessionRequest(serializers.Serializer):
    start = StartField()
    practitioner = serializers.SlugField(required=False, allow_null=True)


class CourseRequest(serializers.Serializer):
    patient = serializers.UUIDField()
    treatment = serializers.SlugField()
    areas = serializers.ListField(child=serializers.SlugField(), min_length=1, max_length=20)
    starts = SessionRequest(many=True, min_length=2, max_length=MOST_SESSIONS)
    location = serializers.SlugField(required=False, allow_null=True)


class CourseVisitSerializer(serializers.Serializer):
    session = serializers.IntegerField()
    id = serializers.UUIDField()
    reference = serializers.CharField()
    state = serializers.CharField()
    start = serializers.DateTimeField()
    practitioner = serializers.SlugField()


class CourseSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    treatment = serializers.SlugField()
    areas = serializers.ListField(child=serializers.SlugField())
    sessions = CourseVisitSerializer(many=True)


class LostSessionSerializer(ProblemSerializer):
    session = serializers.IntegerField(required=False)
    reasons = ReasonSerializer(many=True, required=False)
    proposals = PlanSerializer(many=True, required=False)


class ProposalsView(APIView):
    """The best ways to place a whole course."""

    policy = "availability.read"

    @extend_schema(
        operation_id="course_proposals",
        parameters=[
            OpenApiParameter("treatment", SLUG, required=True),
            AREAS,
            OpenApiParameter("sessions", OpenApiTypes.INT, required=True),
            OpenApiParameter("from", DAY, description="First local day, included; today without it."),
            OpenApiParameter("practitioner", SLUG, description="Preferred; another is proposed where that is better."),
            OpenApiParameter("weekday", OpenApiTypes.INT, description="Preferred: 0 for Monday … 6 for Sunday."),
            OpenApiParameter("time", OpenApiTypes.STR, description="Preferred local time, like 10:30."),
            OpenApiParameter("location", SLUG),
        ],
        responses={200: ProposalsSerializer, **REFUSALS},
    )
    def get(self, request: Request) -> Response:
        asked = read(ProposalsQuery, request.query_params)
        refuse_unknown(asked.get("practitioner"), asked.get("location"))
        at = asked.get("time")
        book = selectors.current_book()
        found = courses.plan_course(
            plan=selectors.plan_for(book, modality=asked["treatment"], areas=asked["areas"]),
            sessions=asked["sessions"],
            earliest=asked.get("from"),
            prefer=asked.get("practitioner"),
            weekday=asked.get("weekday"),
            minute=at.hour * 60 + at.minute if at else None,
            location=asked.get("location"),
            staff=request.actor.kind in STAFF,
        )
        document = {
            "timezone": found.timezone,
            "price": str(found.price),
            "currency": found.currency,
            "problem": found.problem,
            "plans": told(found),
        }
        return Response(document)


class CoursesView(APIView):
    """A whole course reserved for a patient, every session or none."""

    policy = "diary.write"

    @extend_schema(
        operation_id="course_book",
        request=CourseRequest,
        parameters=[KEY],
        responses={201: CourseSerializer, **REFUSALS, 403: ProblemSerializer, 409: LostSessionSerializer},
    )
    def post(self, request: Request) -> Response:
        return remembered(request, lambda: self._book(request))

    def _book(self, request: Request) -> Answer:
        asked = read(CourseRequest, request.data)
        for one in [*asked["starts"], {"practitioner": None}]:
            refuse_unknown(one.get("practitioner"), asked.get("location"))
        patient = desk.get_patient(asked["patient"], actor=request.actor)
        course = book_course(
            plan=selectors.plan_for(selectors.current_book(), modality=asked["treatment"], areas=asked["areas"]),
            patient=patient,
            starts=[Chosen(one["start"], one.get("practitioner")) for one in asked["starts"]],
            location=asked.get("location"),
            actor=request.actor,
        )
        return 201, course_document(course, actor=request.actor)


def course_document(course: Course, *, actor: Actor) -> dict[str, Any]:
    rows = selectors.with_resources(courses.visits_of(course))
    return {
        "id": str(course.pk),
        "treatment": course.modality.slug,
        "areas": [area.slug for area in course.areas.all()],
        "sessions": [_visit(row) for row in rows],
    }


def _visit(row: Appointment) -> dict[str, Any]:
    whole = booking_document(row)
    return {"session": row.session} | {
        name: whole[name] for name in ("id", "reference", "state", "start", "practitioner")
    }
