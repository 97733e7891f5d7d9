from django.apps import AppConfig


class ConsultationsConfig(AppConfig):
    name = "consultations"

    def ready(self) -> None:
        from consultations import journey, messages, panel, public, replies
        from consultations.services import changes, forgetting

        for part in (journey, messages, replies, panel, public, forgetting, changes):
            part.register()
