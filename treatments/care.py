"""Pure: which dated step of the care texts belongs to a day. Days are counted in the clinic's time zone."""

# First day (counted from the visit) of each step after treatment.
AFTER_FROM = {"today": 0, "day_1": 1, "days_2_7": 2, "days_8_14": 8, "later": 15}
# Last day before the visit on which each step starts, as days to go.
BEFORE_FROM = {"before_28": 28, "before_14": 14, "before_7": 7, "before_3": 3, "on_the_day": 0}


def step_after(days_since: int) -> str | None:
    """Key of the aftercare step for `days_since` whole days after the visit; None before it."""
    reached = [key for key, first in AFTER_FROM.items() if days_since >= first]
    return reached[-1] if reached else None


def steps_before(days_to_go: int, keys: list[str]) -> list[str]:
    """Those of `keys` that have begun when the visit is `days_to_go` whole days away. What has begun stays in force."""
    return [key for key in keys if days_to_go <= BEFORE_FROM[key]]
