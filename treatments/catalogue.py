"""Reads `content/`: the catalogue and the texts per language, checked and resolved. Pure: no database, no settings.

Every complaint names the file and the entry, so that a clinician who edits a text finds the place:
`care.tr.toml: modalities.pen.steps: 5 items, care.en.toml has 6`.
"""

import hashlib
import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import courses

CONTENT = Path(__file__).parent / "content"
LANGUAGES = ("en", "tr", "es", "ar")
GROUPS = ("face", "body", "scalp")
SIZES = ("small", "large")

# Sections of a treatment page, in the order of the page. Each is a list of sentences.
SECTIONS = (
    "concerns", "what", "how", "benefits", "feels", "steps", "wait", "common", "rare", "healing", "results", "sessions",
)  # fmt: skip
LINES = ("name", "kind", "line")
QUESTIONS = ("results", "pain", "home", "cost", "lasts", "safe")
BEFORE = ("before_28", "before_14", "before_7", "before_3", "on_the_day")
AFTER = ("today", "day_1", "days_2_7", "days_8_14", "later")
HINTS = ("normal", "do", "avoid")
ALERTS = ("now", "same_day", "soon")


class ContentError(Exception):
    """The content files contradict themselves. The message names file and entry."""


@dataclass(frozen=True)
class Catalogue:
    version: str
    currency: str
    areas: dict[str, dict[str, Any]]
    modalities: dict[str, dict[str, Any]]
    comparators: tuple[str, ...]
    texts: dict[str, dict[str, Any]]
    """Per language: areas, modalities (resolved), comparators, alerts."""


