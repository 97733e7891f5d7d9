"""The schema is true: it validates, names what opens a booking, and a fuzzer finds no answer it does not declare."""

from contextlib import contextmanager

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

pytestmark = pytest.mark.django_db
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


def schema(client):
    return client.get("/api/v1/schema/", headers={"accept": "application/json"}).json()


def test_it_is_openapi_3_1(client):
    found = schema(client)
    assert found["openapi"].startswith("3.1")
    assert list(OpenAPIV31SpecValidator(found).iter_errors()) == []


def test_it_names_every_endpoint(client):
    assert {
        path.removeprefix("/api/v1"): sorted(operations) for path, operations in schema(client)["paths"].items()
    } == {
        "/treatments/": ["get"],
        "/questionnaire/": ["get"],
        "/screenings/": ["post"],
        "/availability/": ["get"],
        "/courses/proposals/": ["get"],
        "/courses/": ["post"],
        "/bookings/": ["post"],
        "/bookings/{identifier}/": ["get"],
        "/bookings/{identifier}/patient/": ["put"],
        "/bookings/{identifier}/intake/": ["put"],
        "/bookings/{identifier}/consent/": ["get", "put"],
        "/bookings/{identifier}/confirm/": ["post"],
        "/bookings/{identifier}/move/": ["post"],
        "/bookings/{identifier}/cancel/": ["post"],
    }


def test_a_booking_opens_to_its_bearer_token(client):
    found = schema(client)
    scheme = found["components"]["securitySchemes"]["bookingToken"]
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    for path, operations in found["paths"].items():
        for operation in operations.values():
            assert ({"bookingToken": []} in operation.get("security", [])) == ("{identifier}" in path)


def test_every_refusal_is_declared_as_a_problem_document(client):
    for operations in schema(client)["paths"].values():
        for operation in operations.values():
            refusals = {status: answer for status, answer in operation["responses"].items() if status >= "400"}
            assert {"400", "404", "405"} <= set(refusals)
            assert {tuple(one["content"]) for one in refusals.values()} == {("application/problem+json",)}


@contextmanager
def _one_connection():
    """The application runs beside the test, in its transaction: it must not close what the test still needs."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def test_no_input_finds_a_fault_or_an_undeclared_answer(clinic, known, client):
    """A booking's own token goes with every call, and its id into the paths, so that the fuzzer reaches past 404."""
    booking = known()
    tried = []
    with _one_connection():
        found = schemathesis.openapi.from_wsgi("/api/v1/schema/?format=json", get_wsgi_application())
        for result in found.get_all_operations():
            _fuzz(result.ok(), booking)
            tried.append(result.ok().label)
    assert len(tried) == 15


def _fuzz(operation, booking, examples=15):
    """Inputs as the schema says and inputs as it forbids, half of each with a treatment that exists."""

    @given(
        case=operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
        | operation.as_strategy(generation_mode=GenerationMode.NEGATIVE),
        offered=st.booleans(),
    )
    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def run(case, offered):
        if "identifier" in (case.path_parameters or {}):
            case.path_parameters["identifier"] = booking.id
        if offered and isinstance(case.query, dict) and "treatment" in case.query:
            case.query |= {"treatment": "pen", "areas": "face"}
        if offered and isinstance(case.body, dict) and "treatment" in case.body:
            case.body |= {"treatment": "pen", "areas": ["face"]}
        case.call_and_validate(checks=CHECKS, headers={"Authorization": f"Bearer {booking.token}"})

    run()
