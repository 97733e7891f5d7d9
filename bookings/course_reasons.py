"""Why the sessions of a plan lie where they lie, as sentences. The codes are those of `bookings.planner`."""

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bookings.planner import Failure, Note
from bookings.reasons import Reason, reason
from clinic.dates import say


def sentence_of(note: Note, names: Mapping[int, str]) -> Reason:
    """`names` are the practitioners' by id."""
    said = _said(note, {"session": note.session, "name": names.get(note.practitioner, ""), **_days(note)})
    if note.causes:
        # The first cause is the plainest: bars before the place, the place before people and things.
        said = f"{said} {reason(note.causes[0]).sentence}"
    return Reason(note.code, said)


def failure_sentence(failure: Failure) -> str:
    days = {"first": say(failure.first, "j F"), "last": say(failure.last, "j F Y"), "session": failure.session}
    if failure.session == 1:
        return _("Nothing is free from %(first)s to %(last)s.") % days
    return _("Session %(session)s would have to be from %(first)s to %(last)s, and nothing is free then.") % days


def _days(note: Note) -> dict[str, object]:
    return {"days": abs(note.days), "day": say(note.day, "l j F") if note.day else ""}


def _said(note: Note, what: dict[str, object]) -> str:
    match note.code:
        case "same_weekday_and_time":
            return _("Same weekday and time throughout.")
        case "same_weekday":
            return _("Same weekday throughout.")
        case "same_time":
            return _("Same time throughout.")
        case "same_practitioner":
            return _("Every session is with %(name)s.") % what
        case "first_to_end":
            return _("The first of these to be finished.")
        case "not_asked_weekday":
            return _("Not on the weekday you asked for.")
        case "not_asked_time":
            return _("Not at the time you asked for.")
        case "not_asked_practitioner":
            return _("Not with %(name)s.") % what
        case "another_day" if note.days > 0:
            return (
                ngettext(
                    "Session %(session)s is a day later than %(day)s.",
                    "Session %(session)s is %(days)s days later than %(day)s.",
                    note.days,
                )
                % what
            )
        case "another_day":
            return (
                ngettext(
                    "Session %(session)s is a day before %(day)s.",
                    "Session %(session)s is %(days)s days before %(day)s.",
                    -note.days,
                )
                % what
            )
        case "beyond":
            return (
                ngettext(
                    "Session %(session)s is a day later than the spacing allows.",
                    "Session %(session)s is %(days)s days later than the spacing allows.",
                    note.days,
                )
                % what
            )
        case "other_practitioner":
            return _("Session %(session)s is with %(name)s.") % what
        case "other_time":
            return _("Session %(session)s is at another time.") % what
    raise KeyError(note.code)
