from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "clinic.ui"
    label = "ui"
