"""The catalogue for machines. Names follow Accept-Language; slugs, minutes and prices never change with it."""

from django.utils.cache import patch_vary_headers
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from . import selectors
from .models import Area, Modality, Offer


class RangeSerializer(serializers.Serializer):
    min = serializers.IntegerField()
    max = serializers.IntegerField()


class AreaSerializer(serializers.ModelSerializer):
    slug = serializers.SlugField(source="area.slug")
    name = serializers.CharField(source="area.name")
    group = serializers.ChoiceField(source="area.group", choices=Area.Group.choices)
    minutes = serializers.IntegerField(
        source="treatment_minutes", help_text="Minutes of treatment, without numbing before it."
    )
    price = serializers.DecimalField(max_digits=10, decimal_places=2, help_text="One session.")
    currency = serializers.CharField(help_text="ISO 4217")

    class Meta:
        model = Offer
        fields = ["slug", "name", "group", "minutes", "price", "currency"]


class TreatmentSerializer(serializers.ModelSerializer):
    name = serializers.CharField(help_text="In the language asked for.")
    modality = serializers.SlugField(source="slug", help_text="Decides questions, rules and spacing.")
    areas = AreaSerializer(source="offers", many=True)
    sessions = serializers.SerializerMethodField(help_text="Usual number of sessions in a course.")
    spacing_days = serializers.SerializerMethodField(help_text="Days between two sessions on the same area.")

    class Meta:
        model = Modality
        fields = ["slug", "name", "modality", "areas", "sessions", "spacing_days"]

    @extend_schema_field(RangeSerializer)
    def get_sessions(self, modality: Modality) -> dict[str, int]:
        return {"min": modality.sessions_min, "max": modality.sessions_max}

    @extend_schema_field(RangeSerializer)
    def get_spacing_days(self, modality: Modality) -> dict[str, int]:
        return {"min": modality.spacing_min, "max": modality.spacing_max}


class TreatmentsView(APIView):
    policy = "catalogue.read"
    authentication_classes = []

    @extend_schema(
        operation_id="treatments_list",
        summary="What can be booked",
        parameters=[
            OpenApiParameter("Accept-Language", location=OpenApiParameter.HEADER, enum=["en", "tr", "es", "ar"])
        ],
        responses=TreatmentSerializer(many=True),
        tags=["catalogue"],
    )
    def get(self, request: Request) -> Response:
        response = Response(TreatmentSerializer(selectors.list_modalities(), many=True).data)
        patch_vary_headers(response, ["Accept-Language"])
        return response
