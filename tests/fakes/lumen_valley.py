"""The example operator's systems on loopback, small, with the variables by which its folder finds them."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from console.estate import variables
from hub.workplace import Hub
from simulated_estate.estate import USUAL_END, Estate, build_estate
from simulated_estate.servers.serve import RunningEstate, serve_estate
from tests.fakes.prepared_hub import prepared_hub

FOLDER = Path(__file__).parents[2] / "examples" / "lumen_valley"


@dataclass(frozen=True)
class LumenValley:
    """A running estate and the operator's folder that points to it."""

    estate: Estate
    running: RunningEstate
    folder: Path
    environment: dict[str, str]

    @contextmanager
    def hub(self, workspace: Path) -> Iterator[Hub]:
        """A hub of this operator."""
        with prepared_hub(self.folder, workspace, self.environment) as hub:
            yield hub


@contextmanager
def lumen_valley(
    folder: Path,
    subscribers: int = 40,
    months: int = 3,
    seed: int = 1,
    smallest_page: int = 200,
    end: date = USUAL_END,
) -> Iterator[LumenValley]:
    """Serve a small estate; the operator's files are copied into ``folder`` so that a test may change them."""
    shutil.copytree(FOLDER, folder)
    estate = build_estate(subscribers, months, seed, end)
    with serve_estate(estate.books, smallest_page=smallest_page) as running:
        yield LumenValley(estate, running, folder, variables(running))


def change(file: Path, pattern: str, replacement: str) -> None:
    """Replace text in a file of the operator; the pattern must be there."""
    text = file.read_text(encoding="utf-8")
    changed, count = re.subn(pattern, replacement, text, flags=re.DOTALL)
    assert count, f"{pattern!r} is not in {file.name}"
    file.write_text(changed, encoding="utf-8")
