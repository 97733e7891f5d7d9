"""Photos sent after a visit that is over."""

import datetime as dt

from clinic.people.access import Actor
from consultations.services.check_ins import send_check_in
from consultations.services.enquiry_drafts import keep_page
from consultations.services.photos import add_photo
from tests.consultations.adverse_cast import OVER
from tests.consultations.photos.pictures import jpeg

IN_TWO_WEEKS = OVER + dt.timedelta(days=14)  # Tuesday 16 March 2027, 11:15


def chosen(*, photos=1, now=IN_TWO_WEEKS):
    """Photos chosen and not sent."""
    draft = keep_page(None, page="check_in", values={}, now=now)
    for _each in range(photos):
        add_photo(draft, data=jpeg((240, 320)), most=5, now=now)
    return draft


def checked_in(row, *, words="", photos=1, now=IN_TWO_WEEKS, language="en", draft=None):
    actor = Actor("patient", patient_id=str(row.patient_id))
    draft = draft or chosen(photos=photos, now=now)
    return send_check_in(draft, appointment=row, words=words, language=language, actor=actor, now=now)
