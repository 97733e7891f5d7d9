"""Writes the checked content files into the database: the only writer of the catalogue."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction

from .catalogue import LANGUAGES, Catalogue, fingerprint
from .models import Area, Modality, Offer

CARD = ("kind", "line", "concerns")


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
        areas = {}
        for order, (slug, entry) in enumerate(catalogue.areas.items(), start=1):
            names = {language: catalogue.texts[language]["areas"][slug] for language in LANGUAGES}
            areas[slug] = writer.save(Area, {"slug": slug}, {"names": names, "group": entry["group"], "order": order})
        kept: list[tuple[int, int]] = []
        for order, (slug, entry) in enumerate(catalogue.modalities.items(), start=1):
            modality = writer.save(Modality, {"slug": slug}, _modality(catalogue, slug, entry, order))
            for area_slug, price in entry["prices"].items():
                area = areas[area_slug]
                values = {
                    "treatment_minutes": entry["minutes"][catalogue.areas[area_slug]["size"]],
                    "price": Decimal(price),
                    "currency": catalogue.currency,
                }
                writer.save(Offer, {"modality_id": modality.pk, "area_id": area.pk}, values)
                kept.append((modality.pk, area.pk))
        _withdraw(catalogue, kept)
    return Loaded(writer.written, writer.unchanged)


def _modality(catalogue: Catalogue, slug: str, entry: dict[str, Any], order: int) -> dict[str, Any]:
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
        self.known: dict[type, dict[tuple, Any]] = {}

    def save(self, model: type, key: dict[str, Any], values: dict[str, Any]) -> Any:
        """The row under `key`, created or rewritten when `values` are new to it. Reads all rows of a model at once."""
        if model not in self.known:
            rows = model.objects.defer("content", "summary") if model is Modality else model.objects.all()
            self.known[model] = {tuple(getattr(row, name) for name in key): row for row in rows}
        row = self.known[model].get(tuple(key.values()))
        digest = fingerprint(values)
        if row is not None and row.loaded_hash == digest:
            self.unchanged += 1
            return row
        row = row or model(**key)
        if model is Modality and row.content_version != values["content_version"]:
            row.signed_off_by, row.signed_off_on = "", None
        for name, value in values.items():
            setattr(row, name, value)
        row.loaded_hash = digest
        row.save()
        self.written += 1
        return row


def _withdraw(catalogue: Catalogue, kept: list[tuple[int, int]]) -> None:
    gone = Modality.objects.exclude(slug__in=catalogue.modalities).exclude(loaded_hash="")
    gone.update(bookable=False, loaded_hash="")  # so that its return is written again
    offered = set(kept)
    stale = [
        pk
        for pk, modality_id, area_id in Offer.objects.exclude(loaded_hash="").values_list(
            "pk", "modality_id", "area_id"
        )
        if (modality_id, area_id) not in offered
    ]
    if stale:
        Offer.objects.filter(pk__in=stale).delete()
