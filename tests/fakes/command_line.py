"""Commands as a person types them, in this process."""

import json
from typing import Any

from click.testing import Result
from typer.testing import CliRunner

from console.main import app
from tests.fakes.small_hub import SmallHub


class CommandLine:
    """`splice identity`, and other commands, over the workspace of a small hub."""

    def __init__(self, hub: SmallHub) -> None:
        self._where = ["--operator", str(hub.folder), "--workspace", str(hub.workspace)]
        self._environment = hub.environment

    def run(self, *words: str) -> Result:
        """Run `splice identity ...` and give what it said; an error is in ``exception``."""
        return self.other("identity", *words)

    def other(self, *words: str) -> Result:
        """Run another command of `splice`."""
        return CliRunner(env=self._environment).invoke(app, [*words, *self._where])

    def told(self, *words: str) -> str:
        """Run a command that must succeed, and give its output with every run of blanks as one."""
        done = self.run(*words)
        assert done.exception is None, done.exception
        return " ".join(done.output.split())

    def json(self, *words: str) -> Any:
        """Run a command that must succeed with ``--json``, and give what it said."""
        done = self.run(*words, "--json")
        assert done.exception is None, done.exception
        return json.loads(done.output)
