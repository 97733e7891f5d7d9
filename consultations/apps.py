from django.apps import AppConfig


class ConsultationsConfig(AppConfig):
    name = "consultations"

    def ready(self) -> None:
        from bookings import notices
        from clinic.crypto import resealing
        from consultations import (
            adverse_messages,
            enquiry_messages,
            journey,
            messages,
            panel,
            plan_messages,
            public,
            replies,
        )
        from consultations.selectors import adverse, enquiries
        from consultations.services import changes, elsewhere, forgetting, photos

        parts = (journey, messages, plan_messages, enquiry_messages, adverse_messages, replies, panel, public)
        for part in (elsewhere, *parts, forgetting, changes):
            part.register()
        notices.register("enquiries", enquiries.seen_counts)
        notices.register("events", adverse.seen_counts)
        resealing.register("photos", photos.seal_again)
