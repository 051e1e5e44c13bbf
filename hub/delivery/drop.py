"""Put the files of a report into a folder that other programs watch: each of them whole, or not at all."""

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from canonical_model.errors import ConfigurationError, RetryableError


def drop(files: Iterable[Path], folder: Path) -> None:
    """Copy files into a folder under their own names; older ones of the same name are replaced.

    Raises:
        ConfigurationError: the folder is not there: what should be mounted may not be.
        RetryableError: it takes no more, or is out of reach.
    """
    if not folder.is_dir():
        raise ConfigurationError(
            f"reports.deliver.folder: there is no folder {folder}: make it, or mount what holds it"
        )
    for path in files:
        partial = folder / f".{path.name}.partial"
        try:
            with path.open("rb") as source, partial.open("wb") as copy:
                shutil.copyfileobj(source, copy)
                copy.flush()
                os.fsync(copy.fileno())
            partial.replace(folder / path.name)
        except OSError as error:
            raise RetryableError(f"{path.name} could not be put into {folder}: {error}; try again later") from error
        finally:
            partial.unlink(missing_ok=True)
