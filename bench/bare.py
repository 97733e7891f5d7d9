"""The settings of what is measured against: Django with no middleware at all."""

from bench.settings import *  # noqa: F403

MIDDLEWARE = []
