"""The Celery application. Tasks live beside the code they carry for, in each app's ``tasks.py``."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
app = Celery("needlepoint")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
