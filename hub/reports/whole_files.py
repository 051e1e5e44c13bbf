"""Files that others read are there whole, all that belong together, or as they were before."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

BEGUN = ".half-"
"""How folders begin in which something is being written; what a killed process leaves of them nobody reads."""


@contextmanager
def whole_files(*paths: Path) -> Iterator[tuple[Path, ...]]:
    """Give a place to write each file to; once the block has ended well they take the places of the files themselves.

    Args:
        paths: all in one folder, which is made where it is missing.

    Raises:
        OSError: the disk takes no more; nothing was replaced, or else the replacing itself broke off.
    """
    parent = paths[0].parent
    parent.mkdir(parents=True, exist_ok=True)
    # a folder of our own: another process may be writing the same files at this moment
    with TemporaryDirectory(dir=parent, prefix=BEGUN, ignore_cleanup_errors=True) as half:
        begun = tuple(Path(half, path.name) for path in paths)
        yield begun
        for written, path in zip(begun, paths, strict=True):
            written.replace(path)
