from django.apps import AppConfig


class EmbeddedConfig(AppConfig):
    name = "clinic.embedded"
    label = "embedded"
