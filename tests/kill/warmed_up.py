"""Loads what leading a saga needs; imported once, by the process that all others are forked from."""

import simple_salesforce  # noqa: F401
import zeep  # noqa: F401

from connectors.plug_ins import loaded
from rules.quality import load_library

load_library()
for kind in ("salesforce", "soap", "rest"):
    loaded("connectors.systems", kind)
