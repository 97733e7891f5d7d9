from django.apps import AppConfig


class ConsultationsConfig(AppConfig):
    name = "consultations"

    def ready(self) -> None:
        from consultations import messages, panel, plan_messages, public, replies
        from consultations.services import forgetting

        for part in (messages, plan_messages, replies, panel, public, forgetting):
            part.register()
