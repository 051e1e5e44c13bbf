"""How pages are made of templates: everything is escaped, and nothing that is missing passes for empty."""

from pathlib import Path
from types import CodeType

from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket

from hub.reports.source_text import printable

_HERE = Path(__file__).parent


class _Compiled(BytecodeCache):
    """Templates that were compiled once: each report has an environment of its own, for its currency and zone."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """What was compiled of the same text."""
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it."""
        if bucket.code is not None:
            self._codes[bucket.key, bucket.checksum] = bucket.code


_COMPILED = _Compiled()


def page_templates() -> Environment:
    """The templates of this folder; text is shown without what could not be printed."""
    return Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        bytecode_cache=_COMPILED,
        finalize=lambda value: printable(value) if type(value) is str else value,
    )


def page_style() -> str:
    """The style sheet that every page carries within it."""
    return (_HERE / "style.css").read_text(encoding="utf-8")
