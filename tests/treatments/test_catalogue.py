import shutil

import pytest

from treatments.catalogue import CONTENT, LANGUAGES, ContentError, read

FACE = ["face", "forehead", "eyes", "mouth", "nose", "chin", "cheeks"]
BODY = ["neck", "arms", "hips", "thighs", "legs", "abdomen", "scar"]


@pytest.fixture
def files(tmp_path):
    shutil.copytree(CONTENT, tmp_path, dirs_exist_ok=True)

    def change(name, old, new):
        path = tmp_path / name
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))
        return tmp_path

    return change


def test_the_eight_modalities_and_their_numbers(content):
    numbers = {
        slug: (e["numbing"], e["minutes"]["small"], e["minutes"]["large"], e["turnaround"], e["sessions"], e["spacing"])
        for slug, e in content.modalities.items()
    }
    assert numbers == {
        "pen": (30, 30, 45, 15, [3, 6], [28, 42]),
        "roller": (30, 30, 30, 15, [3, 6], [28, 42]),
        "rf": (45, 45, 45, 15, [3, 4], [28, 42]),
        "prp": (30, 60, 60, 15, [3, 4], [28, 42]),
        "scalp": (15, 30, 30, 15, [4, 6], [28, 42]),
        "peel": (0, 30, 30, 15, [3, 6], [14, 28]),
        "laser": (20, 30, 30, 15, [3, 5], [28, 42]),
        "consult": (0, 30, 30, 5, [1, 1], [0, 0]),
    }


def test_scalp_is_offered_on_the_scalp_and_everything_else_on_face_and_body(content):
    for slug, entry in content.modalities.items():
        assert list(entry["prices"]) == (["scalp"] if slug == "scalp" else FACE + BODY), slug


def test_groups_are_those_the_questions_know(content):
    groups = {slug: area["group"] for slug, area in content.areas.items()}
    assert groups == dict.fromkeys(FACE, "face") | dict.fromkeys(BODY, "body") | {"scalp": "scalp"}


def test_all_languages_are_there(content):
    assert tuple(content.texts) == LANGUAGES


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("catalogue.toml", 'group = "face"', 'group = "head"', "catalogue.toml: areas.face.group: must be one of"),
        ("catalogue.toml", "forehead = 3500", "eyelids = 3500", "modalities.pen.prices.eyelids: is not under"),
        ("catalogue.toml", "spacing = [28, 42]", "spacing = [21, 42]", "modalities.pen.spacing: 21 days is less"),
        ("catalogue.toml", "spacing = [28, 42]", "spacing = [42, 28]", "modalities.pen.spacing: must be"),
        ("catalogue.toml", "numbing = 30", 'numbing = "30"', "modalities.pen.numbing: must be a whole number"),
        ("catalogue.toml", "[modalities.pen]", "[modalities.cups]", "modalities.cups: treatments/courses.py knows no"),
        ("catalogue.toml", "sessions = [3, 6]", "sessions = [3, 6", "catalogue.toml: "),
        ("care.en.toml", '"@needle_common"', '"@nedle_common"', "modalities.pen.common: @nedle_common is not under"),
        ("care.en.toml", "healing = [", "heeling = [", "care.en.toml: modalities.pen.heeling: is not known"),
        ("care.tr.toml", 'language = "tr"', 'language = "es"', "care.tr.toml: language: must be"),
        ("care.tr.toml", 'nose = "Burun"\n', "", "care.tr.toml: areas.nose: is missing"),
        (
            "care.tr.toml",
            '    "Uyuşturucu krem yaklaşık 30 dakika bekler.",\n',
            "",
            "care.tr.toml: modalities.pen.steps: 5 items, care.en.toml has 6",
        ),
        ("care.ar.toml", 'line = "إبر رفيعة', 'line = "" # ', "care.ar.toml: modalities.pen.line: is empty"),
    ],
)
def test_a_mistake_is_named_with_its_file_and_entry(files, file, old, new, message):
    with pytest.raises(ContentError) as caught:
        read(files(file, old, new))
    assert message in str(caught.value)


def test_a_missing_language_is_named(files):
    folder = files("care.es.toml", "language", "language")
    (folder / "care.es.toml").unlink()
    with pytest.raises(ContentError, match=r"care\.es\.toml: is missing"):
        read(folder)
