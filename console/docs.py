"""`splice docs`: the reference pages that are made from the code and the rule packs."""

from pathlib import Path
from typing import Annotated

import typer

from canonical_model.errors import ConfigurationError
from console.workplace import screen
from hub.reference_pages import reference_pages

FOLDER = Path("docs/reference")


def docs(
    check: Annotated[bool, typer.Option("--check", help="Write nothing; fail if a page is stale.")] = False,
) -> None:
    """Write the reference pages anew, or say which of them are stale."""
    stale = [
        name
        for name, text in reference_pages().items()
        if not (FOLDER / name).is_file() or (FOLDER / name).read_text(encoding="utf-8") != text
    ]
    if check and stale:
        raise ConfigurationError(f"stale pages in {FOLDER}: {', '.join(stale)}; run `splice docs`")
    for name in stale:
        FOLDER.mkdir(parents=True, exist_ok=True)
        (FOLDER / name).write_text(reference_pages()[name], encoding="utf-8")
    screen.print(f"{FOLDER}: {len(stale)} pages written" if stale else f"{FOLDER}: all pages are current")
