"""The Celery application. Tasks live beside the code they carry for, in each app's ``tasks.py``."""

import os

from celery import Celery
from celery.signals import setup_logging

from clinic import broker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
broker.install()
app = Celery("needlepoint")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def _keep_our_logging(**given) -> None:
    """Celery would put its own handlers in place of ours, which leave out what is private."""
