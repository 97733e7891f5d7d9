from django.apps import AppConfig


class MessagingConfig(AppConfig):
    name = "clinic.messaging"
    label = "messaging"

    def ready(self) -> None:
        from clinic.messaging import checks  # noqa: F401  registers the system checks
