"""The product's settings, with the two pages it is measured against mounted beside it."""

from clinic.settings import *  # noqa: F403

ROOT_URLCONF = "bench.urls"
