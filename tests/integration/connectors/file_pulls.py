"""Pulls of files, as the hub does them: each page's resume point is what the next pull begins with."""

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from connectors.discovery import open_source
from connectors.ports import Page, StreamRead, SystemSettings


class FileFeed:
    """A folder, and the stream that is read from it."""

    def __init__(self, folder: Path, fields: Sequence[str] = ("id", "amount"), pattern: str = "lines-*.csv") -> None:
        self.folder = folder
        self.settings = SystemSettings("feed", "files", str(folder), {"settle_s": 0})
        self.fields = tuple(fields)
        self.pattern = pattern
        self.resume: dict[str, Any] | None = None
        folder.mkdir(exist_ok=True)

    def lay(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def lines(self, name: str, numbers: Sequence[int], amount: str = "1.10") -> Path:
        return self.lay(name, "id,amount\n" + "".join(f"L{number},{amount}\n" for number in numbers))

    @contextmanager
    def being_written(self, path: Path) -> Iterator[None]:
        """Somebody appends lines to a file for as long as the block lasts."""
        is_over = threading.Event()

        def write() -> None:
            with path.open("a") as file:
                while not is_over.wait(0.02):
                    file.write("L3,1.10\n")
                    file.flush()

        writer = threading.Thread(target=write)
        writer.start()
        try:
            yield
        finally:
            is_over.set()
            writer.join()

    def pages(self, stop_after: int | None = None, page_size: int = 10, **options: Any) -> list[Page]:
        """Pull; only so many pages are stored."""
        read = StreamRead("lines", self.pattern, self.fields, ("id",), page_size=page_size, options=options)
        found: list[Page] = []
        for page in open_source(self.settings).pages(read, self.resume):
            found.append(page)
            self.resume = json.loads(json.dumps(page.resume))
            if len(found) == stop_after:
                break
        return found

    def pull(self, **options: Any) -> list[str]:
        return ids(self.pages(**options))


def ids(pages: Sequence[Page]) -> list[str]:
    return [record["id"] for page in pages for record in page.records]


def told(pages: Sequence[Page]) -> str:
    return "\n".join(warning for page in pages for warning in page.warnings)
