"""The product's settings with what a drill changes, given as JSON in the environment."""

import json
import os

from clinic.settings import *  # noqa: F403

globals().update(json.loads(os.environ["DRILL_SETTINGS"]))
