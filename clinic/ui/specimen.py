"""What `/look/` shows: a form in each state and made-up content for every part. Nobody here exists."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from django import forms
from django.core.paginator import Paginator
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.ui.fields import DatePartsField
from clinic.ui.icons import ICONS
from clinic.ui.statuses import STATUSES

TOKENS = ("bg", "surface", "sunken", "ink", "muted", "line", "control")
TONES = ("accent", "clay", "danger", "warn", "ok", "info", "violet", "grey")


class Specimen(forms.Form):
    name = forms.CharField(label="Full name", help_text="As on your identity card.")
    phone = forms.CharField(label="Mobile", widget=forms.TextInput({"type": "tel", "autocomplete": "tel"}))
    email = forms.EmailField(label="Email", required=False)
    born = DatePartsField(label="Date of birth", help_text="For example 27 3 1990.", birthday=True)
    place = forms.ChoiceField(label="Location", choices=[("", "Choose one"), ("moda", "Moda"), ("bomonti", "Bomonti")])
    skin = forms.MultipleChoiceField(
        label="Is any of this on the area today?",
        widget=forms.CheckboxSelectMultiple,
        choices=[("spots", "Inflamed spots"), ("sore", "A cold sore"), ("burn", "Sunburn"), ("none", "None of these")],
    )
    areas = forms.ChoiceField(
        label="Area", widget=forms.RadioSelect, choices=[("face", "Full face"), ("neck", "Neck"), ("scar", "A scar")]
    )
    note = forms.CharField(label="Anything else", required=False, widget=forms.Textarea({"rows": 3}))
    whatsapp = forms.BooleanField(label="Send my reminders on WhatsApp", required=False)

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["skin"].exclusive = {"none"}
        self.fields["areas"].choice_hints = {"face": "75 min · ₺4,800", "neck": "60 min · ₺3,600", "scar": "60 min"}


def week() -> list[dict]:
    counts = (0, 6, 3, 8, 0, 5, 0)
    names = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    return [
        {
            "url": "?day",
            "name": name,
            "number": 11 + n,
            "count": count,
            "current": n == 1,
            "label": f"{name} {11 + n} May, " + (f"{count} times free" if count else "no time free"),
        }
        for n, (name, count) in enumerate(zip(names, counts, strict=True))
    ]


def times() -> list[dict]:
    def group(label: str, *texts: str) -> dict:
        return {"label": label, "times": [{"value": text, "text": text} for text in texts]}

    return [group(_("Morning"), "10:30", "11:00", "11:30"), group(_("Afternoon"), "14:00", "15:15", "16:30")]


APPOINTMENTS = (
    # column, state, name, what, first tick, end tick, numbing, turnaround
    (1, "pending_review", "Demir, A.", "Pen, face · Needs review", 12, 30, 6, 3),
    (1, "confirmed", "López, M.", "Pen, neck · Confirmed", 33, 48, 6, 3),
    (1, "reserved", "Öztürk, N.", "Peel, face · Form due", 54, 63, 0, 3),
    (2, "arrived", "Khan, S.", "RF, face · Arrived, 6 min", 12, 33, 9, 3),
    (2, "in_treatment", "Ortiz, P.", "PRP, face · In treatment", 36, 57, 6, 3),
    (2, "held", "Held", "Online, until 12:42", 60, 75, 6, 3),
    (3, "done", "Yılmaz, E.", "Pen, scalp · Done", 15, 27, 3, 3),
    (3, "no_show", "Brown, T.", "Consultation · No-show", 33, 40, 0, 1),
    (3, "cancelled", "حداد، ليلى", "Laser · Cancelled", 45, 58, 4, 3),
)


def columns() -> list[dict]:
    heads = ((1, "Dr Aydin", "09:00–15:00"), (2, "N. Ruiz", "09:00–16:00"), (3, "L. Haddad", "09:00–16:00"))
    keys = ("state", "name", "what", "first", "end", "numbing", "turnaround")
    return [
        {
            "id": column,
            "name": name,
            "hours": hours,
            "appointments": [dict(zip(keys, row[1:], strict=True)) for row in APPOINTMENTS if row[0] == column],
        }
        for column, name, hours in heads
    ]


def context() -> dict:
    now = timezone.now().astimezone(ZoneInfo("Europe/Istanbul"))
    typed = {"phone": "12", "email": "x", "born_0": "31", "born_1": "2", "born_2": "1990", "note": "…"}
    refused = Specimen({f"bad-{name}": value for name, value in typed.items()}, prefix="bad")
    return {
        "empty": Specimen(prefix="new"),
        "refused": refused,
        "icons": sorted(ICONS),
        "states": list(STATUSES),
        "tokens": TOKENS,
        "tones": TONES,
        "week": week(),
        "times": times(),
        "columns": columns(),
        "expires": now + timedelta(minutes=9),
        "hours": [{"text": f"{8 + n:02}:00", "first": n * 12, "end": n * 12 + 12} for n in range(8)],
        "page_obj": Paginator(range(80), 10).page(3),
        "rows": [
            {"label": "Full name", "value": "Ayşe Demir", "url": "?name"},
            {"label": "Mobile", "value": "+90 532 555 01 40", "url": "?phone"},
            {"label": "Areas", "value": "Full face\nNeck", "url": "?area"},
        ],
        "items": [
            {"when": "Mon 11 May", "title": "Stop retinoids", "state": "done"},
            {
                "when": "Today, day 1",
                "title": "Cool water only, no make-up",
                "text": "Pink and tight skin is normal today.",
                "state": "now",
            },
            {"when": "Thu 14 May", "title": "Mild flaking may begin", "state": "next"},
            {"when": "Any day", "title": "Pus, fever or spreading redness: call us", "state": "alert"},
        ],
        "talk": [
            {
                "way": "out",
                "text": "Hello Ayşe, your visit is on Tuesday at 10:30. Reply YES to confirm.",
                "at": "09:00",
                "stand": _("Read"),
                "channel": "WhatsApp",
            },
            {"way": "in", "text": "YES 🙂", "at": "09:12", "channel": "WhatsApp"},
            {
                "way": "out",
                "text": "Thank you. See you on Tuesday.",
                "at": "09:12",
                "stand": _("Not delivered"),
                "channel": "SMS",
                "failed": True,
            },
        ],
        "cards": [
            {
                "url": "?pen",
                "name": "Micro-needling",
                "concern": "Texture, fine lines, scars",
                "price": "₺3,600",
                "minutes": 75,
                "sessions": "3–6",
                "healing": "2–4 days",
                "next_free": "Tue 12 May",
            },
            {
                "url": "?rf",
                "name": "Radio-frequency micro-needling",
                "concern": "Firmness, deeper scars",
                "price": "₺6,900",
                "minutes": 105,
                "sessions": "3–4",
                "healing": "3–5 days",
                "next_free": "Thu 14 May",
            },
            {
                "url": "?consult",
                "name": "Consultation",
                "concern": "Not sure where to start?",
                "price": "₺900",
                "minutes": 35,
                "sessions": "1",
                "next_free": "Tomorrow",
            },
        ],
    }
