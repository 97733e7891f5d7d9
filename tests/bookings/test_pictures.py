"""The pictures of docs/availability.md show what the engine answers today."""

import importlib.util
from pathlib import Path
from xml.etree import ElementTree

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"
spec = importlib.util.spec_from_file_location("draw_availability", DOCS / "draw_availability.py")
drawing = importlib.util.module_from_spec(spec)
spec.loader.exec_module(drawing)


@pytest.mark.parametrize("name", ["phases", "erosion", "day", "swap"])
def test_a_picture_is_what_the_engine_answers(name):
    drawn = drawing.pictures()[name]
    assert drawn == (DOCS / "pictures" / f"{name}.svg").read_text(), "python docs/draw_availability.py draws it again"


def test_the_page_shows_every_picture_and_each_says_what_it_shows():
    page = (DOCS / "availability.md").read_text()
    for path in sorted((DOCS / "pictures").glob("*.svg")):
        assert f"(pictures/{path.name})" in page
        root = ElementTree.fromstring(path.read_text())
        assert root.get("role") == "img"
        assert len(root.get("aria-label")) > 20


def test_a_stretch_of_ones_is_found():
    assert list(drawing.runs(0b0011_1011)) == [(0, 2), (3, 6)]
    assert list(drawing.runs(0)) == []
