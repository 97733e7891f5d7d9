import pytest

from treatments.models import Modality, Offer

pytestmark = pytest.mark.usefixtures("offered")

URL = "/api/v1/treatments/"


def test_a_treatment_has_exactly_the_documented_fields(client):
    found = {entry["slug"]: entry for entry in client.get(URL).json()}
    assert list(found) == ["pen", "roller", "rf", "prp", "scalp", "peel", "laser", "consult"]
    assert found["scalp"] == {
        "slug": "scalp",
        "name": "Scalp micro-needling",
        "modality": "scalp",
        "areas": [
            {"slug": "scalp", "name": "Scalp", "group": "scalp", "minutes": 30, "price": "5500.00", "currency": "TRY"}
        ],
        "sessions": {"min": 4, "max": 6},
        "spacing_days": {"min": 28, "max": 42},
    }
    assert {area["slug"]: area["minutes"] for area in found["pen"]["areas"]}["face"] == 45
    assert len(found["consult"]["areas"]) == 14


@pytest.mark.parametrize(
    ("language", "name"), [("tr", "Görüşme"), ("es-MX", "Consulta"), ("ar", "استشارة"), ("de", "Consultation")]
)
def test_names_follow_the_language_asked_for(client, language, name):
    response = client.get(URL, headers={"accept-language": language})
    assert response.json()[-1]["name"] == name
    assert "Accept-Language" in response["Vary"]


def test_what_is_withdrawn_is_left_out(client):
    Modality.objects.filter(slug="laser").update(bookable=False)
    assert "laser" not in [entry["slug"] for entry in client.get(URL).json()]


def test_two_queries_for_one_offer_or_for_all(client, django_assert_num_queries):
    with django_assert_num_queries(2):
        client.get(URL)
    Offer.objects.exclude(area__slug="face").delete()
    with django_assert_num_queries(2):
        client.get(URL)


def test_nothing_can_be_written(client):
    response = client.post(URL, {}, content_type="application/json")
    assert response.status_code == 405
    assert response["Content-Type"] == "application/problem+json"
