from django.apps import AppConfig


class BookingsConfig(AppConfig):
    name = "bookings"

    def ready(self) -> None:
        from clinic.messaging.registry import register_reference

        from bookings import messages

        register_reference("appointment", is_current=messages.is_current, title=messages.title)
