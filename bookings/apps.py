from django.apps import AppConfig


class BookingsConfig(AppConfig):
    name = "bookings"

    def ready(self) -> None:
        from bookings import messages, public, replies
        from clinic.messaging.registry import register_reference

        register_reference("appointment", is_current=messages.is_current, title=messages.title, wants=messages.wants)
        replies.register()
        public.register()
