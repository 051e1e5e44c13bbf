"""What a command says as JSON, for other programs."""

import json
import sys
from typing import Any


def write_json(value: Any) -> None:
    """Write a value to the standard output, indented, with a line end."""
    sys.stdout.write(json.dumps(value, indent=2) + "\n")
