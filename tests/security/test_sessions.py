"""A privilege ends when it ends: disabled, changed, idle, too old, signed out."""

import pytest

from tests.security.conftest import is_refused

pytestmark = pytest.mark.django_db
DAY = "/desk/"


@pytest.mark.parametrize("who", ["desk", "ayse", "owner"])
def test_a_disabled_account_is_out_at_its_next_request(world, door, who):
    client = door(who)
    assert client.get(DAY).status_code == 200
    type(world.desk).objects.filter(pk=getattr(world, who).pk).update(is_active=False)
    assert is_refused(client.get(DAY))
    assert client.get(f"/api/v1/bookings/{world.mia.visit.pk}/").status_code == 404


def test_a_changed_role_counts_at_once(world, door):
    client = door("ayse")
    assert client.get("/review/").status_code == 200
    type(world.ayse).objects.filter(pk=world.ayse.pk).update(role="desk")
    assert is_refused(client.get("/review/"))


def test_a_new_password_ends_every_session(world, door):
    client = door("desk")
    world.desk.set_password("another-eucalyptus")
    world.desk.save()
    assert is_refused(client.get(DAY))


def test_fifteen_idle_minutes_end_a_staff_session(world, door, time_machine):
    client = door("desk")
    client.get(DAY)
    time_machine.shift(14 * 60)
    assert client.get(DAY).status_code == 200
    time_machine.shift(16 * 60)
    assert is_refused(client.get(DAY))


def test_twelve_hours_end_a_staff_session_however_busy(world, door, time_machine):
    client, hours = door("desk"), 0.0
    while client.get(DAY).status_code == 200:
        time_machine.shift(10 * 60)
        hours += 1 / 6
        assert hours < 13
    assert hours > 11.9


def test_half_an_idle_hour_ends_a_patients_session(world, door, time_machine):
    client = door("mia")
    assert client.get("/my/").status_code == 200
    time_machine.shift(31 * 60)
    assert is_refused(client.get("/my/"))


def test_signing_in_changes_the_session_and_signing_out_ends_it(world, door):
    world.desk.set_password("porcelain-eucalyptus")
    world.desk.save()
    client = door("anyone")
    planted = client.session
    planted["x"] = 1
    planted.save()
    client.cookies["session"] = planted.session_key
    client.post("/staff/sign-in/", {"username": world.desk.email, "password": "porcelain-eucalyptus"})
    key = client.cookies["session"].value
    assert key != planted.session_key
    assert client.get(DAY).status_code == 200
    client.post("/staff/sign-out/")
    client.cookies["session"] = key
    assert is_refused(client.get(DAY))
