import pytest

from clinic.audit.models import Entry
from tests.security.conftest import KINDS, fingerprint
from tests.security.routes import EVERY

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("who", KINDS)
def test_looking_at_every_page_changes_nothing(world, door, who):
    """Reading health data may add to the audit, and nothing else may."""
    client, before, shown = door(who), fingerprint(without={"audit_entry"}), 0
    last = Entry.objects.latest("pk").pk
    for route in EVERY:
        shown += client.get(route.path(world)).status_code == 200
    assert shown > 10
    assert fingerprint(without={"audit_entry"}) == before
    assert set(Entry.objects.filter(pk__gt=last).values_list("action", flat=True)) <= {
        "intake.read",
        "thread.read",
        "enquiry.read",
        "event.read",
        "photo.read",
        "consent.read",
        "plan.read",
    }
