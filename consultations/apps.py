from django.apps import AppConfig


class ConsultationsConfig(AppConfig):
    name = "consultations"

    def ready(self) -> None:
        from consultations import messages, panel, public, replies

        for part in (messages, replies, panel, public):
            part.register()
