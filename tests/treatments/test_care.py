import pytest

from treatments.care import AFTER_FROM, BEFORE_FROM, step_after, steps_before
from treatments.catalogue import AFTER, BEFORE


@pytest.mark.parametrize(
    ("days", "step"),
    [(-1, None), (0, "today"), (1, "day_1"), (2, "days_2_7"), (7, "days_2_7"), (8, "days_8_14"), (14, "days_8_14"),
     (15, "later"), (400, "later")],
)  # fmt: skip
def test_each_day_has_its_step(days, step):
    assert step_after(days) == step


def test_what_has_begun_before_the_visit_stays_in_force():
    keys = ["before_14", "before_7", "on_the_day"]
    assert steps_before(15, keys) == []
    assert steps_before(7, keys) == ["before_14", "before_7"]
    assert steps_before(0, keys) == keys


def test_days_are_known_for_every_step_of_the_texts():
    assert (tuple(BEFORE_FROM), tuple(AFTER_FROM)) == (BEFORE, AFTER)
