from django.apps import AppConfig


class ConsultationsConfig(AppConfig):
    name = "consultations"

    def ready(self) -> None:
        from consultations import journey, messages, panel, plan_messages, public, replies
        from consultations.services import changes, forgetting

        for part in (journey, messages, plan_messages, replies, panel, public, forgetting, changes):
            part.register()
