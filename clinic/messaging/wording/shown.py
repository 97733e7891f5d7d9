"""What the owner's pages show."""

from typing import Any

from clinic.messaging.kinds import BY_TEMPLATE, KINDS
from clinic.messaging.models import Standing, Template
from clinic.messaging.wording import approving, editing, editions, names, retiming
from clinic.messaging.wording.forms import QuietForm, TextForm, TimingForm
from clinic.messaging.wording.preview import preview, sample_values
from clinic.messaging.wording.rules import required
from clinic.messaging.wording.shipped import LANGUAGES, Text, shipped
from clinic.messaging.wording.templates import wording
from clinic.messaging.wording.timings import rules_of

TONES = {
    Standing.APPROVED: "ok", Standing.PENDING: "info", Standing.CREATED: "warn", Standing.UNKNOWN: "warn",
    Standing.NEW: "grey", Standing.REJECTED: "danger", Standing.PAUSED: "danger", Standing.DISABLED: "danger",
}  # fmt: skip
HISTORY = 20


def list_context(form: QuietForm) -> dict[str, Any]:
    """Every kind by the moment of the patient's way, with how each language stands."""
    own, known = editions.own_texts(), _templates()
    groups = [
        {
            "name": name,
            "rows": [
                {
                    "kind": kind,
                    "name": names.NAMES[kind],
                    "when": names.when(kind),
                    "cells": [_cell(kind, language, own, known) for language in LANGUAGES],
                }
                for kind in kinds
            ],
        }
        for name, kinds in names.GROUPS
    ]
    return {
        "groups": groups,
        "languages": [(code, names.LANGUAGE_NAMES[code]) for code in LANGUAGES],
        "form": form,
        "templates_needed": approving.needed(),
        "missing": sum(1 for _one in approving.missing()) if approving.needed() else 0,
    }


def _templates() -> dict[tuple[str, str, str], Template]:
    if not approving.needed():
        return {}
    return {(row.kind, row.language, row.body_hash): row for row in Template.objects.all()}


def _cell(kind: str, language: str, own: Any, known: dict) -> dict[str, Any]:
    row = known.get((kind, language, wording(kind, language).hash)) if kind in BY_TEMPLATE else None
    return {
        "language": language,
        "name": names.LANGUAGE_NAMES[language],
        "edited": (kind, language) in own,
        "template": row,
        "tone": TONES[Standing(row.status)] if row else "grey",
    }


def text_context(
    kind: str, language: str, form: TextForm | None, *, typed: Text | None = None, retimed: dict | None = None
) -> dict[str, Any]:
    """One text in one language: what is in force or was typed, as a phone would show it, its moments and its history."""
    now = editions.text_in_force(kind, language)
    history = list(editing.history(kind, language)[:HISTORY])
    if form is None:
        seen = history[0].pk if history else 0
        form = TextForm(initial={"subject": now.subject, "body": now.body, "seen": seen}, language=language)
    values = sample_values(kind, language)
    timings = [
        {
            "form": (retimed or {}).get(rule.key) or TimingForm(rule=rule, moment=editions.moment(*rule.key)),
            "step": names.STEPS.get(rule.key, ""),
            "bounds": retiming.bounds(rule),
        }
        for rule in rules_of(kind)
    ]
    current = approving.current(kind, language) if kind in BY_TEMPLATE else None
    earlier = Template.objects.filter(kind=kind, language=language, status=Standing.APPROVED).exists()
    return {
        "kind": kind,
        "name": names.NAMES[kind],
        "language": language,
        "language_name": names.LANGUAGE_NAMES[language],
        "languages": [(code, names.LANGUAGE_NAMES[code]) for code in LANGUAGES],
        "when": names.when(kind),
        "form": form,
        "preview": preview(kind, language, typed or now),
        "previewed": typed is not None,
        "variables": [
            {"name": f"{{{name}}}", "words": names.VARIABLES[name], "sample": values[name], "needed": name in must}
            for must in [required(kind, language)]
            for name in sorted(KINDS[kind].allowed, key=lambda one: (one not in must, one))
        ],
        "edited": (kind, language) in editions.own_texts(),
        "shipped": shipped(language).texts[kind],
        "history": history,
        "timings": timings,
        "forms": [form, *(one["form"] for one in timings)],
        "by_template": kind in BY_TEMPLATE,
        "templates_needed": approving.needed(),
        "template": current,
        "template_tone": TONES[Standing(current.status)] if current else "grey",
        "may_hand_in": current is None or current.status not in approving.SUBMITTED,
        "earlier_goes": earlier and (current is None or current.status != Standing.APPROVED),
    }
