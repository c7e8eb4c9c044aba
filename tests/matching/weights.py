"""The weights that a station starts with."""

import importlib

WEIGHTS = {
    part: points for part, (points, *_) in importlib.import_module("services.matching.migrations.0002_suggestions").WEIGHTS.items()
}
