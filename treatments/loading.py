"""Writes the checked content files into the database: the only writer of the catalogue."""

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction

from .catalogue import LANGUAGES, Catalogue, fingerprint
from .models import Area, Modality, Offer

CARD = ("kind", "line", "concerns")
KEY = {Area: ("slug",), Modality: ("slug",), Offer: ("modality_id", "area_id")}


@dataclass(frozen=True)
class Loaded:
    """How many rows were written and how many were left as they are."""

    written: int
    unchanged: int


def load_catalogue(catalogue: Catalogue) -> Loaded:
    """Bring the database to the state of `catalogue`, in one transaction. Running it again changes nothing.

    A row is written only when its entry in the files differs from the one it was last written from, so whatever the
    clinic has changed in the meantime stays. New texts are a new draft: writing them takes back the sign-off.
    What has left the files is withdrawn: a modality is no longer bookable, an offer is removed.
    """
    with transaction.atomic():
        writer = _Writer()
        areas = writer.save(
            Area, {(slug,): _area(catalogue, slug, order) for order, slug in _numbered(catalogue.areas)}
        )
        modalities = writer.save(
            Modality, {(slug,): _modality(catalogue, slug, order) for order, slug in _numbered(catalogue.modalities)}
        )
        offers = {
            (modalities[(slug,)].pk, areas[(area,)].pk): {
                "treatment_minutes": entry["minutes"][catalogue.areas[area]["size"]],
                "price": Decimal(price),
                "currency": catalogue.currency,
            }
            for slug, entry in catalogue.modalities.items()
            for area, price in entry["prices"].items()
        }
        writer.save(Offer, offers)
        _withdraw(catalogue, offers)
    return Loaded(writer.written, writer.unchanged)


def _numbered(slugs: Iterable[str]) -> Iterator[tuple[int, str]]:
    return enumerate(slugs, start=1)


def _area(catalogue: Catalogue, slug: str, order: int) -> dict[str, Any]:
    names = {language: catalogue.texts[language]["areas"][slug] for language in LANGUAGES}
    return {"names": names, "group": catalogue.areas[slug]["group"], "order": order}


def _modality(catalogue: Catalogue, slug: str, order: int) -> dict[str, Any]:
    entry = catalogue.modalities[slug]
    texts = {language: catalogue.texts[language]["modalities"][slug] for language in LANGUAGES}
    alerts = {language: catalogue.texts[language]["alerts"] for language in LANGUAGES}
    content = {language: texts[language] | {"alerts": alerts[language]} for language in LANGUAGES}
    return {
        "names": {language: text["name"] for language, text in texts.items()},
        "summary": {language: {key: text[key] for key in CARD} for language, text in texts.items()},
        "content": content,
        "numbing_minutes": entry["numbing"],
        "turnaround_minutes": entry["turnaround"],
        "sessions_min": entry["sessions"][0],
        "sessions_max": entry["sessions"][1],
        "spacing_min": entry["spacing"][0],
        "spacing_max": entry["spacing"][1],
        "healing_min": entry["healing"][0],
        "healing_max": entry["healing"][1],
        "reflection_days": entry.get("reflection", 0),
        "needles": entry["needles"],
        "needs_device": entry["needs_device"],
        "online_video": entry.get("online_video", False),
        "per_visit": entry.get("per_visit", False),
        "bookable": entry.get("bookable", True),
        "order": order,
        "content_version": f"{catalogue.version}-{fingerprint(content)[:8]}",
    }


class _Writer:
    def __init__(self) -> None:
        self.written = self.unchanged = 0

    def save(self, model: type, entries: dict[tuple, dict[str, Any]]) -> dict[tuple, Any]:
        """The rows under the keys of `entries` (fields named in KEY), created or rewritten where the values are new to
        them. Whatever is new comes in one statement.
        """
        key = KEY[model]
        rows = model.objects.defer("content", "summary") if model is Modality else model.objects.all()
        found = {tuple(getattr(row, name) for name in key): row for row in rows}
        new = []
        for at, values in entries.items():
            digest, row = fingerprint(values), found.get(at)
            if row is not None and row.loaded_hash == digest:
                self.unchanged += 1
                continue
            if row is None:
                new.append(row := model(**dict(zip(key, at, strict=True))))
            if model is Modality and row.content_version != values["content_version"]:
                row.signed_off_by, row.signed_off_on = "", None
            for name, value in (values | {"loaded_hash": digest}).items():
                setattr(row, name, value)
            if at in found:
                row.save()
            found[at] = row
            self.written += 1
        model.objects.bulk_create(new)
        return found


def _withdraw(catalogue: Catalogue, offered: Container[tuple[int, int]]) -> None:
    gone = Modality.objects.exclude(slug__in=catalogue.modalities).exclude(loaded_hash="")
    gone.update(bookable=False, loaded_hash="")  # so that its return is written again
    stale = [
        pk
        for pk, modality_id, area_id in Offer.objects.exclude(loaded_hash="").values_list(
            "pk", "modality_id", "area_id"
        )
        if (modality_id, area_id) not in offered
    ]
    if stale:
        Offer.objects.filter(pk__in=stale).delete()