def fingerprint(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()


def read(folder: Path = CONTENT) -> Catalogue:
    """Read and check all files. Raises ContentError at the first contradiction."""
    name = "catalogue.toml"
    data = _toml(folder / name)
    areas = _table(data, "areas", name)
    for slug, area in areas.items():
        _one_of(area.get("group"), GROUPS, f"{name}: areas.{slug}.group")
        _one_of(area.get("size"), SIZES, f"{name}: areas.{slug}.size")
    modalities = _table(data, "modalities", name)
    for slug, entry in modalities.items():
        _check_modality(entry, slug=slug, areas=areas, where=f"{name}: modalities.{slug}")
    comparators = tuple(_table(data, "comparators", name).get("order", ()))
    needed = {"areas": tuple(areas), "modalities": tuple(modalities), "comparators": comparators}
    texts = {language: read_texts(folder, language, needed=needed) for language in LANGUAGES}
    for language in LANGUAGES[1:]:
        _same_shape(texts[language], texts["en"], file=f"care.{language}.toml", path="")
    return Catalogue(
        version=data["version"],
        currency=data["currency"],
        areas=areas,
        modalities=modalities,
        comparators=comparators,
        texts=texts,
    )


def read_texts(folder: Path, language: str, *, needed: dict[str, tuple[str, ...]]) -> dict[str, Any]:
    """One language's texts with every `@reference` resolved and every required entry present."""
    file = f"care.{language}.toml"
    data = _toml(folder / file)
    if data.get("language") != language:
        raise ContentError(f'{file}: language: must be "{language}"')
    shared = data.get("shared", {})
    for section in ("areas", "modalities", "comparators"):
        _same_keys(_table(data, section, file), needed[section], f"{file}: {section}")
    _same_keys(_table(data, "questions", file), QUESTIONS, f"{file}: questions")
    _same_keys(_table(data, "alerts", file), ALERTS, f"{file}: alerts")
    when = _table(data, "when", file)
    _same_keys(when, BEFORE + AFTER, f"{file}: when")

    def items(value: Any, where: str) -> list[str]:
        if not isinstance(value, list) or not value:
            raise ContentError(f"{where}: must be a list with at least one sentence")
        found: list[str] = []
        for item in value:
            if not isinstance(item, str) or not item.strip():
                raise ContentError(f"{where}: holds something that is not a sentence")
            if item.startswith("@"):
                if item[1:] not in shared:
                    raise ContentError(f"{where}: {item} is not under [shared]")
                found += items(shared[item[1:]], f"{file}: shared.{item[1:]}")
            else:
                found.append(item)
        return found

    modalities = {}
    for slug, entry in data["modalities"].items():
        at = f"{file}: modalities.{slug}"
        _same_keys(entry, (*LINES, *SECTIONS, "before", "after", "faq"), at)
        for key in LINES:
            if not isinstance(entry[key], str) or not entry[key].strip():
                raise ContentError(f"{at}.{key}: is empty")
        resolved = {key: entry[key] for key in LINES}
        resolved |= {key: items(entry[key], f"{at}.{key}") for key in SECTIONS}
        _only_keys(entry["before"], BEFORE, f"{at}.before")
        _only_keys(entry["after"], AFTER, f"{at}.after")
        resolved["before"] = [
            {"key": key, "title": when[key], "items": items(entry["before"][key], f"{at}.before.{key}")}
            for key in BEFORE
            if key in entry["before"]
        ]
        resolved["after"] = []
        for key in AFTER:
            if key in entry["after"]:
                _same_keys(entry["after"][key], HINTS, f"{at}.after.{key}")
                hints = {hint: items(entry["after"][key][hint], f"{at}.after.{key}.{hint}") for hint in HINTS}
                resolved["after"].append({"key": key, "title": when[key], **hints})
        _same_keys(entry["faq"], QUESTIONS, f"{at}.faq")
        resolved["faq"] = [
            {"key": key, "question": data["questions"][key], "answer": items(entry["faq"][key], f"{at}.faq.{key}")}
            for key in QUESTIONS
        ]
        modalities[slug] = resolved
    comparators = {
        slug: {
            "name": entry["name"],
            "what": items(entry.get("what"), f"{file}: comparators.{slug}.what"),
            "compare": items(entry.get("compare"), f"{file}: comparators.{slug}.compare"),
        }
        for slug, entry in data["comparators"].items()
    }
    alerts = {key: items(data["alerts"][key], f"{file}: alerts.{key}") for key in ALERTS}
    return {
        "areas": data["areas"],
        "modalities": modalities,
        "comparators": comparators,
        "alerts": alerts,
    }


def _check_modality(entry: dict[str, Any], *, slug: str, areas: dict[str, Any], where: str) -> None:
    for key in ("numbing", "turnaround"):
        _whole(entry.get(key), f"{where}.{key}")
    _same_keys(entry.get("minutes", {}), SIZES, f"{where}.minutes")
    for size in SIZES:
        if _whole(entry["minutes"][size], f"{where}.minutes.{size}") < 5:
            raise ContentError(f"{where}.minutes.{size}: must be at least 5")
    for key in ("sessions", "spacing", "healing"):
        pair = entry.get(key)
        if (
            not isinstance(pair, list)
            or len(pair) != 2
            or _whole(pair[0], f"{where}.{key}") > _whole(pair[1], f"{where}.{key}")
        ):
            raise ContentError(f"{where}.{key}: must be [least, most]")
    _whole(entry.get("reflection", 0), f"{where}.reflection")
    if slug not in courses.FAMILY:
        raise ContentError(f"{where}: treatments/courses.py knows no spacing for it")
    if entry["spacing"][0] < courses.SPACING[slug][0]:
        raise ContentError(f"{where}.spacing: {entry['spacing'][0]} days is less than {courses.SPACING[slug][0]}")
    for key in ("needles", "needs_device"):
        if not isinstance(entry.get(key), bool):
            raise ContentError(f"{where}.{key}: must be true or false")
    prices = entry.get("prices") or {}
    if not prices:
        raise ContentError(f"{where}.prices: names no area")
    for area, price in prices.items():
        if area not in areas:
            raise ContentError(f"{where}.prices.{area}: is not under [areas]")
        if not isinstance(price, int) or isinstance(price, bool) or price < 0:
            raise ContentError(f"{where}.prices.{area}: must be a whole number")


def _toml(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except FileNotFoundError:
        raise ContentError(f"{path.name}: is missing") from None
    except tomllib.TOMLDecodeError as error:
        raise ContentError(f"{path.name}: {error}") from None


def _table(data: dict[str, Any], key: str, file: str) -> dict[str, Any]:
    if not isinstance(data.get(key), dict):
        raise ContentError(f"{file}: {key}: is missing")
    return data[key]


def _whole(value: Any, where: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ContentError(f"{where}: must be a whole number")
    return value


def _one_of(value: Any, allowed: tuple[str, ...], where: str) -> None:
    if value not in allowed:
        raise ContentError(f"{where}: must be one of {', '.join(allowed)}")


def _only_keys(entry: Any, allowed: tuple[str, ...], where: str) -> None:
    if not isinstance(entry, dict) or not entry:
        raise ContentError(f"{where}: is missing")
    for key in entry:
        if key not in allowed:
            raise ContentError(f"{where}.{key}: is not known")


def _same_keys(entry: Any, needed: tuple[str, ...], where: str) -> None:
    _only_keys(entry, needed, where) if needed else None
    for key in needed:
        if key not in entry:
            raise ContentError(f"{where}.{key}: is missing")


def _same_shape(ours: Any, english: Any, *, file: str, path: str) -> None:
    """A translation says everything English says, item by item, so that no warning gets lost."""
    if isinstance(english, dict):
        for key, value in english.items():
            _same_shape(ours[key], value, file=file, path=f"{path}.{key}" if path else key)
    elif isinstance(english, list):
        if len(ours) != len(english):
            raise ContentError(f"{file}: {path}: {len(ours)} items, care.en.toml has {len(english)}")
        for index, value in enumerate(english):
            label = value.get("key", index) if isinstance(value, dict) else index
            _same_shape(ours[index], value, file=file, path=f"{path}.{label}")
