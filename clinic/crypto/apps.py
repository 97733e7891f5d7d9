from django.apps import AppConfig


class CryptoConfig(AppConfig):
    name = "clinic.crypto"
    label = "crypto"

    def ready(self) -> None:
        from clinic import checks  # noqa: F401 - registers itself
