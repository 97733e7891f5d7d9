from django.apps import AppConfig


class ConsultationsConfig(AppConfig):
    name = "consultations"

    def ready(self) -> None:
        from bookings import notices
        from clinic.crypto import resealing
        from consultations import enquiry_messages, journey, messages, panel, plan_messages, public, replies
        from consultations.selectors.enquiries import seen_counts
        from consultations.services import changes, forgetting, photos

        for part in (journey, messages, plan_messages, enquiry_messages, replies, panel, public, forgetting, changes):
            part.register()
        notices.register("enquiries", seen_counts)
        resealing.register("photos", photos.seal_again)
