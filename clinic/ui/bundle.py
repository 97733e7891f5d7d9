"""Joins the stylesheets in `clinic/ui/styles/` into the two files that pages load. Run `python -m clinic.ui.bundle`.

Two requests at most and no build tool: comments and indentation go, nothing else is touched. The grid's row and
column classes are computed here, because inline styles are forbidden and CSS can't read a number from an attribute.
"""

import re
from pathlib import Path

HERE = Path(__file__).resolve().parent / "styles"
OUT = Path(__file__).resolve().parents[2] / "static" / "css"

BUNDLES: dict[str, tuple[str, ...]] = {
    "site": (
        "tokens",
        "base",
        "layout",
        "shell",
        "buttons",
        "forms",
        "cards",
        "booking",
        "path",
        "plan",
        "treatment",
        "feedback",
        "data",
        "talk",
    ),
    "staff": ("staff", "day", "desk", "review", "rules", "texts", "sheet"),
}

TICKS = 24 * 60 // 5
LONGEST = 72  # ticks of one phase: six hours
COLUMNS = 16
LANES = 4


def rows() -> str:
    """Position classes of the day grid; grid lines count from 1, ticks from 0."""
    lines = [f".gs-{n}{{grid-row-start:{n + 1}}}.ge-{n}{{grid-row-end:{n + 1}}}" for n in range(TICKS + 1)]
    lines += [f".gh-{n}{{--span:{n}}}" for n in range(1, LONGEST + 1)]
    lines += [f".cols-{n}{{--cols:{n}}}" for n in range(1, COLUMNS + 1)]
    for lanes in range(1, LANES + 1):
        width = 12 // lanes
        lines += [
            f".day-slots>.lane-{lane + 1}-{lanes}{{grid-column:{lane * width + 1}/span {width}}}"
            for lane in range(lanes)
        ]
    return "\n".join(lines) + "\n"


def squeeze(css: str) -> str:
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.S)
    return "".join(line.strip() + "\n" for line in css.splitlines() if line.strip())


def build(name: str) -> str:
    parts = [squeeze((HERE / f"{part}.css").read_text("utf-8")) for part in BUNDLES[name]]
    if name == "staff":
        parts.append(rows())
    return f"/* Built from clinic/ui/styles by python -m clinic.ui.bundle: edit there. */\n{''.join(parts)}"


def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    for name in BUNDLES:
        (OUT / f"{name}.css").write_text(build(name), "utf-8")


if __name__ == "__main__":
    main()
