"""The clinic's decision table, written by hand from the clinical rules and never read from the data files.

Each row: these answers, on an otherwise fine form, lead to this outcome (and first bookable day) for these treatments
and area groups. Rows that name no treatment hold for every treatment the question is asked for.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta

TODAY = date(2027, 3, 1)
BORN = date(1990, 5, 5)

NEEDLES = ("pen", "roller", "rf", "prp", "scalp")
ALL = (*NEEDLES, "peel", "laser")
GROUPS_OF = {modality: ("scalp",) if modality == "scalp" else ("face", "body") for modality in (*ALL, "consult")}
AREA = {"face": "cheeks", "body": "legs", "scalp": "scalp"}

# question → options that lead to nothing, options that lead somewhere
SHORT = {
    "pregnant": ("no", "yes unsure"),
    "breastfeeding": ("no", "yes"),
    "acne": ("none", "few_spots inflamed"),
    "cold_sore": ("never", "past now"),
    "skin_infection": ("no", "yes unsure"),
    "sun": ("none", "tan burn fake_tan"),
    "isotretinoin": ("never", "taking stopped unsure"),
    "blood_thinner": ("no", "yes unsure"),
    "scars": ("normal", "thick keloid unsure"),
    "immune": ("no", "yes unsure"),
    "cancer_treatment": ("never", "now_or_planned finished"),
    "bleeding_disorder": ("no", "yes unsure"),
    "skin_condition": ("none", "past active unsure"),
}
REST = {
    "antiplatelet": ("no", "self_chosen prescribed unsure"),
    "warts": ("no", "yes unsure"),
    "rosacea": ("none", "calm flaring unsure"),
    "diabetes": ("no", "controlled uncontrolled unsure"),
    "steroids": ("no", "cream_or_inhaler tablets unsure"),
    "changing_mole": ("no", "yes unsure"),
    "skin_cancer": ("never", "past now"),
    "toxin": ("no", "yes"),
    "filler": ("no", "yes"),
    "recent_treatment": ("none", "needling light_peel deep_peel laser_mild laser_ablative"),
    "surgery": ("none", "surgery new_scar"),
    "actives": ("none", "cosmetic prescribed"),
    "numbing": ("fine", "allergy other_problem unsure"),
    "metal_allergy": ("no", "nickel steel unsure"),
    "implant": ("no", "yes unsure"),
    "metal_in_area": ("no", "yes"),
    "epilepsy": ("no", "yes light_triggered"),
    "skin_type": ("I II III", "IV V VI"),
    "dark_marks": ("no", "yes melasma"),
    "smoking": ("no", "yes"),
    "unwell": ("no", "yes"),
    "fainting": ("no", "yes"),
    "expectations": ("steady", "worried pressured"),
    "blood_condition": ("none", "platelet_or_sepsis anaemia_or_low_platelets unsure"),
    "autoimmune": ("no", "scleroderma other unsure"),
    "photosensitiser": ("no", "yes unsure"),
    "peel_allergy": ("no", "yes unsure"),
    "intimate_area": ("no", "yes"),
}
OPTIONS = SHORT | REST
TEXTS = ("other_conditions", "other_medicines", "other_allergies")
ASKED_FOR = {
    "date_of_birth": (*ALL, "consult"),
    "numbing": ("pen", "roller", "rf", "prp", "scalp", "laser"),
    "metal_allergy": NEEDLES,
    "fainting": NEEDLES,
    "blood_condition": ("prp",),
    "peel_allergy": ("peel",),
}
ONLY_BODY = ("intimate_area",)


def asked(question: str, modality: str, group: str) -> bool:
    return modality in ASKED_FOR.get(question, ALL) and (question not in ONLY_BODY or group == "body")


def fine_form(modality: str, *groups: str) -> dict:
    """Every asked question answered with its first fine option."""
    form = {
        question: fine.split()[0]
        for question, (fine, _) in OPTIONS.items()
        if any(asked(question, modality, group) for group in groups)
    }
    texts = {text: "" for text in TEXTS if asked(text, modality, groups[0])}
    return form | texts | {"date_of_birth": BORN}


@dataclass(frozen=True)
class Row:
    answers: dict = field(hash=False)
    outcome: str
    until: date | None = None
    on: tuple[str, ...] = ALL
    at: tuple[str, ...] = ("face", "body", "scalp")
    today: date = TODAY

    @property
    def question(self) -> str:
        return next(iter(self.answers))

    def visits(self):
        for modality in self.on:
            for group in GROUPS_OF[modality]:
                if group in self.at and asked(self.question, modality, group):
                    yield modality, group

    def __str__(self) -> str:
        said = ",".join(f"{name}={value}" for name, value in self.answers.items())
        return f"{said} {'+'.join(self.on) if self.on != ALL else 'all'} {'+'.join(self.at)} {self.today}"


def but(*names: str) -> tuple[str, ...]:
    return tuple(name for name in ALL if name not in names)


def days(count: int, start: date = TODAY) -> date:
    return start + timedelta(days=count)


def row(question, answer, outcome, until=None, **where) -> Row:
    return Row({question: answer}, outcome, until, **where)


def dated(question, answer, when, on_day, outcome, until=None, **where) -> Row:
    return Row({question: answer, when: on_day}, outcome, until, **where)


def waits(question, answer, when, length, after, **where) -> list[Row]:
    """A wait of whole days: on the day, the day before it ends, the day it ends, and long after."""
    return [
        dated(question, answer, when, TODAY, "defer", days(length), **where),
        dated(question, answer, when, days(1 - length), "defer", days(1), **where),
        dated(question, answer, when, days(-length), after, **where),
        dated(question, answer, when, days(-length - 1), after, **where),
    ]


ROWS = [
    # Age: 18 on the day counts as 18, 22 on the day is past the caution.
    row("date_of_birth", date(2009, 3, 2), "decline"),
    row("date_of_birth", date(2020, 1, 1), "decline"),
    row("date_of_birth", date(2009, 3, 2), "decline", on=("consult",)),
    row("date_of_birth", date(2009, 3, 1), "ok", on=("consult",)),
    row("date_of_birth", date(1931, 1, 1), "ok", on=("consult",)),
    row("date_of_birth", date(2009, 3, 1), "caution", on=NEEDLES),
    row("date_of_birth", date(2009, 3, 1), "ok", on=("peel", "laser")),
    row("date_of_birth", date(2005, 3, 2), "caution", on=NEEDLES),
    row("date_of_birth", date(2005, 3, 2), "ok", on=("peel", "laser")),
    row("date_of_birth", date(2005, 3, 1), "ok"),
    row("date_of_birth", date(1931, 1, 1), "ok"),
    row("date_of_birth", date(2008, 2, 29), "decline", today=date(2026, 2, 28)),
    row("date_of_birth", date(2008, 2, 29), "caution", today=date(2026, 3, 1), on=NEEDLES),
    # Pregnancy and breastfeeding.
    row("pregnant", "yes", "decline"),
    row("pregnant", "unsure", "review"),
    row("breastfeeding", "yes", "decline", on=("rf",)),
    row("breastfeeding", "yes", "review", on=but("rf")),
    # Skin today.
    row("acne", "few_spots", "review"),
    row("acne", "inflamed", "defer", days(28)),
    row("cold_sore", "now", "defer", days(14)),
    row("cold_sore", "past", "review", at=("face",)),
    row("cold_sore", "past", "caution", at=("body", "scalp")),
    row("skin_infection", "yes", "defer", days(14)),
    row("skin_infection", "unsure", "review"),
    row("skin_condition", "past", "review"),
    row("skin_condition", "active", "defer", days(28)),
    row("skin_condition", "unsure", "review"),
    *waits("sun", "burn", "sun_on", 14, "ok", on=but("laser")),
    *waits("sun", "burn", "sun_on", 28, "ok", on=("laser",)),
    *waits("sun", "tan", "sun_on", 14, "ok", on=but("laser")),
    *waits("sun", "tan", "sun_on", 28, "ok", on=("laser",)),
    row("sun", "fake_tan", "caution", on=NEEDLES),
    row("sun", "fake_tan", "defer", days(14), on=("peel", "laser")),
    # Medicines and history.
    row("isotretinoin", "taking", "decline"),
    row("isotretinoin", "unsure", "review"),
    dated("isotretinoin", "stopped", "isotretinoin_stopped_on", TODAY, "defer", date(2027, 9, 1)),
    dated("isotretinoin", "stopped", "isotretinoin_stopped_on", date(2026, 9, 2), "defer", date(2027, 3, 2)),
    dated("isotretinoin", "stopped", "isotretinoin_stopped_on", date(2026, 9, 1), "caution"),
    dated("isotretinoin", "stopped", "isotretinoin_stopped_on", date(2012, 1, 1), "caution"),
    dated(
        "isotretinoin",
        "stopped",
        "isotretinoin_stopped_on",
        date(2026, 8, 31),
        "defer",
        date(2027, 2, 28),
        today=date(2027, 2, 27),
    ),
    dated("isotretinoin", "stopped", "isotretinoin_stopped_on", date(2026, 8, 31), "caution", today=date(2027, 2, 28)),
    dated(
        "isotretinoin",
        "stopped",
        "isotretinoin_stopped_on",
        date(2027, 8, 31),
        "defer",
        date(2028, 2, 29),
        today=date(2028, 2, 28),
    ),
    Row({"blood_thinner": "yes", "blood_thinner_name": "warfarin"}, "review"),
    row("blood_thinner", "unsure", "review"),
    row("scars", "thick", "review"),
    row("scars", "keloid", "decline"),
    row("scars", "unsure", "review"),
    row("immune", "yes", "decline", on=("rf", "prp")),
    row("immune", "yes", "review", on=but("rf", "prp")),
    row("immune", "unsure", "review"),
    row("cancer_treatment", "now_or_planned", "decline"),
    *waits("cancer_treatment", "finished", "cancer_treatment_ended_on", 28, "review"),
    dated("cancer_treatment", "finished", "cancer_treatment_ended_on", date(2001, 1, 1), "review"),
    row("bleeding_disorder", "yes", "decline", on=but("peel")),
    row("bleeding_disorder", "yes", "review", on=("peel",)),
    row("bleeding_disorder", "unsure", "review"),
    # The rest.
    row("antiplatelet", "self_chosen", "review", on=("prp",)),
    row("antiplatelet", "self_chosen", "caution", on=but("prp")),
    row("antiplatelet", "prescribed", "review"),
    row("antiplatelet", "unsure", "review"),
    row("warts", "yes", "decline"),
    row("warts", "unsure", "review"),
    row("rosacea", "calm", "review"),
    row("rosacea", "flaring", "defer", days(28)),
    row("rosacea", "unsure", "review"),
    row("diabetes", "controlled", "review", on=("rf", "prp")),
    row("diabetes", "controlled", "review", on=("pen", "roller", "peel", "laser"), at=("body",)),
    row("diabetes", "controlled", "caution", on=("pen", "roller", "peel", "laser"), at=("face",)),
    row("diabetes", "controlled", "caution", on=("scalp",)),
    row("diabetes", "uncontrolled", "decline"),
    row("diabetes", "unsure", "review"),
    row("steroids", "cream_or_inhaler", "caution"),
    row("steroids", "unsure", "review"),
    dated("steroids", "tablets", "steroids_last_on", TODAY, "review", on=but("prp")),
    dated("steroids", "tablets", "steroids_last_on", days(-400), "review", on=but("prp")),
    *waits("steroids", "tablets", "steroids_last_on", 14, "review", on=("prp",)),
    row("changing_mole", "yes", "decline"),
    row("changing_mole", "unsure", "review"),
    row("skin_cancer", "past", "review"),
    row("skin_cancer", "now", "decline"),
    *waits("toxin", "yes", "toxin_on", 14, "ok"),
    *waits("filler", "yes", "filler_on", 28, "review"),
    dated("filler", "yes", "filler_on", date(2026, 9, 2), "review"),
    dated("filler", "yes", "filler_on", date(2026, 9, 1), "caution", on=but("rf")),
    dated("filler", "yes", "filler_on", date(2026, 9, 1), "review", on=("rf",)),
    dated("filler", "yes", "filler_on", date(2015, 1, 1), "caution", on=but("rf")),
    dated("filler", "yes", "filler_on", date(2015, 1, 1), "review", on=("rf",)),
    *waits("recent_treatment", "needling", "recent_treatment_on", 28, "ok"),
    *waits("recent_treatment", "light_peel", "recent_treatment_on", 14, "ok"),
    *waits("recent_treatment", "laser_mild", "recent_treatment_on", 21, "ok"),
    *waits("recent_treatment", "laser_ablative", "recent_treatment_on", 84, "ok"),
    dated("recent_treatment", "deep_peel", "recent_treatment_on", TODAY, "defer", date(2027, 6, 1)),
    dated("recent_treatment", "deep_peel", "recent_treatment_on", date(2026, 12, 2), "defer", date(2027, 3, 2)),
    dated("recent_treatment", "deep_peel", "recent_treatment_on", date(2026, 12, 1), "ok"),
    dated("surgery", "surgery", "surgery_on", TODAY, "defer", date(2028, 3, 1)),
    dated("surgery", "surgery", "surgery_on", date(2026, 3, 2), "defer", date(2027, 3, 2)),
    dated("surgery", "surgery", "surgery_on", date(2026, 3, 1), "ok"),
    dated("surgery", "new_scar", "surgery_on", TODAY, "defer", date(2027, 9, 1)),
    dated("surgery", "new_scar", "surgery_on", date(2026, 9, 2), "defer", date(2027, 3, 2)),
    dated("surgery", "new_scar", "surgery_on", date(2026, 9, 1), "review"),
    dated("surgery", "new_scar", "surgery_on", date(2026, 3, 2), "review"),
    dated("surgery", "new_scar", "surgery_on", date(2026, 3, 1), "ok"),
    row("actives", "cosmetic", "caution"),
    row("actives", "prescribed", "caution"),
    row("numbing", "allergy", "decline"),
    row("numbing", "other_problem", "review"),
    row("numbing", "unsure", "review"),
    row("metal_allergy", "nickel", "review"),
    row("metal_allergy", "steel", "decline"),
    row("metal_allergy", "unsure", "review"),
    row("implant", "yes", "decline", on=("rf",)),
    row("implant", "yes", "review", on=("pen", "laser")),
    row("implant", "yes", "caution", on=("roller", "prp", "scalp", "peel")),
    row("implant", "unsure", "review"),
    row("metal_in_area", "yes", "decline", on=("rf",)),
    row("metal_in_area", "yes", "caution", on=but("rf")),
    row("epilepsy", "yes", "review", on=("laser",)),
    row("epilepsy", "yes", "caution", on=but("laser")),
    row("epilepsy", "light_triggered", "decline", on=("laser",)),
    row("epilepsy", "light_triggered", "caution", on=but("laser")),
    *(row("skin_type", colour, "caution", on=NEEDLES) for colour in ("IV", "V", "VI")),
    *(row("skin_type", colour, "review", on=("peel", "laser")) for colour in ("IV", "V", "VI")),
    row("dark_marks", "yes", "caution", on=NEEDLES),
    row("dark_marks", "yes", "review", on=("peel", "laser")),
    row("dark_marks", "melasma", "review"),
    row("smoking", "yes", "caution"),
    row("unwell", "yes", "defer", days(7)),
    row("fainting", "yes", "review", on=("prp",)),
    row("fainting", "yes", "caution", on=("pen", "roller", "rf", "scalp")),
    row("expectations", "worried", "review"),
    row("expectations", "pressured", "review"),
    row("blood_condition", "platelet_or_sepsis", "decline"),
    row("blood_condition", "anaemia_or_low_platelets", "review"),
    row("blood_condition", "unsure", "review"),
    row("autoimmune", "scleroderma", "decline"),
    row("autoimmune", "other", "review"),
    row("autoimmune", "unsure", "review"),
    row("photosensitiser", "yes", "review", on=("peel", "laser")),
    row("photosensitiser", "yes", "caution", on=NEEDLES),
    row("photosensitiser", "unsure", "review"),
    row("peel_allergy", "yes", "decline"),
    row("peel_allergy", "unsure", "review"),
    row("intimate_area", "yes", "review"),
    *(row(text, "something", "review") for text in TEXTS),
    *(row(text, " \n\t ", "ok") for text in TEXTS),
    *(row("skin_type", colour, "ok") for colour in ("I", "II", "III")),
]
