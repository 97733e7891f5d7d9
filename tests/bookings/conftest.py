import pytest
from hypothesis import HealthCheck, settings

from tests.bookings.cast import make_clinic, make_patient

settings.register_profile("deep", max_examples=2000, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture
def clinic(db):
    return make_clinic()


@pytest.fixture
def patient(db):
    return make_patient()
