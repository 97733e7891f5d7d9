import pytest

from clinic import env


def test_prices_are_cents_by_country(monkeypatch):
    monkeypatch.setenv("SMS_PRICES", "TR:3.5, DE:9,*:12")
    assert env.prices("SMS_PRICES") == {"TR": 3.5, "DE": 9, "*": 12}


@pytest.mark.parametrize("value", ["TR:3.5", "TR,*:12", "TR:x,*:1", "*:-1", "*:99999"])
def test_prices_that_say_nothing_certain_stop_the_start(monkeypatch, value):
    monkeypatch.setenv("SMS_PRICES", value)
    with pytest.raises(env.EnvironmentProblem):
        env.prices("SMS_PRICES")
