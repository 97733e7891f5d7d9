"""The stylesheet keeps its promises: contrast, logical properties, budgets, and that it is built."""

import gzip
import re
from itertools import product
from pathlib import Path

import pytest

from clinic.ui import bundle

ROOT = Path(__file__).resolve().parents[3]
STYLES = sorted(bundle.HERE.glob("*.css"))
TONES = ("accent", "clay", "danger", "warn", "ok", "info", "violet", "grey")
GROUNDS = ("bg", "surface", "sunken")


def palettes() -> dict[str, dict[str, str]]:
    css = (bundle.HERE / "tokens.css").read_text("utf-8")
    blocks = re.findall(r"(:root[^{]*)\{\s*color-scheme: (light|dark);([^}]*)\}", css)
    found = {}
    for selector, scheme, body in blocks:
        name = "system dark" if "not(" in selector else scheme
        found[name] = dict(re.findall(r"--([a-z-]+): (#[0-9A-F]{6})", body))
    return found


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


TEXT_PAIRS = [
    *product(("ink", "muted"), GROUNDS),
    *((tone, f"{tone}-tint") for tone in TONES),
    *product(("accent", "accent-hover", "clay", "danger"), ("bg", "surface")),
    *(("ink", f"{tone}-tint") for tone in TONES),
    ("on-accent", "accent"),
    ("on-accent", "accent-hover"),
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT_PAIRS)
def test_text_is_at_least_5_2_to_1(scheme, text, ground):
    palette = palettes()[scheme]
    assert contrast(palette[text], palette[ground]) >= 5.2


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("ground", ["bg", "surface"])
def test_edges_of_controls_are_at_least_3_to_1(scheme, ground):
    palette = palettes()[scheme]
    assert contrast(palette["control"], palette[ground]) >= 3


def test_the_systems_dark_is_the_switchs_dark():
    found = palettes()
    assert found["system dark"] == found["dark"]


@pytest.mark.parametrize("path", [s for s in STYLES if s.stem != "tokens"], ids=lambda p: p.stem)
def test_colours_are_named_only_among_the_tokens(path):
    on_paper = re.sub(r"@media print \{.*?\n\}", "", path.read_text("utf-8"), flags=re.S)
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b|rgba?\(", on_paper) == []


FOUR_SIDES = re.compile(r"(?:margin|padding|inset):(?:\s+(?:[\w.%-]+|\w+\([^()]*\))){4}\s*[;}]")
PHYSICAL = re.compile(
    r"(?<![-\w])(?:(?:margin|padding|border)-(?:left|right|top|bottom)|left|right|top|bottom|width|height|"
    r"(?:min|max)-(?:width|height))\s*:|text-align:\s*(?:left|right)|float:\s*(?:left|right)"
)


@pytest.mark.parametrize("path", STYLES, ids=lambda p: p.stem)
def test_only_logical_properties(path):
    rules = re.sub(r"@media[^{]*|@page[^}]*\}", "", path.read_text("utf-8"))
    assert PHYSICAL.findall(rules) + FOUR_SIDES.findall(rules) == []


@pytest.mark.parametrize("path", STYLES, ids=lambda p: p.stem)
def test_no_change_of_case(path):
    assert "text-transform" not in path.read_text("utf-8")


@pytest.mark.parametrize("path", STYLES, ids=lambda p: p.stem)
def test_every_variable_used_is_defined(path):
    own = {"--cols", "--span"}
    defined = set(re.findall(r"(--[\w-]+):", "".join(s.read_text("utf-8") for s in STYLES))) | own
    assert set(re.findall(r"var\((--[\w-]+)", path.read_text("utf-8"))) - defined == set()


@pytest.mark.parametrize("name", list(bundle.BUNDLES))
def test_the_built_file_is_fresh(name):
    assert (bundle.OUT / f"{name}.css").read_text("utf-8") == bundle.build(name), "run python -m clinic.ui.bundle"


def test_every_style_is_in_exactly_one_bundle():
    assert sorted(part for parts in bundle.BUNDLES.values() for part in parts) == [s.stem for s in STYLES]


def test_a_block_can_stand_on_any_tick_of_a_day():
    rows = bundle.rows()
    assert ".gs-0{grid-row-start:1}" in rows
    assert ".ge-288{grid-row-end:289}" in rows


def weight(*paths: Path) -> int:
    return sum(len(gzip.compress(path.read_bytes(), 9)) for path in paths)


def test_a_patients_page_loads_at_most_20_kb_of_style_and_30_kb_of_script():
    import django_htmx

    htmx = Path(django_htmx.__file__).parent / "static/django_htmx/htmx-2.min.js"
    assert weight(ROOT / "static/css/site.css") <= 20 * 1024
    assert weight(ROOT / "static/js/site.js", htmx) <= 30 * 1024
